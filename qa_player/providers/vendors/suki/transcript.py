"""A Suki transcript as turns in time.

Offsets are objects whose components add up, from the beginning of the audio; wall times are RFC 3339 with nanoseconds.
The documents' own sample has equal offsets beside wall times that differ, so offsets count only while they have a
length; else the differences of the wall times do. Nobody is named as the speaker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qa_player.model.roles import role_of
from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.model.transcript import Flag, Role, TimeSource, Turn
from qa_player.model.value import MAX_MS
from qa_player.providers.reading import instant, long_text, mapping, number, short_text

_COMPONENTS = {"hours": 3_600_000.0, "minutes": 60_000.0, "seconds": 1_000.0, "nanos": 1e-6}
_CLINICIANS = frozenset({"clinician", "physician", "provider", "doctor", "nurse"})
_TIMES = ("start_offset", "end_offset", "start_time", "end_time")


@dataclass(frozen=True)
class Spoken:
    """An item's times: offsets in milliseconds where they can be believed, wall times in seconds since the epoch."""

    recording: str
    start_ms: int | None
    end_ms: int | None
    wall_start: float | None
    wall_end: float | None

    @property
    def has_length(self) -> bool:
        """Whether its offsets are a stretch of audio."""
        return self.start_ms is not None and self.end_ms is not None and self.end_ms > self.start_ms


def items_of(answer: object) -> list[Mapping[str, Any]]:
    """The items of ``final_transcript`` in their order."""
    items = answer if isinstance(answer, list) else mapping(answer).get("final_transcript")
    if not isinstance(items, list):
        return []
    return [item if isinstance(item, dict) else {"transcript": item} for item in items]


def read_transcript(items: Sequence[Mapping[str, Any]]) -> tuple[tuple[Turn, ...], Timing]:
    """Every item as a turn in its place, and how sure their clock is."""
    spoken = [_spoken(item) for item in items]
    first = spoken[0].recording if spoken and _offsets_restart(spoken) else None
    zero = _wall_zero(spoken, first)
    turns = tuple(
        _turn(index, item, _times(one, zero, offsets_count=one.has_length and first in (None, one.recording)))
        for index, (item, one) in enumerate(zip(items, spoken, strict=True))
    )
    timed = [turn.time_source for turn in turns if turn.raw_start_ms is not None]
    if not timed:
        quality = TimingQuality.UNKNOWN
    else:
        sure = all(source is TimeSource.SPEECH_START for source in timed)
        quality = TimingQuality.EXACT if sure else TimingQuality.APPROXIMATE
    return turns, Timing(quality=quality, origin=TimingOrigin.PROVIDER)


def recording_starts(items: Sequence[Mapping[str, Any]]) -> tuple[int, ...]:
    """Where each recording begins on the timeline of the first, by the wall; empty unless offsets begin anew with each.

    Offsets that go on from one recording to the next are from the beginning of all audio: then nothing lies between.
    """
    spoken = [_spoken(item) for item in items]
    if not _offsets_restart(spoken):
        return ()
    zeros: dict[str, float] = {}
    for one in spoken:
        if one.wall_start is not None and one.has_length:
            zeros.setdefault(one.recording, one.wall_start - (one.start_ms or 0) / 1_000)
    known = list(zeros.values())
    if len(known) < len({one.recording for one in spoken}) or known != sorted(known):
        return ()
    starts = [_since(known[0], zero) for zero in known]
    return tuple(start for start in starts if start is not None) if None not in starts else ()


def session_span(items: Sequence[Mapping[str, Any]]) -> tuple[datetime | None, datetime | None]:
    """When the first thing was said and the last, by the wall times."""
    starts = [at for at in (instant(item.get("start_time")) for item in items) if at is not None]
    ends = [at for at in (instant(item.get("end_time")) for item in items) if at is not None]
    return min(starts, default=None), max(ends, default=None)


def offset_ms(value: object) -> int | None:
    """An offset in milliseconds from its components, each of which may be missing; null when it is none.

    >>> [offset_ms(told) for told in ({"minutes": 1, "seconds": 75, "nanos": 250_000_000}, {}, {"seconds": -1})]
    [135250, 0, None]
    """
    if not isinstance(value, dict):
        return None
    total = 0.0
    for name, length in _COMPONENTS.items():
        component = number(value.get(name) or 0)
        if component is None or component < 0:
            return None
        total += component * length
    return round(total) if total <= MAX_MS else None


def _spoken(item: Mapping[str, Any]) -> Spoken:
    began, ended = instant(item.get("start_time")), instant(item.get("end_time"))
    return Spoken(
        recording=short_text(item.get("recording_id")) or "",
        start_ms=offset_ms(item.get("start_offset")),
        end_ms=offset_ms(item.get("end_offset")),
        wall_start=None if began is None else began.timestamp(),
        wall_end=None if ended is None else ended.timestamp(),
    )


def _offsets_restart(spoken: Sequence[Spoken]) -> bool:
    """Whether offsets begin anew with a later recording: then they are not from the session's audio zero."""
    reached, current = 0, None
    for one in spoken:
        if not one.has_length:
            continue
        start, end = one.start_ms or 0, one.end_ms or 0
        if current not in (None, one.recording) and start < reached:
            return True
        current, reached = one.recording, max(reached, end)
    return False


def _wall_zero(spoken: Sequence[Spoken], first: str | None) -> float | None:
    """The wall time of audio zero, by an item that has both clocks, else the moment when the first thing was said."""
    both = (
        one.wall_start - (one.start_ms or 0) / 1_000
        for one in spoken
        if one.wall_start is not None and one.has_length and first in (None, one.recording)
    )
    said = min((one.wall_start for one in spoken if one.wall_start is not None), default=None)
    return next(both, said)


def _turn(index: int, item: Mapping[str, Any], times: tuple[int | None, int | None, TimeSource]) -> Turn:
    start, end, source = times
    told = any(item.get(name) is not None for name in _TIMES)
    flag = None if start is not None else Flag.TIME_INVALID if told else Flag.TIME_MISSING
    raw_role = next(filter(None, (short_text(item.get(name)) for name in ("speaker_role", "role", "speaker"))), "")
    return Turn(
        index=index,
        role=Role.AGENT if raw_role.lower() in _CLINICIANS else role_of(raw_role),
        raw_role=raw_role,
        speaker=None,
        text=long_text(item.get("transcript")),
        raw_start_ms=start,
        raw_end_ms=end if end is not None and start is not None and end >= start else None,
        time_source=source,
        flags=() if flag is None else (flag,),
    )


def _times(one: Spoken, zero: float | None, *, offsets_count: bool) -> tuple[int | None, int | None, TimeSource]:
    if offsets_count:
        return one.start_ms, one.end_ms, TimeSource.SPEECH_START
    if one.wall_start is not None and zero is not None:
        start = _since(zero, one.wall_start)
        end = None if one.wall_end is None else _since(zero, one.wall_end)
        return start, end, TimeSource.NONE if start is None else TimeSource.DERIVED
    if one.start_ms is not None and not one.has_length:
        return one.start_ms, None, TimeSource.TURN_STAMP
    return None, None, TimeSource.NONE  # counted from some later recording's beginning, wherever that lies


def _since(zero: float, at: float) -> int | None:
    milliseconds = round((at - zero) * 1_000)
    return milliseconds if abs(milliseconds) <= MAX_MS else None
