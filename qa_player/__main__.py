"""Sends the window to ui.main and everything else to the command line."""
