"""Stand-in providers on loopback with spoken sample sessions: the demo, and the fixture of the tests."""
