"""Things that show values and tell of gestures. They know values and Qt, no service."""
