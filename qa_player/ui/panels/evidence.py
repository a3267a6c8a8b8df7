"""Hearing the turn that a card of a note rests on."""

from __future__ import annotations

from qa_player.services.playback import Playback


class Evidence:
    """Goes to a turn of the open session by its number, and plays it."""

    def __init__(self) -> None:
        self._playback: Playback | None = None

    def attach(self, playback: Playback) -> None:
        """Work with this from now on."""
        self._playback = playback

    def seek(self, turn_index: int | None) -> bool:
        """Put the playhead on a turn; false where there is none, or nobody knows when it was said."""
        session = None if self._playback is None else self._playback.session
        turn = next((one for one in session.turns if one.index == turn_index), None) if session is not None else None
        if self._playback is None or turn is None or turn.start_ms is None:
            return False
        self._playback.seek(turn.start_ms)
        return True

    def hear(self, turn_index: int | None) -> None:
        """Play from a turn on."""
        if self.seek(turn_index) and self._playback is not None:
            self._playback.play()
