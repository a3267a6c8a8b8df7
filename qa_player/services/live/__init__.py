"""Calls in progress as a person has them: expected, received, listened to, stopped, and kept as sessions."""

from qa_player.services.live.service import Live

__all__ = ["Live"]
