"""Where a frame of one track lies on the capture's clock: in order, behind a gap, back in a hole, or nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field

JITTER_MS = 60
"""Frames that follow one another by number are joined without a seam while their clock is no further off than this."""
LEAP_MS = 600_000
"""A clock that leaps further than this is not believed."""
MOST_HOLES = 10_000


@dataclass
class Hole:
    """Samples [start, end) that did not come; ``first`` is the number of the first chunk missing, ``each`` its length,
    null where nothing says how many there are."""

    start: int
    end: int
    first: int | None
    each: int


@dataclass(frozen=True)
class Place:
    """``start`` is the first sample's place, null for a frame that has none; ``why`` says what is odd, in our words.

    ``gap`` is the stretch of nothing right before it, ``missing`` how many frames are known not to have come.
    """

    start: int | None
    why: str = ""
    gap: tuple[int, int] | None = None
    missing: int = 0


@dataclass
class TrackClock:
    """One track: ``end`` is behind its last sample, ``chunk`` the number of its last frame in order. In samples."""

    rate: int
    end: int = 0
    chunk: int | None = None
    begun: bool = False
    holes: list[Hole] = field(default_factory=list)

    def place(self, at: int | None, chunk: int | None, length: int) -> Place:
        """Find the place of a frame of ``length`` samples that says it begins at ``at``."""
        step = None if chunk is None or self.chunk is None else chunk - self.chunk
        if not self.begun:
            return self._first(at, chunk, length)
        counts_anew = step is not None and step < 0 and at is not None and at >= self.end - length // 2
        if step is not None and step <= 0 and not counts_anew:
            return self._back(at, chunk, length)
        if step is None and at is not None and at < self.end - min(length // 2, self._of(20)):
            return self._back(at, chunk, length)
        return self._ahead(at, chunk, length, step=step if step is not None and step > 0 else None)

    def restart(self) -> None:
        """The stream began anew: numbers start again."""
        self.chunk = None
        self.holes.clear()

    def _of(self, ms: int) -> int:
        return ms * self.rate // 1_000

    def _first(self, at: int | None, chunk: int | None, length: int) -> Place:
        start = at if at is not None and 0 <= at <= self._of(LEAP_MS) else 0
        self.begun = True
        place = self._put(start, chunk, length)
        if not start:
            return place
        missing = chunk - 1 if chunk is not None and 1 < chunk <= start // max(length, 1) + 1 else 0
        self._note_hole(Hole(0, start, 1 if missing else None, length))
        return Place(start, "", (0, start), missing)

    def _ahead(self, at: int | None, chunk: int | None, length: int, *, step: int | None) -> Place:
        missing = 0 if step is None else step - 1
        usual = self.end + missing * length
        tolerated = self._of(JITTER_MS) if step is not None else min(length // 2, self._of(20))
        if at is None:
            at = usual
        why = ""
        if abs(at - usual) <= tolerated:
            start = usual
        elif at < self.end or at - self.end > self._of(LEAP_MS):
            start, why = self.end, "the clock of the frames leaps; they are joined in the order they came in"
        else:
            start = at
        if start - self.end > self._of(LEAP_MS):
            start, why = self.end, "the numbers of the frames leap; they are joined in the order they came in"
        gap = (self.end, start) if start > self.end else None
        if gap is not None:
            self._note_hole(Hole(*gap, None if self.chunk is None or not missing else self.chunk + 1, length))
        self._put(start, chunk, length)
        return Place(start, why, gap, missing)

    def _back(self, at: int | None, chunk: int | None, length: int) -> Place:
        """A frame that comes late goes where it is missing; one that is missing nowhere is a repetition."""
        for hole in reversed(self.holes):
            start = self._in_hole(hole, at, chunk, length)
            if start is not None:
                self.holes.remove(hole)
                before = Hole(hole.start, start, hole.first, hole.each)
                behind = Hole(start + length, hole.end, None if chunk is None else chunk + 1, hole.each)
                for rest in (before, behind):
                    if rest.end > rest.start:
                        self._note_hole(rest)
                return Place(start, "late")
        return Place(None, "repeated")

    def _in_hole(self, hole: Hole, at: int | None, chunk: int | None, length: int) -> int | None:
        if hole.first is not None and chunk is not None and hole.each == length:
            start = hole.start + (chunk - hole.first) * hole.each
            if (hole.end - hole.start) % hole.each == 0:
                return start if chunk >= hole.first and start + length <= hole.end else None
        if at is None:
            return None
        slack = self._of(20)
        if at < hole.start - slack or at + length > hole.end + slack or hole.end - hole.start < length:
            return None
        return min(max(at, hole.start), hole.end - length)

    def _put(self, start: int, chunk: int | None, length: int) -> Place:
        self.end = start + length
        self.chunk = chunk if chunk is not None else None if self.chunk is None else self.chunk + 1
        return Place(start)

    def _note_hole(self, hole: Hole) -> None:
        self.holes.append(hole)
        self.holes.sort(key=lambda one: one.start)
        if len(self.holes) > MOST_HOLES:
            del self.holes[0]
