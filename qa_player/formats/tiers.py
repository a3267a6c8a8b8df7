"""Tiers of intervals that never overlap: what Praat and ELAN want of turns and annotations that do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qa_player.formats.provenance import provenance_lines
from qa_player.model.annotation import Annotation
from qa_player.model.review import Review
from qa_player.model.transcript import Turn

ANNOTATIONS = "annotations"
"""The name of the tier that holds annotations; a reader of turns leaves it out."""

PROVENANCE = "qa-player"
"""The name of the tier that says what the file is of; a reader leaves it out."""


@dataclass(frozen=True)
class Interval:
    """Milliseconds from audio zero, ``end_ms`` at least one after ``start_ms``."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True)
class Tier:
    """Intervals by start, none touching the inside of another. ``speaker`` is null for what nobody said."""

    name: str
    speaker: str | None
    intervals: tuple[Interval, ...]


def tiers_of(review: Review) -> tuple[Tier, ...]:
    """A tier for each speaker in the order in which they first speak, then the annotations.

    What overlaps on one tier is moved to a second of the same name with ``#2`` behind it. Turns and annotations that
    have no time have no place on a tier.
    """
    spoken: dict[str, list[Interval]] = {}
    for turn in review.turns:
        if turn.start_ms is not None:
            spoken.setdefault(speaker_of(turn), []).append(
                _interval(turn.start_ms, turn.end_ms, turn.text if turn.text.strip() else "\N{HORIZONTAL ELLIPSIS}")
            )
    marked = [
        _interval(one.start_ms, one.end_ms, label_of(one)) for one in review.annotations if one.start_ms is not None
    ]
    tiers = [
        tier for speaker, intervals in spoken.items() for tier in _without_overlap(_free(speaker), speaker, intervals)
    ]
    return (*tiers, *_without_overlap(ANNOTATIONS, None, marked))


def provenance_tier(review: Review, end_ms: int) -> Tier:
    """One interval over all of it that says what the file is of, for formats with no place of their own for it."""
    return Tier(PROVENANCE, None, (Interval(0, max(end_ms, 1), "\n".join(provenance_lines(review))),))


def is_ours(name: str) -> bool:
    """Whether a tier of that name holds no speech.

    >>> [is_ours(name) for name in ("annotations", "annotations#2", "qa-player", "agent")]
    [True, True, True, False]
    """
    return name.partition("#")[0] in (ANNOTATIONS, PROVENANCE)


def overlapping(intervals: Sequence[tuple[str, int | None, int | None, str]]) -> tuple[int, ...]:
    """The places (from 0) of the intervals (tier, start, end, text) that begin before another on their tier has ended.

    >>> overlapping([("a", 5, 9, ""), ("a", 0, 6, ""), ("b", 1, 2, ""), ("a", 9, 10, "")])
    (0,)
    """
    until: dict[str, int] = {}
    found = []
    timed = [(start, place) for place, (_, start, _, _) in enumerate(intervals) if start is not None]
    for start, place in sorted(timed):
        tier, _, end, _ = intervals[place]
        if start < until.get(tier, 0):
            found.append(place)
        until[tier] = max(until.get(tier, 0), start if end is None else end)
    return tuple(sorted(found))


def end_of(review: Review) -> int:
    """Where the last of it ends, in milliseconds from audio zero; at least one."""
    ends = [tier.intervals[-1].end_ms for tier in tiers_of(review)]
    return max([1, review.session.duration_ms or 0, *ends])


def speaker_of(turn: Turn) -> str:
    """The name by which a turn's speaker goes in a file: one line, never empty."""
    return " ".join((turn.speaker or turn.raw_role or turn.role.value).split()) or turn.role.value


def label_of(annotation: Annotation) -> str:
    """An annotation as one text: its tag, how bad it is, and what was written.

    Reads back as long as no tag ends in a severity in brackets or holds a colon with a blank behind it.
    """
    severity = f" ({annotation.severity.value})" if annotation.severity else ""
    return f"{annotation.tag}{severity}" + (f": {annotation.text}" if annotation.text else "")


def _free(name: str) -> str:
    return f"{name}_" if is_ours(name) else name


def _interval(start_ms: int, end_ms: int | None, text: str) -> Interval:
    return Interval(start_ms, max(start_ms + 1, start_ms if end_ms is None else end_ms), text)


def _without_overlap(name: str, speaker: str | None, intervals: Iterable[Interval]) -> list[Tier]:
    lanes: list[list[Interval]] = []
    for interval in sorted(intervals, key=lambda one: (one.start_ms, one.end_ms)):
        lane = next((lane for lane in lanes if lane[-1].end_ms <= interval.start_ms), None)
        if lane is None:
            lanes.append([interval])
        else:
            lane.append(interval)
    return [
        Tier(name if number == 1 else f"{name}#{number}", speaker, tuple(lane)) for number, lane in enumerate(lanes, 1)
    ]
