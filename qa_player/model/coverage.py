"""Coverage of listening: which stretches of a recording were truly heard, by whom, at which speed; pure arithmetic.

A stretch that was sought over is in none of these values: only what went past the ear is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from qa_player.model.annotation import Span
from qa_player.model.playback import Heard
from qa_player.model.value import MAX_MS, Instant, Milliseconds, Name, OpaqueId, ShortText, Value

MOST_SPEED = 16.0

CRUMB_MS = 150
"""Less than a syllable: what stays between two stretches that were heard one after the other, or is lost of the end of
a recording at another speed. It is in no stretch, but nobody has to go back for it."""


class Manner(StrEnum):
    """How a stretch went past the ear."""

    HEARD = "heard"
    MUTED = "muted"
    SKIPPED = "skipped"


class Stretch(Value):
    """``level_db`` is the measured level of a silence that was skipped (decibels of full scale), else null."""

    start_ms: Milliseconds
    end_ms: Milliseconds
    manner: Manner
    speed: Annotated[float, Field(gt=0, le=MOST_SPEED)]
    level_db: Annotated[float, Field(ge=-1_000, le=100)] | None = None

    @model_validator(mode="after")
    def _is_a_stretch(self) -> Self:
        if self.end_ms <= self.start_ms:
            raise ValueError("a stretch ends after it starts")
        return self


class Sitting(Value):
    """What one person heard of one session from opening it to closing it.

    ``login`` is whose it is, ``actor`` the name they went by. ``ended_at`` is null while it lasts. ``stretches`` are
    disjoint within one manner, speed and level, sorted by start.
    """

    sitting_id: OpaqueId
    connection: Name
    session_id: OpaqueId
    actor: ShortText
    login: Name
    began_at: Instant
    ended_at: Instant | None
    stretches: tuple[Stretch, ...] = ()


class Gathered:
    """Stretches of one sitting as they come in; what was heard twice in one manner is kept once."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Manner, float, float | None], list[Span]] = {}

    def add(self, heard: Heard) -> None:
        """One more stretch; an empty one is let fall."""
        if heard.end_ms <= heard.start_ms:
            return
        manner = Manner.SKIPPED if heard.skipped else Manner.HEARD if heard.audible else Manner.MUTED
        level = None if heard.level_db is None else round(max(heard.level_db, -1_000.0), 1)
        kept = self._kept.setdefault((manner, round(heard.speed, 3), level), [])
        insert(kept, heard.start_ms, heard.end_ms)

    def stretches(self) -> tuple[Stretch, ...]:
        """All of them by start."""
        found = [
            Stretch(start_ms=span.start_ms, end_ms=span.end_ms, manner=manner, speed=speed, level_db=level)
            for (manner, speed, level), spans in self._kept.items()
            for span in spans
        ]
        return tuple(sorted(found, key=lambda one: (one.start_ms, one.end_ms, one.manner, one.speed)))


def insert(spans: list[Span], start_ms: int, end_ms: int) -> None:
    """Add a stretch to disjoint sorted ``spans`` and join what touches it."""
    first = bisect_left(spans, start_ms, key=lambda span: span.end_ms)
    last = first
    while last < len(spans) and spans[last].start_ms <= end_ms:
        start_ms, end_ms = min(start_ms, spans[last].start_ms), max(end_ms, spans[last].end_ms)
        last += 1
    spans[first:last] = [Span(start_ms=start_ms, end_ms=end_ms)]


def spans_of(sittings: Iterable[Sitting], *manners: Manner) -> tuple[Span, ...]:
    """The union of what went past in one of ``manners``, disjoint and sorted.

    >>> heard = Stretch(start_ms=0, end_ms=500, manner=Manner.HEARD, speed=1.0)
    >>> union([heard, heard.model_copy(update={"start_ms": 400, "end_ms": 900})])
    (Span(start_ms=0, end_ms=900),)
    """
    return union(one for sitting in sittings for one in sitting.stretches if one.manner in manners)


def union(stretches: Iterable[Stretch | Span]) -> tuple[Span, ...]:
    """The places that are in any of ``stretches``, as disjoint spans that do not touch, sorted."""
    return tuple(Span(start_ms=start_ms, end_ms=end_ms) for start_ms, end_ms in _joined(stretches))


def _joined(stretches: Iterable[Stretch | Span]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start_ms, end_ms in sorted((one.start_ms, one.end_ms) for one in stretches):
        if joined and start_ms <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end_ms))
        else:
            joined.append((start_ms, end_ms))
    return joined


class Share(NamedTuple):
    """How much of a recording went past, and whether nothing is left that anybody would go back for."""

    length_ms: int
    is_all: bool


def share_of(sittings: Iterable[Sitting], duration_ms: int, *manners: Manner) -> Share:
    """What went past in one of ``manners``. Quick, since it is asked for over and over while a call is heard, which
    is heard in many pieces.
    """
    length, at, is_all = 0, 0, True
    places = _joined(one for sitting in sittings for one in sitting.stretches if one.manner in manners)
    for start_ms, end_ms in (*places, (duration_ms, duration_ms)):
        is_all = is_all and min(start_ms, duration_ms) - at <= CRUMB_MS
        length += max(min(end_ms, duration_ms) - start_ms, 0)
        at = end_ms
    return Share(length, is_all)


def without(spans: Sequence[Span], taken: Sequence[Span]) -> tuple[Span, ...]:
    """The places of ``spans`` that are in none of ``taken``; both disjoint and sorted."""
    left = []
    for span in spans:
        at = span.start_ms
        for other in taken:
            if other.end_ms <= at:
                continue
            if other.start_ms >= span.end_ms:
                break
            if other.start_ms > at:
                left.append(Span(start_ms=at, end_ms=other.start_ms))
            at = max(at, other.end_ms)
        if at < span.end_ms:
            left.append(Span(start_ms=at, end_ms=span.end_ms))
    return tuple(left)


def gaps(spans: Sequence[Span], duration_ms: int) -> tuple[Span, ...]:
    """What of a recording of ``duration_ms`` is in none of ``spans``."""
    return without([Span(start_ms=0, end_ms=duration_ms)], spans) if duration_ms > 0 else ()


def unheard(spans: Sequence[Span], duration_ms: int) -> tuple[Span, ...]:
    """The gaps that somebody would have to go back for: crumbs are none."""
    return tuple(gap for gap in gaps(spans, duration_ms) if gap.end_ms - gap.start_ms > CRUMB_MS)


def length_ms(spans: Iterable[Span], duration_ms: int | None = None) -> int:
    """How long disjoint ``spans`` are together, of them only what lies in the recording."""
    end_ms = MAX_MS if duration_ms is None else duration_ms
    return sum(max(min(span.end_ms, end_ms) - span.start_ms, 0) for span in spans)


def percent(part_ms: int, whole_ms: int) -> int:
    """Whole per cent, never 100 before all of it is there, never 0 once something is.

    >>> percent(999, 1_000), percent(1, 1_000), percent(0, 1_000), percent(640, 1_000)
    (99, 1, 0, 64)
    """
    if whole_ms <= 0 or part_ms <= 0:
        return 0
    if part_ms >= whole_ms:
        return 100
    return min(max(round(100 * part_ms / whole_ms), 1), 99)
