"""Providers without code: a TOML file says where an API keeps what, and the provider here goes and gets it."""
