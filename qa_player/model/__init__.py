"""Frozen values of the field: sessions, turns, spans, annotations. No input, no output."""
