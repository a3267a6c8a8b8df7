"""What is known of a Suki session: its state by Suki's word, and the rest from a feed or its own transcript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from qa_player.model.connection import Connection
from qa_player.model.recording import RecordingState
from qa_player.model.session import Session, SessionState
from qa_player.model.transcript import Turn
from qa_player.model.value import MAX_MS

KEPT_FOR = timedelta(days=7)
"""Suki keeps recordings for 7 days from the session date; counted from its start, to be on the safe side."""

_STATES: Mapping[str, SessionState] = {
    "created": SessionState.IN_PROGRESS,
    "ready": SessionState.IN_PROGRESS,
    "running": SessionState.IN_PROGRESS,
    "paused": SessionState.IN_PROGRESS,
    "aborted": SessionState.ABORTED,
    "skipped": SessionState.EMPTY,
    "failed": SessionState.FAILED,
    "completed": SessionState.READY,
}


@dataclass(frozen=True)
class Visit:
    """What is told of a session besides its status."""

    title: str | None = None
    clinician: str | None = None
    patient: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None


def read_state(status: object, *, spoken: bool) -> SessionState:
    """Our word for Suki's, whatever its case; an unknown one is ready when there is a transcript."""
    known = _STATES.get(str(status).strip().lower()) if isinstance(status, str) else None
    return known or (SessionState.READY if spoken else SessionState.PROCESSING)


def visit_session(
    connection: Connection,
    session_id: str,
    visit: Visit,
    *,
    state: SessionState,
    recording_state: RecordingState,
    turns: tuple[Turn, ...] | None = None,
) -> Session:
    """The session as a row. ``turns`` are null where they were not asked for."""
    short_id = session_id if len(session_id) <= 12 else f"{session_id[:8]}…"
    return Session(
        connection=connection.name,
        provider=connection.provider,
        session_id=session_id,
        title=visit.title or f"Visit {short_id}",
        agent=visit.clinician,
        state=state,
        recording_state=recording_state,
        started_at=visit.started_at,
        ended_at=visit.ended_at,
        duration_ms=_duration_ms(visit, turns or ()),
        retention_deadline=None if visit.started_at is None else visit.started_at + KEPT_FOR,
        parties=tuple(filter(None, (visit.clinician, visit.patient))),
        turn_count=None if turns is None else len(turns),
    )


def _duration_ms(visit: Visit, turns: Sequence[Turn]) -> int | None:
    """To the end of the visit or of the last turn, whichever is later; null when nothing says."""
    lengths = [turn.raw_end_ms or turn.raw_start_ms or 0 for turn in turns]
    if visit.started_at is not None and visit.ended_at is not None:
        lengths.append((visit.ended_at - visit.started_at) // timedelta(milliseconds=1))
    return next((length for length in sorted(lengths, reverse=True) if 0 < length <= MAX_MS), None)
