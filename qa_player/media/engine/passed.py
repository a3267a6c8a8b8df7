"""What of a recording has gone past the ear: stretches that follow one another, kept until somebody takes them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from qa_player.media.engine.ring import OUTPUT_RATE, Skipped
from qa_player.model.playback import Heard

_SAME_PLACE_MS = 0.01
_FRAMES_PER_MS = OUTPUT_RATE / 1_000


@dataclass(frozen=True)
class _Stretch:
    start_ms: float
    end_ms: float
    speed: float
    audible: bool
    level_db: float | None


class Passed:
    """Not thread-safe: its owner holds a lock around every call. Places are milliseconds of the recording."""

    def __init__(self) -> None:
        self._stretches: list[_Stretch] = []

    def sounded(self, start_ms: float, end_ms: float, ms_per_frame: float, *, audible: bool) -> None:
        """From ``start_ms`` to ``end_ms`` it was played; ``audible`` is false for sound at no volume."""
        self._add(_Stretch(start_ms, end_ms, round(ms_per_frame * _FRAMES_PER_MS, 4), audible, None))

    def skipped(self, silence: Skipped, ms_per_frame: float) -> None:
        """A silence was left out."""
        speed = round(ms_per_frame * _FRAMES_PER_MS, 4)
        self._add(_Stretch(silence.start_ms, silence.end_ms, speed, False, silence.level_db))

    def take(self) -> list[Heard]:
        """All of it, in order and in whole milliseconds; it is not told again."""
        taken, self._stretches = self._stretches, []
        return [
            Heard(round(one.start_ms), round(one.end_ms), one.speed, audible=one.audible, level_db=one.level_db)
            for one in taken
            if round(one.end_ms) > round(one.start_ms)
        ]

    def _add(self, more: _Stretch) -> None:
        if more.end_ms <= more.start_ms:
            return
        last = self._stretches[-1] if self._stretches else None
        if last is not None and abs(last.end_ms - more.start_ms) < _SAME_PLACE_MS:
            grown = replace(last, end_ms=more.end_ms)
            if grown == replace(more, start_ms=last.start_ms):
                self._stretches[-1] = grown
                return
        self._stretches.append(more)
