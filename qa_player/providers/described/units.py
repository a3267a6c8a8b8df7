"""Units of time as APIs write it, read into whole milliseconds without a detour through floating point."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from qa_player.model.value import MAX_MS
from qa_player.providers.reading import instant, iso

LATEST_MS = 7_258_118_400_000
"""1 January 2200, in milliseconds since the epoch."""


class Unit(StrEnum):
    """What a number, text or object of time means. Numbers may be spelled as text.

    ``hms`` is an object of hours, minutes, seconds and nanos (any may be missing) or text as ``1:02:03.5``.
    """

    S = "s"
    MS = "ms"
    US = "us"
    NS = "ns"
    HMS = "hms"
    EPOCH_S = "epoch_s"
    EPOCH_MS = "epoch_ms"
    EPOCH_US = "epoch_us"
    EPOCH_NS = "epoch_ns"
    RFC3339 = "rfc3339"

    @property
    def is_instant(self) -> bool:
        """Whether it tells a moment of the world's clock, not a length."""
        return self is Unit.RFC3339 or self.value.startswith("epoch_")


_PER_MS = {"s": Decimal(1_000), "ms": Decimal(1), "us": Decimal("0.001"), "ns": Decimal("0.000001")}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCK = re.compile(r"(?:(?P<hours>[0-9]{1,4}):)?(?P<minutes>[0-9]{1,4}):(?P<seconds>[0-9]{1,2}(?:\.[0-9]{1,9})?)")
_WORDS = {"hours": Decimal(3_600_000), "minutes": Decimal(60_000), "seconds": Decimal(1_000), "nanos": _PER_MS["ns"]}


def milliseconds(value: Any, unit: Unit) -> int | None:
    """A length in milliseconds, or for a unit of moments the milliseconds since the epoch; null for what is neither.

    >>> milliseconds("1.25", Unit.S), milliseconds(1_700_000_000_123_456_789, Unit.EPOCH_NS)
    (1250, 1700000000123)
    >>> milliseconds({"minutes": 1, "nanos": 500_000_000}, Unit.HMS), milliseconds("1:02:03.5", Unit.HMS)
    (60500, 3723500)
    >>> [milliseconds(value, Unit.S) for value in (None, True, "soon", float("nan"), -1, 1e40)]
    [None, None, None, None, None, None]
    """
    if unit is Unit.RFC3339:
        moment = instant(value)
        return None if moment is None else (moment - _EPOCH) // timedelta(milliseconds=1)
    if unit is Unit.HMS:
        exact = _of_words(value)
    else:
        number = _number(value)
        exact = None if number is None else number * _PER_MS[unit.value.removeprefix("epoch_")]
    if exact is None or not 0 <= exact <= (LATEST_MS if unit.is_instant else MAX_MS):
        return None
    return round(exact)


def moment(value: Any, unit: Unit) -> datetime | None:
    """A moment in UTC; null for what is none, and for a length."""
    ms = milliseconds(value, unit) if unit.is_instant else None
    return None if ms is None else _EPOCH + timedelta(milliseconds=ms)


def written(moment: datetime, unit: Unit, *, round_up: bool = False) -> int | str:
    """A moment as an API asks for it.

    >>> written(_EPOCH + timedelta(milliseconds=1_500), Unit.EPOCH_S, round_up=True)
    2
    """
    if unit is Unit.RFC3339:
        return iso(moment)
    exact = Decimal((moment - _EPOCH) // timedelta(microseconds=1)) / 1_000 / _PER_MS[unit.value.removeprefix("epoch_")]
    return math.ceil(exact) if round_up else math.floor(exact)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, int) and abs(value) >= 10**30:
        return None
    try:
        number = Decimal(value.strip() if isinstance(value, str) and len(value) <= 40 else str(value)[:40])
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal(10) ** 30 else None


def _of_words(value: Any) -> Decimal | None:
    if isinstance(value, str):
        found = _CLOCK.fullmatch(value.strip()[:40])
        value = None if found is None else {name: part for name, part in found.groupdict().items() if part}
    if not isinstance(value, dict) or not value.keys() & _WORDS.keys():
        return None
    total = Decimal(0)
    for name, factor in _WORDS.items():
        part = _number(value.get(name) or 0)
        if part is None:
            return None
        total += part * factor
    return total
