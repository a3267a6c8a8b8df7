"""How far two people mean the same moments: spans of one matched with spans of the other, and the time they share.

Two spans are a match when what they share is at least half of what they cover together (intersection over union), each
span in one match at most and as many matches as there can be. F1 is twice the matches over all spans of both. Beside it
stands the share of time: what both marked, over what at least one marked; it does not care how a stretch is cut up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from qa_player.model.annotation import Span
from qa_player.model.coverage import length_ms, union, without

LEAST_OVERLAP = Fraction(1, 2)
"""Intersection over union from which on two spans mean the same moment."""


class SpanAgreement(NamedTuple):
    """``matched`` of one person's ``first`` and the other's ``second`` spans; times in milliseconds. Those of several
    sessions, questions or pairs of people may be added."""

    matched: int
    first: int
    second: int
    shared_ms: int
    covered_ms: int

    @property
    def f1(self) -> Fraction | None:
        """From 0 to 1; null where nobody marked anything."""
        both = self.first + self.second
        return Fraction(2 * self.matched, both) if both else None

    @property
    def overlap(self) -> Fraction | None:
        """The share of time, from 0 to 1; null where nobody marked anything."""
        return Fraction(self.shared_ms, self.covered_ms) if self.covered_ms else None


def overlap(one: Span, other: Span) -> Fraction:
    """Intersection over union.

    >>> overlap(Span(start_ms=0, end_ms=3_000), Span(start_ms=1_000, end_ms=4_000))
    Fraction(1, 2)
    """
    shared = max(min(one.end_ms, other.end_ms) - max(one.start_ms, other.start_ms), 0)
    return Fraction(shared, (one.end_ms - one.start_ms) + (other.end_ms - other.start_ms) - shared)


def compare(first: Sequence[Span], second: Sequence[Span]) -> SpanAgreement:
    """Of what two people marked on one recording."""
    mine, theirs = union(first), union(second)
    covered = length_ms(union([*mine, *theirs]))
    shared = length_ms(mine) - length_ms(without(mine, theirs))
    return SpanAgreement(_matches(first, second), len(first), len(second), shared, covered)


def together(parts: Iterable[SpanAgreement]) -> SpanAgreement:
    """The sum of ``parts``."""
    total = SpanAgreement(0, 0, 0, 0, 0)
    for part in parts:
        total = SpanAgreement(*(one + other for one, other in zip(total, part, strict=True)))
    return total


def _matches(first: Sequence[Span], second: Sequence[Span]) -> int:
    """As many as there can be: each span in turn takes a free partner, or one whose own partner can take another."""
    partners = [[at for at, other in enumerate(second) if overlap(one, other) >= LEAST_OVERLAP] for one in first]
    taken_by: dict[int, int] = {}

    def place(number: int, asked: set[int]) -> bool:
        for at in partners[number]:
            if at in asked:
                continue
            asked.add(at)
            if at not in taken_by or place(taken_by[at], asked):
                taken_by[at] = number
                return True
        return False

    return sum(place(number, set()) for number in range(len(first)))
