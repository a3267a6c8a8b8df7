"""The script of a very long call."""
