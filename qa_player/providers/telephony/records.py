"""What the telephony vendors tell of a call and of its recordings, and the session that the two make.

Sources: Plivo's pages "The Recording object" and "Get call detail record", Vobiz's "Recording object", "List all
recordings", "List CDRs" and "Get CDR". Numbers come as text ("31040.00000"), times with a space and any offset.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from qa_player.model.connection import Connection
from qa_player.model.recording import RecordingMode, RecordingPart, RecordingState
from qa_player.model.secret import Secret
from qa_player.model.session import Session, SessionState
from qa_player.model.value import MAX_MS
from qa_player.providers.addresses import is_loopback
from qa_player.providers.reading import identifier, instant, length_ms, metadata, short_text

SOON = timedelta(minutes=5)
"""For so long after hanging up a recording may still be on its way."""

_MIMES = {"mp3": "audio/mpeg", "wav": "audio/wav"}
_LONGEST_CALL = timedelta(days=1)


@dataclass(frozen=True)
class Recorded:
    """One recording of a call. ``started_at`` is null where the vendor does not say; ``fields`` as received."""

    recording_id: str
    call_id: str
    address: Secret
    mime: str | None
    added_at: datetime | None
    started_at: datetime | None
    duration_ms: int | None
    fields: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Call:
    """One call as its detail record tells of it; ``fields`` as received."""

    call_id: str
    parties: tuple[str, ...]
    started_at: datetime | None
    ended_at: datetime | None
    duration_ms: int | None
    fields: Mapping[str, Any] = field(repr=False)


def read_recording(fields: Mapping[str, Any]) -> Recorded | None:
    """The recording of a list's item; null when it names no recording or no call."""
    recording_id, call_id = identifier(fields.get("recording_id")), identifier(fields.get("call_uuid"))
    if recording_id is None or call_id is None:
        return None
    address = fields.get("recording_url")
    start_ms, end_ms = decimal(fields.get("recording_start_ms")), decimal(fields.get("recording_end_ms"))
    lasts_ms = decimal(fields.get("recording_duration_ms"))
    if lasts_ms is None and start_ms is not None and end_ms is not None:
        lasts_ms = end_ms - start_ms
    return Recorded(
        recording_id=recording_id,
        call_id=call_id,
        address=encrypted(address if isinstance(address, str) else ""),
        mime=_MIMES.get(str(fields.get("recording_format")).strip().lower()),
        added_at=instant(fields.get("add_time")),
        started_at=_moment(start_ms),
        duration_ms=round(lasts_ms) if lasts_ms is not None and 0 <= lasts_ms <= MAX_MS else None,
        fields=fields,
    )


def read_call(fields: Mapping[str, Any], *, call_id: str | None) -> Call | None:
    """The call of a detail record, under either vendor's names; null when nothing says which call it is."""
    named = identifier(fields.get("uuid")) or identifier(fields.get("call_uuid")) or call_id
    if named is None:
        return None
    numbers = (
        fields.get("from_number") or fields.get("caller_id_number"),
        fields.get("to_number") or fields.get("destination_number"),
    )
    lasts = fields.get("duration", fields.get("call_duration"))
    return Call(
        call_id=named,
        parties=_parties(*numbers),
        started_at=instant(fields.get("start_time")) or instant(fields.get("initiation_time")),
        ended_at=instant(fields.get("end_time")),
        duration_ms=length_ms(decimal(lasts)),
        fields=fields,
    )


def decimal(value: object) -> float | None:
    """A number, also one spelled as text with decimals; null for every other spelling.

    >>> [decimal(value) for value in ("31040.00000", 5, "1_000", " 7", "nan", "-1", True, None)]
    [31040.0, 5.0, None, None, None, None, None, None]
    """
    if isinstance(value, str):
        return float(value) if re.fullmatch(r"[0-9]{1,15}(\.[0-9]{0,12})?", value, re.ASCII) else None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e15:
        return float(value)
    return None


def encrypted(address: str) -> Secret:
    """A recording's address; older ones say http although the same host answers https."""
    rest = address.removeprefix("http://")
    host = re.split(r"[/:?#]", rest, maxsplit=1)[0]
    return Secret(address if rest == address or is_loopback(host) else f"https://{rest}")


def session_of(connection: Connection, call: Call | None, recorded: Sequence[Recorded], *, now: datetime) -> Session:
    """The session of a call; at least one of ``call`` and ``recorded`` must be there."""
    first = min(recorded, key=_began, default=None)
    call_id = call.call_id if call is not None else recorded[0].call_id
    parties = _parties(first.fields.get("from_number"), first.fields.get("to_number")) if first is not None else ()
    parties = parties or (call.parties if call is not None else ())
    started_at = call.started_at if call is not None else None
    ended_at = call.ended_at if call is not None else None
    if started_at is None and first is not None:
        started_at = _began(first) if first.started_at or first.added_at else None
    if ended_at is None and recorded:
        ended_at = max((_ended(one) for one in recorded), default=None)
    duration_ms = call.duration_ms if call is not None else None
    going_on = not recorded and call is not None and "end_time" in call.fields and call.ended_at is None
    recording_state = _state_of_recording(call, recorded, now=now, going_on=going_on)
    return Session(
        connection=connection.name,
        provider=connection.provider,
        session_id=call_id,
        title=short_text(" → ".join(parties)) or (call_id if len(call_id) <= 12 else f"{call_id[:8]}…"),
        agent=None,
        state=SessionState.IN_PROGRESS if going_on else _STATES[recording_state],
        recording_state=recording_state,
        started_at=started_at,
        ended_at=ended_at,
        duration_ms=_span_ms(recorded) if duration_ms is None else duration_ms,
        retention_deadline=None,
        parties=parties,
        turn_count=None,
        interruption_count=None,
        metadata=metadata(_told(call, recorded)),
    )


def parts_of(recorded: Sequence[Recorded]) -> tuple[RecordingPart, ...]:
    """The parts of a call's recording, in the order in which they began, placed by the vendor's own clock."""
    ordered = sorted(recorded, key=lambda one: (_began(one), one.recording_id))
    zero = ordered[0].started_at if ordered else None
    return tuple(
        RecordingPart(
            part_id=one.recording_id,
            sequence=sequence,
            start_ms=0 if sequence == 0 else _milliseconds(zero, one.started_at),
            duration_ms=one.duration_ms,
            mode=RecordingMode.STREAM,
            mime=one.mime,
            expires_at=None,
            state=RecordingState.AVAILABLE if one.address else RecordingState.PROCESSING,
        )
        for sequence, one in enumerate(ordered)
    )


def by_call(recorded: Iterable[Recorded]) -> dict[str, list[Recorded]]:
    """Recordings under the calls they belong to, in the order received; one that comes twice counts once."""
    calls: dict[str, list[Recorded]] = {}
    for one in recorded:
        of_call = calls.setdefault(one.call_id, [])
        if all(other.recording_id != one.recording_id for other in of_call):
            of_call.append(one)
    return calls


_STATES = {
    RecordingState.AVAILABLE: SessionState.READY,
    RecordingState.PROCESSING: SessionState.PROCESSING,
    RecordingState.NONE: SessionState.EMPTY,
    RecordingState.GONE: SessionState.EXPIRED,
}


def _state_of_recording(
    call: Call | None, recorded: Sequence[Recorded], *, now: datetime, going_on: bool
) -> RecordingState:
    if any(one.address for one in recorded):
        return RecordingState.AVAILABLE
    just_over = call is not None and call.ended_at is not None and now - call.ended_at < SOON
    return RecordingState.PROCESSING if recorded or going_on or just_over else RecordingState.NONE


def _told(call: Call | None, recorded: Sequence[Recorded]) -> dict[str, Any]:
    told = dict(call.fields) if call is not None else {}
    for one in recorded:
        # the address of a recording opens it at some accounts without any key
        told[f"recording {one.recording_id}"] = {
            name: value for name, value in one.fields.items() if name not in ("recording_url", "recording_id")
        }
    return told


def _parties(*numbers: object) -> tuple[str, ...]:
    return tuple(filter(None, map(short_text, numbers)))


def _moment(epoch_ms: float | None) -> datetime | None:
    if epoch_ms is None or not 0 < epoch_ms < 7_000_000_000_000:
        return None
    return datetime.fromtimestamp(epoch_ms / 1_000, UTC)


def _began(one: Recorded) -> datetime:
    lasts = timedelta(milliseconds=min(one.duration_ms or 0, round(_LONGEST_CALL.total_seconds() * 1_000)))
    ended = one.added_at or datetime(1970, 1, 2, tzinfo=UTC)
    return one.started_at or ended - lasts


def _ended(one: Recorded) -> datetime:
    return _began(one) + timedelta(milliseconds=one.duration_ms or 0)


def _span_ms(recorded: Sequence[Recorded]) -> int | None:
    """From the first recording's start to the last one's end."""
    if not recorded or any(one.duration_ms is None for one in recorded):
        return None
    first = min(map(_began, recorded))
    return _milliseconds(first, max(map(_ended, recorded)))


def _milliseconds(earlier: datetime | None, later: datetime | None) -> int | None:
    if earlier is None or later is None:
        return None
    span = round((later - earlier) / timedelta(milliseconds=1))
    return span if 0 <= span <= MAX_MS else None
