"""A note held against the conversation it was written from."""
