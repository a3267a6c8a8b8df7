"""The real parts that tests run against: a display, a sound card that is recorded, a keychain, an event loop."""
