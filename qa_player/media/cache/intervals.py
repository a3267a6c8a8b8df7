"""Which bytes are held: a sorted set of [start, end) intervals that neither touch nor overlap."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable


class Intervals:
    """Half-open intervals of bytes.

    >>> held = Intervals([(0, 4), (8, 12)])
    >>> held.add(4, 6); held.spans
    ((0, 6), (8, 12))
    >>> held.end_of(2), held.end_of(7), held.gap(2)
    (6, 7, (6, 8))
    """

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in spans:
            self.add(start, end)

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The intervals in order."""
        return tuple(zip(self._starts, self._ends, strict=True))

    @property
    def size(self) -> int:
        """How many bytes they cover together."""
        return sum(self._ends) - sum(self._starts)

    def add(self, start: int, end: int) -> None:
        """Cover [start, end)."""
        if start >= end:
            return
        first = bisect_left(self._ends, start)
        last = bisect_right(self._starts, end)
        if first < last:
            start = min(start, self._starts[first])
            end = max(end, self._ends[last - 1])
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]

    def remove(self, start: int, end: int | None) -> None:
        """Cover nothing of [start, end) any more; null means to infinity."""
        kept: list[tuple[int, int]] = []
        for held_start, held_end in self.spans:
            kept.append((held_start, min(held_end, start)))
            if end is not None:
                kept.append((max(held_start, end), held_end))
        self._starts, self._ends = [], []
        for held_start, held_end in kept:
            self.add(held_start, held_end)

    def end_of(self, position: int) -> int:
        """The end of the interval that covers ``position``, or ``position`` itself when none does."""
        index = bisect_right(self._starts, position) - 1
        return max(position, self._ends[index]) if index >= 0 else position

    def gap(self, position: int) -> tuple[int, int | None]:
        """The first [start, end) at or after ``position`` that is not covered; null when nothing lies behind it."""
        start = self.end_of(position)
        following = bisect_right(self._starts, start)
        return start, self._starts[following] if following < len(self._starts) else None
