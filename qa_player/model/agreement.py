"""How far people agree who judged the same things alone: percent, Cohen's kappa, Krippendorff's alpha; exact.

A *unit* is one thing that was judged: the judgements of everybody who judged it, in any order; who did not judge it is
left out. A unit with fewer than two judgements says nothing and counts nothing. "Does not apply" is a judgement like
any other as long as nothing is measured between judgements: a class of its own.

Sources: Cohen, "A coefficient of agreement for nominal scales", 1960; Krippendorff, "Computing Krippendorff's
alpha-reliability", 2011.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple, TypeVar

Judged = TypeVar("Judged", bound=Hashable)


class Disagreement(NamedTuple):
    """Disagreement that was seen and that chance alone would make, both times the weight of the data.

    Those of several questions may be added: chance is then what it is within each question, so that questions that are
    answered differently lend no agreement to one another.
    """

    observed: Fraction
    expected: Fraction

    def __add__(self, other: object) -> Disagreement:
        if not isinstance(other, Disagreement):
            return NotImplemented
        return Disagreement(self.observed + other.observed, self.expected + other.expected)

    @property
    def coefficient(self) -> Fraction | None:
        """1 for none, 0 for as much as by chance, less for more; null where all judgements are one and the same, so
        that chance could not have made any: such data cannot tell whether people agree."""
        return 1 - self.observed / self.expected if self.expected else None


NO_DATA = Disagreement(Fraction(0), Fraction(0))


class Agreed(NamedTuple):
    """So many of ``pairs`` pairs of judgements on one unit are the same."""

    same: int
    pairs: int

    @property
    def share(self) -> Fraction | None:
        """From 0 to 1; null without a pair."""
        return Fraction(self.same, self.pairs) if self.pairs else None


def agreed(units: Iterable[Sequence[Hashable]]) -> Agreed:
    """Every pair of judgements on each unit, counted.

    >>> agreed([("yes", "yes", "no"), ("no", "no"), ("yes",)])
    Agreed(same=2, pairs=4)
    """
    same = pairs = 0
    for unit in units:
        same += sum(count * (count - 1) // 2 for count in Counter(unit).values())
        pairs += len(unit) * (len(unit) - 1) // 2
    return Agreed(same, pairs)


def cohen(pairs: Sequence[tuple[Hashable, Hashable]]) -> Disagreement:
    """Of two people: each pair is one's and the other's judgement of a unit; its ``coefficient`` is Cohen's kappa.

    >>> cohen([("yes", "yes"), ("no", "no"), ("yes", "no"), ("no", "no")]).coefficient
    Fraction(1, 2)
    """
    n = len(pairs)
    if not n:
        return NO_DATA
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    by_chance = Fraction(sum(first[judged] * second[judged] for judged in first), n)
    return Disagreement(Fraction(sum(one != other for one, other in pairs)), n - by_chance)


def nominal(units: Iterable[Sequence[Hashable]]) -> Disagreement:
    """Of any number of people whose judgements are the same or not; its ``coefficient`` is Krippendorff's alpha."""
    return _krippendorff(units, lambda _counts: lambda one, other: int(one != other))


def ordinal(units: Iterable[Sequence[int]]) -> Disagreement:
    """Likewise for ranks: two judgements are as far apart as there are judgements between them."""
    return _krippendorff(units, _between)


def interval(units: Iterable[Sequence[int]]) -> Disagreement:
    """Likewise for numbers: two judgements are as far apart as the square of their difference."""
    return _krippendorff(units, lambda _counts: lambda one, other: (one - other) ** 2)


_Counts = Mapping[Judged, int]
_Distance = Callable[[Judged, Judged], Fraction | int]


def _krippendorff(
    units: Iterable[Sequence[Judged]], metric: Callable[[_Counts[Judged]], _Distance[Judged]]
) -> Disagreement:
    """``metric`` makes the distance from how often each judgement was given in units that can be paired."""
    paired = [Counter(unit) for unit in units if len(unit) > 1]
    counts: Counter[Judged] = Counter()
    for unit in paired:
        counts.update(unit)
    n = counts.total()
    distance = metric(counts)
    observed = sum((Fraction(_spread(unit, distance), unit.total() - 1) for unit in paired), Fraction(0))
    return Disagreement(observed, Fraction(_spread(counts, distance), n - 1) if n else Fraction(0))


def _spread(counts: _Counts[Judged], distance: _Distance[Judged]) -> Fraction | int:
    """The distances between all pairs of judgements together."""
    return sum(counts[one] * counts[other] * distance(one, other) for one, other in combinations(counts, 2))


def _between(counts: _Counts[int]) -> _Distance[int]:
    """Krippendorff's ordinal metric: the judgements from one rank to the other, of the two ranks themselves half."""

    def distance(one: int, other: int) -> Fraction:
        least, most = sorted((one, other))
        reached = sum(count for rank, count in counts.items() if least <= rank <= most)
        return (reached - Fraction(counts[one] + counts[other], 2)) ** 2

    return distance
