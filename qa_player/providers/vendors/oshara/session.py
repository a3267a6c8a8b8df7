"""Oshara's AgentSessionSummary as a session: its row, its turns as received, its recording, and its readable facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from qa_player.model.connection import Connection
from qa_player.model.facts import FactGroup
from qa_player.model.recording import RecordingMode, RecordingPart, RecordingState
from qa_player.model.recording_stage import RecordingStage
from qa_player.model.session import Session, SessionState
from qa_player.providers.facts import facts, group
from qa_player.providers.presigned import signed_span
from qa_player.providers.reading import count, identifier, instant, length_ms, mapping, metadata, short_text

PART = "recording"
PRESIGNED = "recording_presigned_url"

_WORDS: Mapping[RecordingStage, frozenset[str]] = {
    RecordingStage.READY: frozenset({"ready", "available", "complete", "completed", "done"}),
    RecordingStage.WAITING: frozenset({"pending", "queued", "waiting", "created", "starting"}),
    RecordingStage.RECORDING: frozenset({"started", "recording", "in_progress", "active"}),
    RecordingStage.UPLOADING: frozenset({"uploading", "uploaded"}),
    RecordingStage.PROCESSING: frozenset({"processing", "encoding", "finalizing", "ending", "stopping", "stopped"}),
    RecordingStage.FAILED: frozenset({"failed", "error", "aborted", "cancelled", "canceled"}),
    RecordingStage.NOT_RECORDED: frozenset({"none", "disabled", "off", "skipped", "not_recorded", "unavailable"}),
    RecordingStage.DELETED: frozenset({"deleted", "purged", "removed"}),
    RecordingStage.EXPIRED: frozenset({"expired"}),
}
"""The documents show READY only; other words are taken at their plain meaning."""

_STATES: Mapping[RecordingStage, RecordingState] = {
    RecordingStage.READY: RecordingState.AVAILABLE,
    RecordingStage.FAILED: RecordingState.NONE,
    RecordingStage.NOT_RECORDED: RecordingState.NONE,
    RecordingStage.DELETED: RecordingState.GONE,
    RecordingStage.EXPIRED: RecordingState.GONE,
}
_UNDER_WAY = frozenset({"recording", "waiting", "uploading", "processing", "promised"})


def read_session(connection: Connection, summary: Mapping[str, Any]) -> Session | None:
    """The session a summary tells of; null when it has no id."""
    session_id = identifier(summary.get("session_id"))
    if session_id is None:
        return None
    said = mapping(summary.get("metadata"))
    agent = short_text(summary.get("character_slug"))
    subject = next(filter(None, (short_text(said.get(name)) for name in ("subject", "title", "topic"))), None)
    short_id = session_id if len(session_id) <= 12 else f"{session_id[:8]}…"
    turn_count = count(summary.get("turn_count"))
    return Session(
        connection=connection.name,
        provider=connection.provider,
        session_id=session_id,
        title=subject or " ".join(filter(None, (agent, short_id))),
        agent=agent,
        state=_state(summary),
        recording_state=recording_state(summary),
        recording_stage=recording_stage(summary),
        started_at=instant(summary.get("created_at")),
        ended_at=instant(summary.get("finalized_at")),
        duration_ms=length_ms(summary.get("session_duration_seconds")),
        retention_deadline=None,
        turn_count=len(turns_received(summary)) if turn_count is None else turn_count,
        interruption_count=count(summary.get("interruption_count")),
        metadata=metadata(summary.get("metadata")),
    )


def recording_stage(summary: Mapping[str, Any]) -> RecordingStage:
    """How far its recording is on its way."""
    status = str(summary.get("recording_status") or "").strip().lower().replace(" ", "_").replace("-", "_")
    there = bool(summary.get(PRESIGNED, "in the detail"))
    if not status:
        return RecordingStage.WAITING if summary.get("finalized_at") is None else RecordingStage.NOT_RECORDED
    stage = next((stage for stage, words in _WORDS.items() if status in words), RecordingStage.UNKNOWN)
    if stage is RecordingStage.READY and not there:
        return RecordingStage.PROMISED
    # a word nobody knows is no reason to keep a recording from anybody
    return RecordingStage.READY if stage is RecordingStage.UNKNOWN and summary.get(PRESIGNED) else stage


def recording_state(summary: Mapping[str, Any]) -> RecordingState:
    """What can be done with its recording."""
    stage = recording_stage(summary)
    if stage in _UNDER_WAY:
        return RecordingState.PROCESSING
    return _STATES.get(stage, RecordingState.NONE)


def read_parts(summary: Mapping[str, Any], state: RecordingState) -> tuple[RecordingPart, ...]:
    """The one part of a session's recording, or none."""
    if state is RecordingState.NONE:
        return ()
    address = summary.get(PRESIGNED)
    dies = signed_span(address)[1] if isinstance(address, str) else None
    part = RecordingPart(
        part_id=PART,
        sequence=0,
        start_ms=0,
        duration_ms=None,  # the session's length is that of the call, not of the file
        mode=RecordingMode.STREAM,
        mime="video/mp4",
        expires_at=None if dies is None else datetime.fromtimestamp(dies, UTC),
        state=state,
    )
    return (part,)


def turns_received(summary: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The turns in their order; what is no object becomes one, and a text without turns a single turn of nobody's."""
    transcript = summary.get("transcript")
    if isinstance(transcript, list) and transcript:
        return [turn if isinstance(turn, dict) else {"text": turn} for turn in transcript]
    text = summary.get("transcript_text")
    return [{"role": "transcript_text", "text": text}] if isinstance(text, str) and text.strip() else []


def read_facts(summary: Mapping[str, Any]) -> tuple[FactGroup, ...]:
    """Where it came from, what it used and what that cost, and what the caller gave along."""
    told = {name: short_text(summary.get(name)) for name in summary}
    seconds = {name: _seconds(summary.get(name)) for name in ("stt_audio_seconds", "session_duration_seconds")}
    groups: dict[str, Mapping[str, Any]] = {
        "Where it came from": {
            "Page": told.get("origin_url"),
            "Room": told.get("room_name"),
            "User": told.get("user"),
            "Tenant": told.get("tenant_id"),
            "Recording status": told.get("recording_status"),
        },
        "Usage and cost": {
            "Estimated cost": _dollars(told.get("estimated_cost_usd")),
            "Call": seconds["session_duration_seconds"],
            "Language model": _of(told.get("llm_model"), told.get("llm_provider")),
            "Tokens in": _thousands(summary.get("llm_input_tokens")),
            "Tokens out": _thousands(summary.get("llm_output_tokens")),
            "Speech recognised": _of(seconds["stt_audio_seconds"], told.get("stt_provider")),
            "Speech made": _of(_characters(summary.get("tts_characters")), told.get("tts_provider")),
        },
        "Given along by the caller": metadata(summary.get("metadata")),
    }
    made = ((title, facts({name: value for name, value in rows.items() if value})) for title, rows in groups.items())
    return tuple(group(title, rows) for title, rows in made if rows)


def _state(summary: Mapping[str, Any]) -> SessionState:
    if summary.get("finalized_at") is None:
        return SessionState.IN_PROGRESS
    recording = recording_state(summary)
    if recording is RecordingState.PROCESSING:
        return SessionState.PROCESSING
    nothing = recording is RecordingState.NONE and not turns_received(summary)
    return SessionState.EMPTY if nothing and not count(summary.get("turn_count")) else SessionState.READY


def _dollars(told: str | None) -> str | None:
    return None if told is None else f"{told} US dollars"


def _thousands(value: object) -> str | None:
    number = count(value)
    return None if number is None else f"{number:,}"


def _characters(value: object) -> str | None:
    number = count(value)
    return None if number is None else f"{number:,} characters"


def _seconds(value: object) -> str | None:
    length = length_ms(value)
    return None if length is None else f"{length / 1_000:,.1f} s"


def _of(what: str | None, provider: str | None) -> str | None:
    return f"{what} ({provider})" if what and provider else what or provider
