"""Agreement on spans: hand-made cases, and every matching tried."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from qa_player.model.annotation import Span
from qa_player.model.span_agreement import LEAST_OVERLAP, SpanAgreement, compare, overlap, together


def spans(*seconds: tuple[int, int]) -> tuple[Span, ...]:
    return tuple(Span(start_ms=start * 1_000, end_ms=end * 1_000) for start, end in seconds)


def test_spans_that_share_half_of_what_they_cover_are_a_match() -> None:
    assert compare(spans((0, 3)), spans((1, 4))) == SpanAgreement(1, 1, 1, 2_000, 4_000)
    assert compare(spans((0, 3)), spans((2, 5))) == SpanAgreement(0, 1, 1, 1_000, 5_000)
    assert compare(spans((0, 3)), spans((3, 6))) == SpanAgreement(0, 1, 1, 0, 6_000)


def test_a_span_is_matched_once() -> None:
    """One who marks the same moment twice is not twice right: 2 x 1 / (2 + 1)."""
    told = compare(spans((0, 4), (0, 4)), spans((0, 4)))
    assert (told.f1, told.overlap) == (Fraction(2, 3), 1)


def test_one_long_stretch_and_the_same_cut_in_two_share_all_their_time_and_no_more_than_a_match() -> None:
    told = compare(spans((0, 10)), spans((0, 5), (5, 10)))
    assert (told.f1, told.overlap) == (Fraction(2, 3), 1)


def test_a_span_lets_its_partner_go_to_one_that_has_no_other() -> None:
    """The first could take either, the second only what the first would take first."""
    told = compare(spans((0, 10), (3, 10)), spans((2, 10), (0, 6)))
    assert told.matched == 2


def test_where_nobody_marked_anything_nothing_is_said() -> None:
    nothing = compare((), ())
    assert nothing.f1 is nothing.overlap is None
    missed = compare((), spans((0, 1)))
    assert missed.f1 == missed.overlap == 0
    assert together([nothing, missed, compare(spans((0, 1)), spans((0, 1)))]).f1 == Fraction(2, 3)


SPANS = st.lists(
    st.builds(lambda start, length: Span(start_ms=start, end_ms=start + length), st.integers(0, 9), st.integers(1, 6)),
    max_size=4,
)


@given(SPANS, SPANS)
def test_no_other_matching_finds_more(first: list[Span], second: list[Span]) -> None:
    few, many = sorted((first, second), key=len)
    best = max(
        sum(overlap(one, other) >= LEAST_OVERLAP for one, other in zip(few, order, strict=False))
        for order in permutations(many)
    )
    told = compare(first, second)
    assert told.matched == best
    ticks = [{tick for span in one for tick in range(span.start_ms, span.end_ms)} for one in (first, second)]
    assert (told.shared_ms, told.covered_ms) == (len(ticks[0] & ticks[1]), len(ticks[0] | ticks[1]))
