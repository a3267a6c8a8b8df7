"""Confidence intervals at 95 %: Wilson's for shares, Student's t for means.

Sources: Wilson, "Probable inference, the law of succession, and statistical inference", 1927, without a correction for
continuity (Newcombe 1998, method 3); Abramowitz and Stegun, "Handbook of mathematical functions", 26.7.3 to 26.7.5.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from statistics import NormalDist, fmean, stdev
from typing import NamedTuple

LEVEL = 0.95
_NORMAL = NormalDist().inv_cdf((1 + LEVEL) / 2)
_MANY = 200
"""Degrees of freedom from which on the first terms of a series are exact to more places than anybody reads."""


class Interval(NamedTuple):
    """``low`` and ``high`` of what ``value`` was found to be; both null where the data cannot tell."""

    value: float
    low: float | None
    high: float | None


def wilson(part: int, whole: int) -> Interval:
    """Of a share of ``whole``, which is at least 1; from 0 to 1.

    >>> [round(figure, 4) for figure in wilson(1, 29)]
    [0.0345, 0.0061, 0.1718]
    """
    share, z2 = part / whole, _NORMAL**2
    middle = (share + z2 / (2 * whole)) / (1 + z2 / whole)
    reach = _NORMAL * math.sqrt(share * (1 - share) / whole + z2 / (4 * whole**2)) / (1 + z2 / whole)
    return Interval(share, max(middle - reach, 0.0), min(middle + reach, 1.0))


def mean(values: Sequence[float], *, least: float, most: float) -> Interval:
    """Of the mean of ``values``, at least one, none of which can lie outside ``least`` to ``most``. One value, or
    values that are all the same, do not tell how far others would lie."""
    found = fmean(values)
    if len(values) < 2 or min(values) == max(values):
        return Interval(found, None, None)
    reach = student(len(values) - 1) * stdev(values) / math.sqrt(len(values))
    return Interval(found, max(found - reach, least), min(found + reach, most))


@cache
def student(freedom: int) -> float:
    """The t that is exceeded on either side with 2.5 %, for that many degrees of freedom, at least 1.

    >>> [round(student(freedom), 3) for freedom in (1, 2, 10, 1_000)]
    [12.706, 4.303, 2.228, 1.962]
    """
    if freedom > _MANY:
        z = _NORMAL
        return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    low, high = 0.0, 100.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < LEVEL else (low, middle)
    return (low + high) / 2


def _within(t: float, freedom: int) -> float:
    """How much of Student's distribution lies from -t to t."""
    angle = math.atan(t / math.sqrt(freedom))
    odd = freedom % 2
    term = math.cos(angle) if odd else 1.0
    total = term if freedom > 1 else 0.0
    for step in range(2 + odd, freedom - 1, 2):
        term *= math.cos(angle) ** 2 * (step - 1) / step
        total += term
    total *= math.sin(angle)
    return 2 / math.pi * (angle + total) if odd else total
