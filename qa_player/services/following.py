"""Following: where the ear is, and which turns speak there, told only when they change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from qa_player.model.playback import PlaybackState
from qa_player.model.transcript import TurnTimeline
from qa_player.services.library import OpenSession
from qa_player.signal import Signal

TICK_SECONDS = 1 / 60
"""How often the position is told while it plays: once a display frame."""

SOONEST_SECONDS = 1 / 500

RESTART_TURN_MS = 1_000
"""Further into a turn than this, going back goes to its start, not to the turn before."""


class Following:
    """The position over the placed turns of one session; ``session`` is null while none is open.

    ``position_changed`` tells milliseconds from audio zero; ``active_turns_changed`` the indices of the turns that
    speak there, the primary first.
    """

    def __init__(self) -> None:
        self.position_changed: Signal[float] = Signal()
        self.active_turns_changed: Signal[tuple[int, ...]] = Signal()
        self.session: OpenSession | None = None
        self.position_ms = 0.0
        self.active_turns: tuple[int, ...] = ()
        self._timeline = TurnTimeline(())

    def follow(self, session: OpenSession | None) -> None:
        """Follow these turns from now on; with none the position is back at audio zero and nobody speaks."""
        self.session = session
        self._timeline = TurnTimeline(() if session is None else session.turns)
        if session is None:
            self.position_ms = 0.0
            self._speak(())

    def move(self, position_ms: float) -> None:
        """The ear is at ``position_ms``."""
        if position_ms != self.position_ms:
            self.position_ms = position_ms
            self.position_changed.emit(position_ms)
        self._speak(self._timeline.active_turns(position_ms))

    async def keep_up(self, state: Callable[[], PlaybackState], look: Callable[[], None]) -> None:
        """Call ``look`` once a frame while it plays. Nobody waits for this: it ends with the session."""
        while True:
            await asyncio.sleep(self.next_look_seconds(state()))
            if state().playing:
                look()

    def next_look_seconds(self, state: PlaybackState) -> float:
        """A frame, or less where a turn begins or ends within it: the eye is to have it when the ear does."""
        change_ms = self._timeline.next_change(self.position_ms)
        if change_ms is None or state.buffering or not state.playing:
            return TICK_SECONDS
        seconds = (change_ms - self.position_ms) / 1_000 / state.speed
        return min(TICK_SECONDS, max(seconds, SOONEST_SECONDS))

    def previous_start_ms(self) -> int:
        """The start of the turn that speaks, or, near its start, of the one before; audio zero before the first."""
        start_ms = self._start_of(self._timeline.turn_before(self.position_ms - RESTART_TURN_MS))
        return 0 if start_ms is None else start_ms

    def next_start_ms(self) -> int | None:
        """The start of the next turn, null after the last."""
        return self._start_of(self._timeline.turn_after(self.position_ms))

    def _start_of(self, index: int | None) -> int | None:
        if index is None or self.session is None:
            return None
        return self.session.turns[index].start_ms

    def _speak(self, active: tuple[int, ...]) -> None:
        if active != self.active_turns:
            self.active_turns = active
            self.active_turns_changed.emit(active)
