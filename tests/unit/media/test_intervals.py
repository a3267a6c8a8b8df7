"""Which bytes are held: compared with a set of numbers."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from qa_player.media.cache.intervals import Intervals

EDGES = st.integers(0, 40)


@given(st.lists(st.tuples(st.booleans(), EDGES, EDGES), max_size=20), EDGES)
def test_intervals_are_what_a_set_of_bytes_is(steps: list[tuple[bool, int, int]], position: int) -> None:
    intervals, model = Intervals(), set[int]()
    for adds, start, end in steps:
        (intervals.add if adds else intervals.remove)(start, end)
        model = model | set(range(start, end)) if adds else model - set(range(start, end))
    assert {byte for start, end in intervals.spans for byte in range(start, end)} == model
    assert intervals.size == len(model)
    spans = intervals.spans
    assert all(end < following for (_, end), (following, _) in itertools.pairwise(spans))
    start, end = intervals.gap(position)
    assert start == next(byte for byte in range(position, 100) if byte not in model)
    assert end == next((byte for byte in range(start, 100) if byte in model), None)


def test_removing_to_infinity_leaves_what_is_before() -> None:
    intervals = Intervals([(0, 10), (20, 30)])
    intervals.remove(5, None)
    assert intervals.spans == ((0, 5),)
