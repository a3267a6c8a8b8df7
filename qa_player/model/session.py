"""A session: one conversation, as a provider tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field, JsonValue

from qa_player.model.facts import FactGroup
from qa_player.model.recording import RecordingPart, RecordingState
from qa_player.model.recording_stage import RecordingStage
from qa_player.model.timing import Timing
from qa_player.model.transcript import Turn
from qa_player.model.value import Count, Instant, Milliseconds, Name, OpaqueId, Sha256, ShortText, Value


class SessionState(StrEnum):
    """How far a conversation is on its way to being reviewable."""

    IN_PROGRESS = "in_progress"
    PROCESSING = "processing"
    READY = "ready"
    EMPTY = "empty"
    FAILED = "failed"
    ABORTED = "aborted"
    EXPIRED = "expired"


class Session(Value):
    """One row of a listing. Ids are opaque text; instants are UTC; ``metadata`` is shown as plain text only."""

    connection: Name
    provider: Name
    session_id: OpaqueId
    title: ShortText
    agent: ShortText | None
    state: SessionState
    recording_state: RecordingState
    started_at: Instant | None
    ended_at: Instant | None
    duration_ms: Milliseconds | None
    retention_deadline: Instant | None
    recording_stage: RecordingStage | None = None
    """How far its recording is on its way, where the provider tells; null where it does not."""
    parties: tuple[ShortText, ...] = ()
    turn_count: Count | None = None
    interruption_count: Count | None = None
    metadata: Mapping[str, JsonValue] = Field(default_factory=dict)


class SessionDetail(Value):
    """One session with its transcript and the parts of its recording, and the raw answer it was read from.

    ``turns`` are in the provider's order with raw times; ``model.transcript.place`` gives them audio times.
    ``raw`` is the provider's answer as received, without addresses that work as a key; ``raw_sha256`` its digest.
    ``facts`` are what else it tells, as rows for a person.
    """

    session: Session
    turns: tuple[Turn, ...]
    parts: tuple[RecordingPart, ...]
    timing: Timing
    transcript_digest: Sha256
    raw: bytes
    raw_sha256: Sha256
    facts: tuple[FactGroup, ...] = ()
