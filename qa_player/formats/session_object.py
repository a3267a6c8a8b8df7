"""Sessions and turns as plain JSON objects: the shape that `show`, `sessions` and every JSON export share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from pydantic_core import to_json

from qa_player.model.arrangement import Arranged
from qa_player.model.facts import FactGroup
from qa_player.model.recording import RecordingPart
from qa_player.model.session import Session
from qa_player.model.timing import Timing
from qa_player.model.transcript import Turn


def instant_text(instant: datetime | None) -> str | None:
    """ISO 8601 in UTC with a ``Z``, whole milliseconds where there are any; null stays null."""
    if instant is None:
        return None
    utc = instant.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds" if utc.microsecond else "seconds").replace("+00:00", "Z")


def instant_texts(instants: Sequence[datetime]) -> list[str]:
    """What `instant_text` makes of each, all of them in UTC; of thousands in a third of its time."""
    if not instants:
        return []
    spelled = to_json(instants).decode()[2:-2].split('","')
    return [text if len(text) == len("2026-05-28T14:31:07Z") else f"{text[:23]}Z" for text in spelled]


def session_object(
    session: Session, *, timing: Timing | None = None, transcript_digest: str | None = None
) -> dict[str, object]:
    """One session without its turns. ``timing`` and ``transcript_digest`` are null until it was opened once."""
    return {
        "connection": session.connection,
        "provider": session.provider,
        "session_id": session.session_id,
        "title": session.title,
        "agent": session.agent,
        "state": session.state.value,
        "recording_state": session.recording_state.value,
        "recording_stage": None if session.recording_stage is None else session.recording_stage.value,
        "started_at": instant_text(session.started_at),
        "ended_at": instant_text(session.ended_at),
        "duration_ms": session.duration_ms,
        "retention_deadline": instant_text(session.retention_deadline),
        "parties": list(session.parties),
        "turn_count": session.turn_count,
        "interruption_count": session.interruption_count,
        "metadata": dict(session.metadata),
        "transcript_digest": transcript_digest,
        "timing": None if timing is None else timing_object(timing),
    }


def timing_object(timing: Timing) -> dict[str, object]:
    """``{"quality", "origin", "offset_ms", "drift_ppm"}``."""
    drift = timing.drift_ppm
    return {
        "quality": timing.quality.value,
        "origin": timing.origin.value,
        "offset_ms": timing.offset_ms,
        "drift_ppm": int(drift) if drift == int(drift) else drift,
    }


def turn_object(turn: Turn) -> dict[str, object]:
    """One turn with its raw and its corrected times."""
    return {
        "index": turn.index,
        "role": turn.role.value,
        "raw_role": turn.raw_role,
        "speaker": turn.speaker,
        "text": turn.text,
        "start_ms": turn.start_ms,
        "end_ms": turn.end_ms,
        "raw_start_ms": turn.raw_start_ms,
        "raw_end_ms": turn.raw_end_ms,
        "time_source": turn.time_source.value,
        "flags": [flag.value for flag in turn.flags],
        "interrupted": turn.interrupted,
        "confidence": turn.confidence,
        "delay_ms": turn.delay_ms,
    }


def recording_object(part: RecordingPart) -> dict[str, object]:
    """One part of a recording; its address is not in it."""
    return {
        "part_id": part.part_id,
        "sequence": part.sequence,
        "start_ms": part.start_ms,
        "duration_ms": part.duration_ms,
        "mode": part.mode.value,
        "mime": part.mime,
        "expires_at": instant_text(part.expires_at),
        "state": part.state.value,
    }


def arrangement_object(arranged: Arranged) -> dict[str, object]:
    """How the parts of a recording belong together, who says so and why; of alternatives, which one is heard."""
    return {
        "arrangement": arranged.arrangement.value,
        "origin": arranged.origin.value,
        "reason": arranged.reason,
        "part_id": arranged.part_id,
    }


def detail_object(
    session: Session,
    *,
    turns: Sequence[Turn],
    recordings: Iterable[RecordingPart],
    arranged: Arranged,
    timing: Timing,
    transcript_digest: str,
    facts: Iterable[FactGroup] = (),
) -> dict[str, object]:
    """One session whole, as ``show --json`` prints it."""
    return session_object(session, timing=timing, transcript_digest=transcript_digest) | {
        "turns": [turn_object(turn) for turn in turns],
        "recordings": [recording_object(part) for part in recordings],
        "facts": [
            {"title": group.title, "rows": [{"name": row.name, "value": row.value} for row in group.rows]}
            for group in facts
        ],
        "arrangement": arrangement_object(arranged),
    }
