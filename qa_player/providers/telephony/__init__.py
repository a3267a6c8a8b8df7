"""Telephony: recordings of phone calls, for vendors that speak Plivo's API, each in a dialect of its own."""
