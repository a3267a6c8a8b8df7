"""A Lyzr transcript object as a session, and the parts of its recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qa_player.model.connection import Connection
from qa_player.model.facts import FactGroup
from qa_player.model.recording import RecordingMode, RecordingPart, RecordingState
from qa_player.model.session import Session, SessionState
from qa_player.providers.facts import facts, group
from qa_player.providers.reading import (
    count,
    identifier,
    instant,
    length_ms,
    mapping,
    metadata,
    number,
    short_text,
)
from qa_player.providers.vendors.lyzr.audio import PART
from qa_player.providers.vendors.lyzr.conversation import items_of, text_of

LONGEST_SUBJECT = 64
FEWEST_WORDS = 4
"""Fewer are a greeting, and every call has that."""
_TOLD = ("roomName", "agentId", "orgId", "createdByUserId", "closeReason", "messageCount")


def read_session(connection: Connection, transcript: Mapping[str, Any]) -> Session | None:
    """The session a transcript object tells of; null when it has no id."""
    session_id = identifier(transcript.get("sessionId"))
    if session_id is None:
        return None
    state = _state(transcript)
    room = short_text(transcript.get("roomName")) or ""
    short_id = session_id if len(session_id) <= 12 else f"{session_id[:8]}…"
    milliseconds = number(transcript.get("durationMs"))
    messages = count(transcript.get("messageCount"))
    items = items_of(transcript)
    return Session(
        connection=connection.name,
        provider=connection.provider,
        session_id=session_id,
        title=_subject(items) or f"{'Phone call' if room.startswith('call-') else 'Call'} {short_id}",
        agent=short_text(transcript.get("agentId")),
        state=state,
        recording_state=_recording_state(transcript, state),
        started_at=instant(transcript.get("startedAt")),
        ended_at=instant(transcript.get("endedAt")),
        duration_ms=None if milliseconds is None else length_ms(milliseconds / 1_000),
        retention_deadline=None,
        turn_count=sum(item.get("type") == "message" for item in items) if messages is None else messages,
        interruption_count=sum(item.get("interrupted") is True for item in items),
        metadata=metadata({name: transcript[name] for name in _TOLD if transcript.get(name) is not None}),
    )


def read_facts(transcript: Mapping[str, Any]) -> tuple[FactGroup, ...]:
    """Where it came from, as rows for a person."""
    report = mapping(transcript.get("sessionReport"))
    rows = facts(
        {
            "Room": transcript.get("roomName"),
            "Agent": transcript.get("agentId"),
            "Organisation": transcript.get("orgId"),
            "Made by": transcript.get("createdByUserId"),
            "Ended because": (short_text(transcript.get("closeReason")) or "").replace("_", " "),
            "Messages": transcript.get("messageCount"),
            "Job": report.get("job_id"),
        }
    )
    return (group("Where it came from", rows),) if rows else ()


def read_parts(state: RecordingState) -> tuple[RecordingPart, ...]:
    """The one part of a session's recording, or none."""
    if state is RecordingState.NONE:
        return ()
    part = RecordingPart(
        part_id=PART,
        sequence=0,
        start_ms=0,
        duration_ms=None,  # ``durationMs`` is from the first event to the last, not the file's length
        mode=RecordingMode.BYTES,
        mime="audio/ogg",
        expires_at=None,
        state=state,
    )
    return (part,)


def _subject(items: Sequence[Mapping[str, Any]]) -> str:
    """What the user first said beyond a greeting: Lyzr gives a call no title, and nobody knows one by its id."""
    said = (
        short_text(text_of(item, "message", is_message=True))
        for item in items
        if item.get("type") == "message" and item.get("role") == "user"
    )
    words = [text.split() for text in said if text]
    subject = " ".join(next((some for some in words if len(some) >= FEWEST_WORDS), words[0] if words else []))
    return subject if len(subject) <= LONGEST_SUBJECT else f"{subject[: LONGEST_SUBJECT - 1].rstrip()}…"


def _state(transcript: Mapping[str, Any]) -> SessionState:
    if transcript.get("endedAt") is None:
        return SessionState.IN_PROGRESS
    nothing = not items_of(transcript) and not count(transcript.get("messageCount"))
    return SessionState.EMPTY if nothing else SessionState.READY


def _recording_state(transcript: Mapping[str, Any], state: SessionState) -> RecordingState:
    """Lyzr tells it only when asked for the audio, unless the report says that nothing was recorded."""
    if state is SessionState.IN_PROGRESS:
        return RecordingState.PROCESSING
    report = mapping(transcript.get("sessionReport"))
    told = [report[name] for name in ("audio_recording_path", "audio_recording_started_at") if name in report]
    return RecordingState.NONE if len(told) == 2 and not any(told) else RecordingState.AVAILABLE
