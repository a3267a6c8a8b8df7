"""Lyzr: voice agents on LiveKit."""
