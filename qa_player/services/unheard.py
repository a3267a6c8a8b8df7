"""Only the unheard: playing what this person has not heard of a recording yet, and nothing else of it."""

from __future__ import annotations

from qa_player.model.annotation import Span
from qa_player.model.coverage import CRUMB_MS, unheard, union
from qa_player.model.playback import PlaybackState
from qa_player.services.coverage import Coverage
from qa_player.services.playback import Playback
from qa_player.signal import Signal

RAN_PAST_MS = 1_000.0
"""Further past the end of a stretch than this nobody ran: somebody went there."""


class Unheard:
    """A switch. ``changed`` tells whether it is on; ``finished`` that nothing unheard is left.

    It goes off when somebody goes to a place that was heard already: they want to hear it again.
    """

    def __init__(self, playback: Playback, coverage: Coverage) -> None:
        self.changed: Signal[bool] = Signal()
        self.finished: Signal[()] = Signal()
        self._playback = playback
        self._coverage = coverage
        self._now: Span | None = None
        self._passed: list[Span] = []
        self._going = False
        playback.position_changed.connect(self._moved)
        playback.state_changed.connect(self._state_changed)
        playback.closed.connect(self._off)

    @property
    def on(self) -> bool:
        """Whether only the unheard is played."""
        return self._now is not None

    def toggle(self) -> None:
        """On from where the ear is, or off."""
        if self.on:
            self._off()
            return
        self._passed = []
        at = self._playback.position_ms
        self._go(next((span for span in self._left() if span.holds(at)), None) or self._following(at), play=True)

    def _left(self) -> tuple[Span, ...]:
        duration_ms = self._playback.state.duration_ms or 0
        return unheard(union([*self._coverage.covered(), *self._passed]), duration_ms)

    def _following(self, at_ms: float) -> Span | None:
        """The next stretch after ``at_ms``, or from the start again; null when there is none."""
        left = self._left()
        return next((span for span in left if span.start_ms >= at_ms), left[0] if left else None)

    def _go(self, span: Span | None, *, play: bool) -> None:
        before, self._now = self.on, span
        if span is None:
            self._playback.pause()
            self.finished.emit()
        else:
            self._going = True
            try:
                if not span.holds(self._playback.position_ms):
                    self._playback.seek(span.start_ms)
                if play:
                    self._playback.play()
            finally:
                self._going = False
        if self.on is not before:
            self.changed.emit(self.on)

    def _moved(self, position_ms: float) -> None:
        now = self._now
        if now is None or self._going or now.start_ms - CRUMB_MS <= position_ms < now.end_ms:
            return
        if now.end_ms <= position_ms < now.end_ms + RAN_PAST_MS:
            self._go_on(now, position_ms)
            return
        elsewhere = next((span for span in self._left() if span.holds(position_ms)), None)
        if elsewhere is None:
            self._off()
        else:
            self._now = elsewhere

    def _state_changed(self, state: PlaybackState) -> None:
        # at another speed a recording may end a little before its own end
        if self._now is not None and state.ended and not self._going:
            self._go_on(self._now, float(self._now.end_ms))

    def _go_on(self, passed: Span, position_ms: float) -> None:
        self._passed.append(passed)
        self._go(self._following(position_ms), play=True)

    def _off(self) -> None:
        if self.on:
            self._now = None
            self.changed.emit(False)
