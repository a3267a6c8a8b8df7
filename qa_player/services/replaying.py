"""Replaying: what one wants to hear again: a turn once more, slower and from further back, or over and over."""

from __future__ import annotations

from qa_player.model.annotation import Span
from qa_player.model.transcript import Turn, TurnTimeline
from qa_player.model.value import MAX_MS
from qa_player.services.playback import Playback

SLOW = 0.75
SLOWER = 0.5
"""For who listens at `SLOW` or less anyway."""

PRESSED_AGAIN_MS = 1_500
"""So soon after a slow replay the same key still means that one: one turn wider."""

SHORTEST_LOOP_MS = 200


class Replaying:
    """Acts on the open session of ``playback``; without a turn that has a time nothing happens."""

    def __init__(self, playback: Playback) -> None:
        self._playback = playback
        self._slow: Span | None = None
        playback.closed.connect(self._forget)

    def again(self) -> None:
        """The turn that speaks now, or spoke last, from its start."""
        span = self.turn_span()
        if span is not None:
            self._playback.seek(span.start_ms)
            self._playback.play()

    def again_slower(self) -> None:
        """The same turn slowly, then on at the former speed; called again meanwhile, from one turn further back."""
        span = self._wider() or self.turn_span()
        if span is not None:
            usual = self._playback.state.listening.speed
            self._slow = span
            self._playback.replay(span.start_ms, span.end_ms, speed=SLOW if usual > SLOW else SLOWER)

    def loop(self, selection: Span | None) -> None:
        """Over and over: the selection, or the turn that speaks; while there is a loop, end it."""
        if self._playback.state.listening.loop is not None:
            self._playback.set_loop(None)
            return
        span = selection or self.turn_span()
        if span is not None:
            end_ms = max(span.end_ms, span.start_ms + SHORTEST_LOOP_MS)
            self._playback.set_loop(Span(start_ms=span.start_ms, end_ms=end_ms))
            self._playback.play()

    def _wider(self) -> Span | None:
        """The slow replay that is being heard, or just was, begun one turn earlier."""
        slow, at_ms = self._slow, self._playback.position_ms
        state = self._playback.state
        running = slow is not None and slow.holds(at_ms) and state.speed != state.listening.speed
        if slow is None or not (running or slow.end_ms <= at_ms < slow.end_ms + PRESSED_AGAIN_MS):
            return None
        before = self._spoken_before(slow.start_ms)
        return slow if before is None else Span(start_ms=before.start_ms or 0, end_ms=slow.end_ms)

    def turn_span(self) -> Span | None:
        """Of the turn one hears, in a silence of the one before; null where there is none."""
        session, active = self._playback.session, self._playback.active_turns
        if session is None:
            return None
        turn = session.turns[active[0]] if active else self._spoken_before(self._playback.position_ms + 0.5)
        if turn is None or turn.start_ms is None:
            return None
        end_ms = turn.end_ms if turn.end_ms is not None else self._playback.state.duration_ms or MAX_MS
        return Span(start_ms=turn.start_ms, end_ms=end_ms) if end_ms > turn.start_ms else None

    def _spoken_before(self, position_ms: float) -> Turn | None:
        session = self._playback.session
        if session is None:
            return None
        index = TurnTimeline(session.turns).turn_before(position_ms)
        return None if index is None else session.turns[index]

    def _forget(self) -> None:
        self._slow = None
