"""Values for a database to keep, and keeping them as the services do: the act and its event in one transaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from qa_player.canonical import sha256
from qa_player.model.annotation import Annotation, AnnotationKind, Severity
from qa_player.model.audit import AuditAct
from qa_player.model.recording import RecordingMode, RecordingPart, RecordingState
from qa_player.model.session import Session, SessionDetail, SessionState
from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.model.transcript import Role, TimeSource, Turn
from qa_player.store import annotations, audit
from qa_player.store.database import Database

KEY = bytes(range(100, 132))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def session(number: int, **changes: Any) -> Session:
    """The ``number``-th of any amount of sessions, each an hour after the one before."""
    fields: dict[str, Any] = {
        "connection": "acme",
        "provider": "oshara",
        "session_id": f"sess_{number}",
        "title": f"Call {number}",
        "agent": "Ann",
        "state": SessionState.READY,
        "recording_state": RecordingState.AVAILABLE,
        "started_at": NOON + timedelta(hours=number),
        "ended_at": None,
        "duration_ms": 60_000 + number,
        "retention_deadline": None,
    }
    return Session(**fields | changes)


def detail(of: Session, **changes: Any) -> SessionDetail:
    """A detail with two turns, one of them odd, and a raw answer that is not UTF-8."""
    raw = b'{"said": "\xff\x00"}'
    turn = Turn(index=0, role=Role.USER, raw_role="caller", speaker=None, text="My fee\x00 was <b>", raw_start_ms=-5)
    fields: dict[str, Any] = {
        "session": of,
        "turns": (turn, turn.model_copy(update={"index": 1, "time_source": TimeSource.WORD})),
        "parts": (
            RecordingPart(
                part_id="p/1",
                sequence=0,
                start_ms=0,
                duration_ms=None,
                mode=RecordingMode.STREAM,
                mime="audio/mp4",
                expires_at=NOON,
                state=RecordingState.AVAILABLE,
            ),
        ),
        "timing": Timing(quality=TimingQuality.EXACT, origin=TimingOrigin.PROVIDER, offset_ms=-3, drift_ppm=1.25),
        "transcript_digest": sha256(b"transcript"),
        "raw": raw,
        "raw_sha256": sha256(raw),
    }
    return SessionDetail(**fields | changes)


def annotation(number: int, **changes: Any) -> Annotation:
    """The ``number``-th of any amount of annotations on one session, each a second after the one before."""
    fields: dict[str, Any] = {
        "annotation_id": f"note-{number}",
        "connection": "acme",
        "session_id": "sess_1",
        "kind": AnnotationKind.SPAN,
        "start_ms": number * 1_000,
        "end_ms": number * 1_000 + 500,
        "turn_index": 0,
        "role": Role.AGENT,
        "quote": "There is a fee.",
        "tag": "fee",
        "severity": Severity.MAJOR,
        "text": f"Not announced, {number}",
        "author": "Rita",
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Annotation(**fields | changes)


def act(action: str, of: Annotation, *, exists: bool = True) -> AuditAct:
    """What a reviewer's act on an annotation leaves in the trail."""
    return AuditAct(
        action=action,
        actor="Rita",
        connection=of.connection,
        session_id=of.session_id,
        subject=of.annotation_id,
        detail={"revision": of.revision, "exists": exists},
        content=annotations.evidence(of) if exists else None,
    )


async def annotate(database: Database, added: Annotation) -> None:
    """Return once the annotation and its event are committed."""
    await database.write(
        lambda db: (annotations.add(db, added), audit.append(db, act("annotation.added", added), NOON))
    )
