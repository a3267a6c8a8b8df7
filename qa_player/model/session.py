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

TOLD_MARGIN_MS = 10_000


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

    def length_ms(self, recording_ms: int | None = None) -> int | None:
        """What ends the last turn; while a conversation goes on, its length so far ends none."""
        told_ms = None if self.state is SessionState.IN_PROGRESS else self.duration_ms
        return recording_ms or told_ms or None

    def latest_ms(self, recording_ms: int | None) -> int | None:
        """What lies past it is no time of this session: the recording's own length, else what the provider tells and
        a margin, for conversation and recording seldom last equally long. Null while nobody knows, or it goes on."""
        if recording_ms is not None:
            return recording_ms
        told_ms = self.length_ms()
        return None if told_ms is None else told_ms + TOLD_MARGIN_MS


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

    @property
    def spoken_ms(self) -> int | None:
        """How long the conversation was, by its turns, else as its provider says."""
        ends = [turn.raw_start_ms if turn.raw_end_ms is None else turn.raw_end_ms for turn in self.turns]
        return max((end for end in ends if end is not None), default=self.session.duration_ms)
