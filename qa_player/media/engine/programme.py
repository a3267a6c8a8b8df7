"""The parts of a recording in their places on one timeline, as far as their lengths are known."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from qa_player.errors import QaPlayerError
from qa_player.media.container.headers import MediaFile
from qa_player.media.decode.landmarks import Landmarks

OpenReader = Callable[[Callable[[], bool]], MediaFile]
"""Gives a file as a blocking one whose reads end when the function it is handed says true."""

SAME_LENGTH_MS = 100.0
"""Decoding to the end confirms a stated length that differs by less: codecs pad their last block."""


@dataclass(frozen=True)
class Segment:
    """One file. ``start_ms`` is its place, null for right after the one before; what would overlap comes after, too.

    ``duration_ms`` is what is known of its length beforehand. A null ``open_reader`` says that it is not to be had,
    ``error`` why. ``landmarks`` gives the ways to far places that are known by now.
    """

    open_reader: OpenReader | None
    start_ms: int | None = None
    duration_ms: int | None = None
    error: QaPlayerError | None = None
    landmarks: Callable[[], Landmarks | None] = lambda: None


@dataclass(frozen=True)
class Placed:
    """Where a part lies. ``start_ms`` is null until the lengths before it are known, ``duration_ms`` until its own is.

    ``exact`` is false for a length that is only stated or estimated. ``error`` is why silence stands in its place.
    """

    start_ms: float | None
    duration_ms: float | None
    exact: bool
    error: QaPlayerError | None


@dataclass(frozen=True)
class _Known:
    """What is known of one part's length, and its trouble."""

    duration_ms: float | None
    exact: bool
    error: QaPlayerError | None


class Programme:
    """Segments and what was learned of them. Any thread may call any method; none waits.

    ``changed`` is called, on the thread that learned it, whenever a place, a length or a trouble is another one.
    """

    def __init__(self, segments: Sequence[Segment], changed: Callable[[], None] = lambda: None) -> None:
        self.segments = tuple(segments)
        self._changed = changed
        self._lock = threading.Lock()
        self._known = [
            _Known(
                None if one.duration_ms is None else float(one.duration_ms),
                exact=one.open_reader is None,
                error=one.error,
            )
            for one in self.segments
        ]

    def placed(self) -> tuple[Placed, ...]:
        """Every part with its place."""
        with self._lock:
            places = []
            free: float | None = 0.0
            for segment, known in zip(self.segments, self._known, strict=True):
                start = free
                if segment.start_ms is not None:
                    start = float(segment.start_ms) if free is None else max(float(segment.start_ms), free)
                length = known.duration_ms
                if length is None and known.error is not None:
                    length = 0.0
                places.append(Placed(start, length, known.exact, known.error))
                free = None if start is None or length is None else start + length
            return tuple(places)

    def length(self) -> tuple[float | None, bool]:
        """The whole in milliseconds, null while unknown, and whether that is exact."""
        places = self.placed()
        last = places[-1]
        if last.start_ms is None or last.duration_ms is None:
            return None, False
        return last.start_ms + last.duration_ms, all(place.exact for place in places)

    def learn_stated(self, number: int, duration_ms: float | None, *, exact: bool) -> None:
        """Part ``number`` can be opened, and its header tells its length; what was known before beats an estimate."""
        known = self._of(number)
        if duration_ms is not None and not known.exact and (exact or known.duration_ms is None):
            known = replace(known, duration_ms=duration_ms, exact=exact)
        self._learn(number, replace(known, error=None))

    def learn_end(self, number: int, duration_ms: float) -> None:
        """Part ``number`` was decoded to its end."""
        known = self._of(number)
        if known.duration_ms is None or abs(known.duration_ms - duration_ms) > SAME_LENGTH_MS:
            known = replace(known, duration_ms=duration_ms)
        self._learn(number, replace(known, exact=True))

    def fail(self, number: int, error: QaPlayerError) -> None:
        """Part ``number`` is silent until it can be opened."""
        self._learn(number, replace(self._of(number), error=error))

    def any_left(self) -> bool:
        """Whether any part can be heard as far as is known."""
        with self._lock:
            return any(known.error is None for known in self._known)

    def recover(self, number: int) -> None:
        """Part ``number`` sounds."""
        known = self._of(number)
        if known.error is not None:
            self._learn(number, replace(known, error=None))

    def _of(self, number: int) -> _Known:
        with self._lock:
            return self._known[number]

    def _learn(self, number: int, known: _Known) -> None:
        with self._lock:
            new = known != self._known[number]
            self._known[number] = known
        if new:
            self._changed()
