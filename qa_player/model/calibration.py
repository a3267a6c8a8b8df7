"""Calibration by file: a packet of sessions that several people judge alone, and what each of them answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from qa_player.canonical import digest
from qa_player.model.form import Form
from qa_player.model.scorecard import Answer
from qa_player.model.session import Session
from qa_player.model.transcript import Role, Turn
from qa_player.model.value import Count, Instant, LongText, Milliseconds, Name, OpaqueId, Sha256, ShortText, Value

MOST_SESSIONS = 200
MOST_TURNS = 100_000

PublicKey = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""32 bytes in hex, to which answers are sealed."""


class PacketTurn(Value):
    """A turn as it was read when the packet was made; times are audio time."""

    index: Count
    role: Role
    speaker: ShortText | None
    text: LongText
    start_ms: Milliseconds | None
    end_ms: Milliseconds | None


class PacketSession(Value):
    """One session to be judged: what identifies it and what was said. Nothing that anybody thinks of it, and nothing
    of the provider's own (metadata, figures, grades)."""

    connection: Name
    provider: Name
    session_id: OpaqueId
    title: ShortText
    started_at: Instant | None
    duration_ms: Milliseconds | None
    transcript_digest: Sha256
    turns: Annotated[tuple[PacketTurn, ...], Field(max_length=MOST_TURNS)]

    @property
    def place(self) -> tuple[str, str]:
        """Connection and session id."""
        return self.connection, self.session_id


class Packet(Value):
    """What every reviewer is given. Answers are sealed to ``public_key``: only who made the packet opens them."""

    packet_id: OpaqueId
    made_at: Instant
    made_by: ShortText
    tool: ShortText
    form: Form
    form_digest: Sha256
    public_key: PublicKey
    sessions: Annotated[tuple[PacketSession, ...], Field(min_length=1, max_length=MOST_SESSIONS)]

    @property
    def digest(self) -> str:
        """Of all of it; answers belong to this and to no other packet."""
        return digest(self.model_dump(mode="json"))


def packet_session(session: Session, turns: Iterable[Turn], *, digest: str, duration_ms: int | None) -> PacketSession:
    """What a packet tells of a session; ``digest`` is its transcript's, ``turns`` are placed in audio time."""
    return PacketSession(
        connection=session.connection,
        provider=session.provider,
        session_id=session.session_id,
        title=session.title,
        started_at=session.started_at,
        duration_ms=duration_ms,
        transcript_digest=digest,
        turns=tuple(
            PacketTurn(
                index=turn.index,
                role=turn.role,
                speaker=turn.speaker,
                text=turn.text,
                start_ms=turn.start_ms,
                end_ms=turn.end_ms,
            )
            for turn in turns
        ),
    )


class SessionAnswers(Value):
    """One session's answers in the order of the form; ``scorecard_id`` is the card they were taken from, null for a
    file."""

    connection: Name
    session_id: OpaqueId
    answers: tuple[Answer, ...]
    scorecard_id: OpaqueId | None = None

    @property
    def place(self) -> tuple[str, str]:
        """Connection and session id, as the packet names them."""
        return self.connection, self.session_id


class PacketAnswers(Value):
    """What one person answered to a whole packet."""

    packet_digest: Sha256
    reviewer: Annotated[ShortText, Field(min_length=1)]
    answered_at: Instant
    sessions: Annotated[tuple[SessionAnswers, ...], Field(max_length=MOST_SESSIONS)]


class SealedAnswers(Value):
    """`PacketAnswers` that only who made the packet can open; ``sealed`` is base64."""

    packet_id: OpaqueId
    packet_digest: Sha256
    sealed: Annotated[str, Field(max_length=100_000_000, pattern=r"^[A-Za-z0-9+/]+={0,2}$")]
