"""Arithmetic of what was heard, against counting every millisecond."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_player.model.annotation import Span
from qa_player.model.coverage import (
    Gathered,
    Manner,
    Sitting,
    gaps,
    insert,
    length_ms,
    percent,
    share_of,
    spans_of,
    unheard,
    union,
    without,
)
from qa_player.model.playback import Heard

END = 400
spans = st.lists(
    st.tuples(st.integers(0, END - 1), st.integers(1, 90)).map(
        lambda one: Span(start_ms=one[0], end_ms=min(one[0] + one[1], END))
    ),
    max_size=14,
)
heard = st.lists(
    st.builds(
        lambda start, long, speed, audible, level: Heard(
            start, min(start + long, END), speed, audible=audible and level is None, level_db=level
        ),
        st.integers(0, END),
        st.integers(0, 120),
        st.sampled_from([0.5, 1.0, 2.0]),
        st.booleans(),
        st.sampled_from([None, None, None, -61.5, float("-inf")]),
    ),
    max_size=20,
)


def places(of: object) -> set[int]:
    return {at for one in of for at in range(one.start_ms, one.end_ms)}  # type: ignore[attr-defined]


def tidy(found: tuple[Span, ...] | list[Span]) -> bool:
    """Sorted, disjoint, and nothing that touches left apart."""
    return all(one.end_ms < other.start_ms for one, other in itertools.pairwise(found))


@given(spans)
def test_a_union_is_every_place_once(some: list[Span]) -> None:
    joined = union(some)
    assert places(joined) == places(some)
    assert tidy(joined)
    assert length_ms(joined) == len(places(some))


@given(spans, spans)
def test_a_difference_is_every_place_of_one_that_is_not_of_the_other(some: list[Span], other: list[Span]) -> None:
    left = without(union(some), union(other))
    assert places(left) == places(some) - places(other)
    assert tidy(left)


@given(spans, st.integers(0, END))
def test_what_is_not_heard_and_what_is_make_the_recording(some: list[Span], duration_ms: int) -> None:
    left = gaps(union(some), duration_ms)
    assert places(left) == set(range(duration_ms)) - places(some)
    assert length_ms(left) + length_ms(union(some), duration_ms) == duration_ms


@given(spans)
def test_inserting_one_by_one_is_the_union(some: list[Span]) -> None:
    kept: list[Span] = []
    for span in some:
        insert(kept, span.start_ms, span.end_ms)
    assert tuple(kept) == union(some)


@given(heard)
def test_every_manner_and_speed_is_counted_by_itself(stretches: list[Heard]) -> None:
    gathered = Gathered()
    for one in stretches:
        gathered.add(one)
    found = gathered.stretches()
    assert list(found) == sorted(found, key=lambda one: one.start_ms)
    for manner in Manner:
        for speed in (0.5, 1.0, 2.0):
            expected = {
                at
                for one in stretches
                if one.speed == speed
                and manner is (Manner.SKIPPED if one.skipped else Manner.HEARD if one.audible else Manner.MUTED)
                for at in range(one.start_ms, one.end_ms)
            }
            assert places(one for one in found if (one.manner, one.speed) == (manner, speed)) == expected
    assert all((one.level_db is not None) == (one.manner is Manner.SKIPPED) for one in found)


@pytest.mark.parametrize(
    ("part", "whole", "shown"), [(0, 0, 0), (5, 0, 0), (4, 1_000, 1), (996, 1_000, 99), (9, 8, 100)]
)
def test_all_and_nothing_are_said_only_of_all_and_nothing(part: int, whole: int, shown: int) -> None:
    assert percent(part, whole) == shown


@given(stretches=heard, duration_ms=st.integers(1, END + 100))
def test_the_share_is_what_the_spans_come_to(stretches: list[Heard], duration_ms: int) -> None:
    gathered = Gathered()
    for one in stretches:
        gathered.add(one)
    sitting = Sitting(
        sitting_id="1",
        connection="acme",
        session_id="1",
        actor="Rita",
        login="rita",
        began_at=datetime(2026, 11, 20, tzinfo=UTC),
        ended_at=None,
        stretches=gathered.stretches(),
    )
    for manners in ((Manner.HEARD,), (Manner.HEARD, Manner.SKIPPED)):
        spans = spans_of([sitting], *manners)
        share = share_of([sitting], duration_ms, *manners)
        assert share.length_ms == length_ms(spans, duration_ms)
        assert share.is_all == (not unheard(spans, duration_ms))
