"""The areas of the window. They know services; each is given the two or three that it uses."""
