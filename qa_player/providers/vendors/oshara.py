"""Oshara: voice sessions with their transcripts inline and the recording behind a presigned address.

What its documents say: GET /api/billing/usage/ lists summaries, GET /api/billing/sessions/{id}/ gives one, both in an
envelope {success, message, data, errors}. ``ts`` is seconds since the *session* started; that the recording starts at
the same moment is nowhere promised, so timing is approximate. The presigned address is renewed by asking again.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from qa_player.canonical import sha256
from qa_player.errors import GoneError, NoRecordingError, NotFoundError, NotReadyError, UsageError
from qa_player.model.connection import Connection
from qa_player.model.recording import RecordingMode, RecordingPart, RecordingState
from qa_player.model.secret import Secret
from qa_player.model.session import Session, SessionDetail, SessionState
from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.providers.addresses import path_part
from qa_player.providers.base import Ability, OptionField, ProviderKind, SessionPage, SessionQuery, hosts_allowed
from qa_player.providers.evidence import raw_without_keys, transcript_digest
from qa_player.providers.presigned import PresignedRecording, signed_span
from qa_player.providers.reading import count, identifier, instant, iso, length_ms, mapping, metadata, short_text
from qa_player.providers.statuses import not_as_promised
from qa_player.providers.turns import read_turns

if TYPE_CHECKING:
    from qa_player.providers.door import Document
    from qa_player.providers.http import Http

PART = "recording"
PRESIGNED = "recording_presigned_url"
MOST_PER_PAGE = 200
MOST_REMEMBERED = 64
STILL_FRESH_S = 5.0

_ABILITIES = frozenset(Ability) - {Ability.TURN_END_TIMES, Ability.NOTES, Ability.FORMS}
_READY = frozenset({"ready", "available", "complete", "completed", "done"})
_NOT_YET = frozenset({"pending", "queued", "started", "recording", "in_progress", "uploading", "processing"})
_GONE = frozenset({"deleted", "expired", "purged"})


class Oshara:
    """One connection to Oshara with an API key. Fits `Provider`, `ListsSessions`, `GivesDetail`, `GivesRecording`."""

    def __init__(self, connection: Connection, key: Secret, http: Http) -> None:
        self._connection = connection
        self._door = http.door(connection.base_url, headers={"X-API-Key": key}, allowed_hosts=hosts_allowed(connection))
        self._offers: dict[str, tuple[RecordingState, Secret]] = {}

    @property
    def abilities(self) -> frozenset[Ability]:
        """What an API key can do; there are no end times, and notes and forms are not read."""
        return _ABILITIES

    async def check(self) -> None:
        """Ask for a page of one. Raises KeyRefusedError, NetworkError and its kinds."""
        await self.list_sessions(SessionQuery(), None, 1)

    async def aclose(self) -> None:
        """Forget what presigned addresses are remembered."""
        self._offers.clear()

    async def list_sessions(self, query: SessionQuery, cursor: str | None, limit: int) -> SessionPage:
        """A page, newest first as Oshara sorts. Pages shift while new sessions come: the same one may come twice."""
        page, size, seen = _place_of(cursor, limit)
        try:
            answer = await self._door.get_json("/api/billing/usage/", self._parameters(query, page, size))
        except NotFoundError:
            if page == 1:
                raise
            return SessionPage((), None, None)  # one past the last page is "not found" to some servers
        data = mapping(_content(answer))
        sessions = data.get("sessions")
        items = sessions if isinstance(sessions, list) else mapping(sessions).get("data")
        if not isinstance(items, list):
            raise not_as_promised("it holds no list of sessions")
        found = await asyncio.to_thread(self._sessions, items)
        seen += len(items)
        total = count(data.get("total_sessions"))
        # a server may give shorter pages than asked for, so a short page ends the list only when nothing says otherwise
        at_end = not items or (len(items) < size if total is None else seen >= total)
        return SessionPage(found, None if at_end else f"{page + 1}.{size}.{seen}", total, len(items) - len(found))

    async def detail(self, session_id: str) -> SessionDetail:
        """One session with its turns. Raises NotFoundError, KeyRefusedError, UnexpectedAnswerError …"""
        document, summary = await self._summary(session_id)
        return await asyncio.to_thread(self._detail, session_id, document, summary)

    def _sessions(self, items: list[Any]) -> tuple[Session, ...]:
        return tuple(filter(None, (_session(self._connection, mapping(item)) for item in items)))

    def _detail(self, session_id: str, document: Document, summary: Mapping[str, Any]) -> SessionDetail:
        session = _session(self._connection, {**summary, "session_id": session_id})
        if session is None:
            raise not_as_promised("it holds no session")
        received = _turns_received(summary)
        turns, misread = read_turns(received, session.duration_ms, time="ts")
        raw = raw_without_keys(document.body, document.data, secret_fields=frozenset({PRESIGNED}))
        quality = TimingQuality.UNKNOWN if misread else TimingQuality.APPROXIMATE
        return SessionDetail(
            session=session,
            turns=turns,
            parts=_parts(summary, session.recording_state),
            timing=Timing(quality=quality, origin=TimingOrigin.PROVIDER),
            transcript_digest=transcript_digest(received, ("role", "text", "turn_index", "ts")),
            raw=raw,
            raw_sha256=sha256(raw),
        )

    async def recording(self, session_id: str, part_id: str) -> PresignedRecording:
        """The recording behind the address last heard of, or a new one. Raises NoRecordingError, NotReadyError …"""
        if part_id != PART:
            raise NotFoundError("The session has no such part of a recording.", "Open the session again.")
        offer = self._offers.get(session_id)
        if offer is None or offer[0] is not RecordingState.AVAILABLE or not self._is_fresh(offer[1]):
            await self._summary(session_id)

        async def renewed() -> Secret:
            await self._summary(session_id)
            return self._hearable(session_id)

        return PresignedRecording(self._door, self._hearable(session_id), renewed=renewed)

    async def _summary(self, session_id: str) -> tuple[Document, Mapping[str, Any]]:
        """The answer for one session; the address in it is remembered for `recording`."""
        part = path_part(session_id)
        if part is None:
            raise NotFoundError("There is no session with such an id.", "Check the id.")
        document = await self._door.get_document(f"/api/billing/sessions/{part}/")
        content = _content(document.data)
        if content is None:
            raise NotFoundError(
                "The provider does not have this session, or this key may not see it.",
                "Check the id, and whose key the connection uses.",
            )
        summary = mapping(content)
        named = identifier(summary.get("session_id"))
        if not summary or (named is not None and named.lower() != session_id.lower()):
            raise not_as_promised("it is not the session that was asked for")
        self._remember(session_id, summary)
        return document, summary

    def _remember(self, session_id: str, summary: Mapping[str, Any]) -> None:
        address = summary.get(PRESIGNED)
        self._offers.pop(session_id, None)
        self._offers[session_id] = (_recording_state(summary), Secret(address if isinstance(address, str) else ""))
        while len(self._offers) > MOST_REMEMBERED:
            del self._offers[next(iter(self._offers))]

    def _hearable(self, session_id: str) -> Secret:
        state, address = self._offers[session_id]
        if state is RecordingState.NONE:
            raise NoRecordingError("The session has no recording.", "Its transcript can be read all the same.")
        if state is RecordingState.GONE:
            raise GoneError("The recording was deleted at the provider.", "Its transcript can be read all the same.")
        if state is RecordingState.PROCESSING or not address:
            raise NotReadyError("The recording is not ready yet.", "Try again in a minute.")
        return address

    def _is_fresh(self, address: Secret) -> bool:
        dies = signed_span(address.reveal())[1]
        return dies is None or dies + self._door.clock_ahead_s > self._door.http.clock.time() + STILL_FRESH_S

    def _parameters(self, query: SessionQuery, page: int, size: int) -> dict[str, str]:
        options = self._connection.options
        asked = {
            "character_slug": query.agent or options.get("character_slug"),
            "tenant_id": options.get("tenant_id"),
            "start": None if query.since is None else iso(query.since),
            "end": None if query.until is None else iso(query.until),
            "page": str(page),
            "page_size": str(size),
        }
        return {name: value for name, value in asked.items() if value}


def _place_of(cursor: str | None, limit: int) -> tuple[int, int, int]:
    """Page, its size, and how many sessions the pages before it had."""
    if cursor is None:
        return 1, min(max(limit, 1), MOST_PER_PAGE), 0
    if not re.fullmatch(r"[0-9]{1,9}\.[0-9]{1,3}\.[0-9]{1,12}", cursor):
        raise UsageError("The place in the list is not one this provider gave.", "List the sessions from the start.")
    page, size, seen = cursor.split(".")
    return int(page), int(size), int(seen)


def _content(answer: Any) -> Any:
    """What the envelope holds; an answer without one is taken as it is."""
    if not isinstance(answer, dict) or not {"success", "data"} & answer.keys():
        return answer
    if answer.get("success") in (False, "false", "False"):
        raise not_as_promised("it says that the request failed")
    return answer.get("data")


def _session(connection: Connection, summary: Mapping[str, Any]) -> Session | None:
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
        recording_state=_recording_state(summary),
        started_at=instant(summary.get("created_at")),
        ended_at=instant(summary.get("finalized_at")),
        duration_ms=length_ms(summary.get("session_duration_seconds")),
        retention_deadline=None,
        turn_count=len(_turns_received(summary)) if turn_count is None else turn_count,
        interruption_count=count(summary.get("interruption_count")),
        metadata=metadata(summary.get("metadata")),
    )


def _state(summary: Mapping[str, Any]) -> SessionState:
    if summary.get("finalized_at") is None:
        return SessionState.IN_PROGRESS
    recording = _recording_state(summary)
    if recording is RecordingState.PROCESSING:
        return SessionState.PROCESSING
    nothing = recording is RecordingState.NONE and not _turns_received(summary)
    return SessionState.EMPTY if nothing and not count(summary.get("turn_count")) else SessionState.READY


def _recording_state(summary: Mapping[str, Any]) -> RecordingState:
    """From ``recording_status``, of which only READY is documented; other words are taken at their plain meaning."""
    status = str(summary.get("recording_status") or "").strip().lower().replace(" ", "_").replace("-", "_")
    address = summary.get(PRESIGNED, "in the detail")
    if status in _READY:
        return RecordingState.AVAILABLE if address else RecordingState.PROCESSING
    if status in _NOT_YET or (not status and summary.get("finalized_at") is None):
        return RecordingState.PROCESSING
    if status in _GONE:
        return RecordingState.GONE
    unknown_but_there = status and summary.get(PRESIGNED) and status not in ("none", "failed", "error", "disabled")
    return RecordingState.AVAILABLE if unknown_but_there else RecordingState.NONE


def _parts(summary: Mapping[str, Any], state: RecordingState) -> tuple[RecordingPart, ...]:
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


def _turns_received(summary: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The turns in their order; what is no object becomes one, and a text without turns a single turn of nobody's."""
    transcript = summary.get("transcript")
    if isinstance(transcript, list) and transcript:
        return [turn if isinstance(turn, dict) else {"text": turn} for turn in transcript]
    text = summary.get("transcript_text")
    return [{"role": "transcript_text", "text": text}] if isinstance(text, str) and text.strip() else []


PROVIDER = ProviderKind(
    name="oshara",
    title="Oshara",
    base_url="https://api.oshara.ai",
    make=Oshara,
    options=(
        OptionField("character_slug", "Character", "Only sessions of this character, by its slug."),
        OptionField("tenant_id", "Tenant", "Only sessions of this tenant."),
        OptionField("allowed_hosts", "Allowed hosts", "Private hosts that recordings may come from, with commas."),
    ),
)
