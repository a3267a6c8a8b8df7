"""Where rows of many heights lie one below the other: estimated until somebody measures them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate


class RowHeights:
    """``tops[row]`` is where a row begins, ``tops[-1]`` where the last one ends, all in pixels."""

    def __init__(self) -> None:
        self.tops: list[int] = [0]
        self.known = False
        """Whether somebody estimated them since they were forgotten."""
        self._heights: list[int] = []
        self._measured: list[bool] = []

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, row: int) -> int:
        return self._heights[row]

    @property
    def measured(self) -> int:
        """How many rows have their exact height."""
        return sum(self._measured)

    def forget(self) -> None:
        """Nothing is known of any row."""
        self._heights, self._measured, self.tops, self.known = [], [], [0], False

    def forget_row(self, row: int) -> None:
        """Measure this one again when it is next wanted."""
        if row < len(self._measured):
            self._measured[row] = False

    def estimate(self, heights: Sequence[int]) -> None:
        """Take these until each is measured."""
        self._heights, self._measured, self.known = list(heights), [False] * len(heights), True
        self._restack()

    def measure(self, first: int, bottom: int, height_of: Callable[[int], int]) -> tuple[int, bool]:
        """Measure rows from ``first`` until they reach ``bottom``: the row after them, and whether anything moved."""
        row, top, changed = first, self.tops[first], False
        while row < len(self._heights) and top < bottom:
            if not self._measured[row]:
                height = height_of(row)
                changed |= height != self._heights[row]
                self._heights[row], self._measured[row] = height, True
            top += self._heights[row]
            row += 1
        if changed:
            self._restack()
        return row, changed

    def row_at(self, y: int) -> int:
        """The row at ``y``, -1 where there is none."""
        row = bisect_right(self.tops, y) - 1
        return row if 0 <= row < len(self._heights) else -1

    def _restack(self) -> None:
        self.tops = list(accumulate(self._heights, initial=0))
