"""Calls in progress: the relay that carriers dial, and what they send, kept whole. The only door to websockets."""
