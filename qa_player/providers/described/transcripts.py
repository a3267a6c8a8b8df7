"""Turns out of an API's JSON, on the recording's clock as far as the description knows it; none is ever left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qa_player.model.roles import role_of
from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.model.transcript import Flag, Role, TimeSource, Turn
from qa_player.model.value import MAX_MS
from qa_player.providers.described.fields import Time, TranscriptFields, told
from qa_player.providers.described.paths import first, first_names, items
from qa_player.providers.described.units import milliseconds
from qa_player.providers.evidence import transcript_digest
from qa_player.providers.reading import long_text, short_text
from qa_player.providers.turns import in_another_unit

_Times = tuple[int | None, int | None, Flag | None]


def turns_received(fields: TranscriptFields | None, answer: Any) -> list[Any]:
    """The turns as they came; none where the answer has no such list."""
    return [] if fields is None else items(answer, fields.items) or []


def read(
    fields: TranscriptFields | None, received: Sequence[Any], session: Any, duration_ms: int | None
) -> tuple[tuple[Turn, ...], Timing]:
    """The turns in the order received, and how sure their clock is. ``session`` is where the clock's origin is told."""
    if fields is None:
        return (), Timing(quality=TimingQuality.UNKNOWN, origin=TimingOrigin.PROVIDER)
    begins = fields.origin if isinstance(fields.origin, Time) else None
    zero = 0 if begins is None else milliseconds(first(session, begins.path), begins.unit)
    times = [_times(fields, item, zero) for item in received]
    misread = in_another_unit([start for start, _, _ in times if start is not None], duration_ms)
    turns = tuple(
        _turn(fields, index, item, (None, None, Flag.TIME_INVALID) if misread and at[0] is not None else at)
        for index, (item, at) in enumerate(zip(received, times, strict=True))
    )
    usual = TimingQuality.EXACT if fields.origin == "recording" else TimingQuality.APPROXIMATE
    unsure = misread or zero is None or not any(turn.raw_start_ms is not None for turn in turns)
    quality = TimingQuality.UNKNOWN if unsure else fields.quality or usual
    return turns, Timing(quality=quality, origin=TimingOrigin.PROVIDER)


def digest_of(fields: TranscriptFields | None, received: Sequence[Any]) -> str:
    """The digest of what the description reads of each turn, as received."""
    if fields is None:
        return transcript_digest((), ())
    paths = [fields.text, fields.role, fields.speaker]
    paths += [time.path for time in (fields.start, fields.end) if time is not None]
    names = dict.fromkeys(name for path in paths for name in first_names(path))
    return transcript_digest(
        [item if isinstance(item, dict) else {"turn": item} for item in received], (*names, "turn")
    )


def _turn(fields: TranscriptFields, index: int, item: Any, times: _Times) -> Turn:
    start, end, flag = times
    raw_role = short_text(first(item, fields.role)) or ""
    return Turn(
        index=index,
        role=Role(told(fields.roles, raw_role) or role_of(raw_role)),
        raw_role=raw_role,
        speaker=short_text(first(item, fields.speaker)),
        text=long_text(first(item, fields.text) if isinstance(item, dict) else item),
        raw_start_ms=start,
        raw_end_ms=end,
        time_source=TimeSource.NONE if start is None else fields.source,
        flags=() if flag is None else (flag,),
    )


def _times(fields: TranscriptFields, item: Any, zero: int | None) -> _Times:
    """Start and end in milliseconds of transcript time, or the flag that says what is wrong with the start."""
    if fields.start is None:
        return None, None, Flag.TIME_MISSING
    said = first(item, fields.start.path)
    if said is None:
        return None, None, Flag.TIME_MISSING
    start = _placed(milliseconds(said, fields.start.unit), zero)
    if start is None:
        return None, None, Flag.TIME_INVALID
    return start, _end(fields.end, item, start, zero if fields.start.unit.is_instant else 0), None


def _end(field: Time | None, item: Any, start: int, zero: int | None) -> int | None:
    if field is None:
        return None
    end = milliseconds(first(item, field.path), field.unit)
    if field.since is None:
        end = _placed(end, zero)
        return end if end is not None and end >= start else None
    begin = milliseconds(first(item, field.since), field.unit)
    if begin is None or end is None or end < begin:
        return None
    return min(start + end - begin, MAX_MS)


def _placed(ms: int | None, zero: int | None) -> int | None:
    if ms is None or zero is None or not -MAX_MS <= ms - zero <= MAX_MS:
        return None
    return ms - zero
