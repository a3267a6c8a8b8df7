"""Lyzr: the sessions of voice agents, their transcripts inline, and audio that Lyzr itself streams to the key.

What its documents say: GET /transcripts lists (``limit``, ``offset``, ``sort``, ``agentId``, ``from``, ``to``),
GET /transcripts/{sessionId} gives one, GET /transcripts/{sessionId}/audio its recording as ``audio/ogg``. What a chat
history holds is not documented; it is LiveKit's session report (docs/providers/lyzr.md).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from qa_player.canonical import sha256
from qa_player.errors import NotFoundError, NotReadyError, QaPlayerError, UsageError
from qa_player.model.connection import Connection, Sides
from qa_player.model.recording import RecordingState
from qa_player.model.secret import Secret
from qa_player.model.session import Session, SessionDetail
from qa_player.providers.addresses import path_part
from qa_player.providers.base import Ability, OptionField, ProviderKind, SessionPage, SessionQuery, hosts_allowed
from qa_player.providers.byte_stream import StreamedRecording
from qa_player.providers.evidence import raw_without_keys, transcript_digest
from qa_player.providers.reading import count, identifier, iso, mapping
from qa_player.providers.statuses import not_as_promised
from qa_player.providers.vendors.lyzr import audio
from qa_player.providers.vendors.lyzr.conversation import items_of, read_conversation
from qa_player.providers.vendors.lyzr.session import read_facts, read_parts, read_session
from qa_player.providers.vendors.lyzr.traces import MOST_TRACES, traces_of, with_traces, without_traces
from qa_player.providers.waiting import Waiting

if TYPE_CHECKING:
    from qa_player.providers.door import Document
    from qa_player.providers.http import Http

MOST_PER_PAGE = 25
"""Every item of a page has its whole transcript in it."""
MOST_REMEMBERED = 256
TRACES_S = 5.0
"""Traces are worth so long a wait: a transcript is not kept back for them."""

_ABILITIES = frozenset(
    {
        Ability.LIST,
        Ability.LIST_BY_AGENT,
        Ability.DATE_FILTER,
        Ability.TOTAL_COUNT,
        Ability.TRANSCRIPT,
        Ability.TURN_END_TIMES,
        Ability.RECORDING,
        Ability.TRACES,
    }
)
_DIGESTED = ("type", "role", "content", "name", "arguments", "output", "created_at", "metrics", "interrupted")


class Lyzr:
    """One connection to Lyzr with an API key. Fits `Provider`, `ListsSessions`, `GivesDetail`, `GivesBeside`,
    `GivesRecording`.
    """

    def __init__(self, connection: Connection, key: Secret, http: Http) -> None:
        self._connection = connection
        self._door = http.door(connection.base_url, headers={"x-api-key": key}, allowed_hosts=hosts_allowed(connection))
        self._waiting = Waiting(http.clock)
        self._known: dict[str, Session] = {}

    @property
    def abilities(self) -> frozenset[Ability]:
        """Ranges of a recording are not promised, and nothing is there to be renewed."""
        return _ABILITIES

    async def check(self) -> None:
        """Ask for a page of one. Raises KeyRefusedError, NetworkError and its kinds."""
        await self.list_sessions(SessionQuery(), None, 1)

    async def aclose(self) -> None:
        """Forget what is remembered of sessions."""
        self._known.clear()

    async def list_sessions(self, query: SessionQuery, cursor: str | None, limit: int) -> SessionPage:
        """A page, latest end first. Pages shift while calls end: the same one may come twice."""
        if cursor is not None and not re.fullmatch("[0-9]{1,12}", cursor):
            raise UsageError(
                "The place in the list is not one this provider gave.", "List the sessions from the start."
            )
        offset = int(cursor or 0)
        size = min(max(limit, 1), MOST_PER_PAGE)
        page = mapping(await self._door.get_json("/transcripts", self._parameters(query, offset, size)))
        items = page.get("items")
        if not isinstance(items, list):
            raise not_as_promised("it holds no list of sessions")
        found = await asyncio.to_thread(self._sessions, items)
        total = count(page.get("total"))
        return SessionPage(found, _next(page, offset, len(items), total), total, len(items) - len(found))

    async def detail(self, session_id: str) -> SessionDetail:
        """One session with its turns. Raises NotFoundError, KeyRefusedError, UnexpectedAnswerError …"""
        document, transcript = await self._transcript(session_id)
        return await asyncio.to_thread(self._detail, session_id, document, transcript)

    async def beside(self, detail: SessionDetail) -> SessionDetail:
        """``detail`` with the traces of the call; one whose traces cannot be read says why, and stays."""
        trouble: QaPlayerError
        try:
            async with asyncio.timeout(TRACES_S):
                path = f"/traces/session/{path_part(detail.session.session_id)}"
                answer = await self._door.get_json(path, {"page": "1", "limit": str(MOST_TRACES)})
            return with_traces(detail, traces_of(answer))
        except QaPlayerError as error:
            trouble = error
        except TimeoutError:
            trouble = NotReadyError("The provider took too long.", "Open the session again.")
        return without_traces(detail, trouble)

    async def recording(self, session_id: str, part_id: str) -> StreamedRecording:
        """The recording as a stream of bytes. Raises NoRecordingError, NotReadyError, NotFoundError …"""
        if part_id != audio.PART:
            raise NotFoundError("The session has no such part of a recording.", "Open the session again.")
        known = self._known.get(session_id)
        if known is None or known.recording_state is not RecordingState.AVAILABLE:
            await self._transcript(session_id)
        session = self._known[session_id]
        if session.recording_state is RecordingState.NONE:
            raise audio.not_recorded()
        if session.recording_state is RecordingState.PROCESSING:
            raise NotReadyError("This conversation is still going on.", "Its recording comes after it has ended.")
        if self._waiting.left_s(session_id):
            raise self._waiting.not_ready(session_id)
        path = f"/transcripts/{path_part(session_id)}/audio"
        return StreamedRecording(self._door, path, refused=partial(self._refused, session))

    def _refused(self, session: Session, status: int, said: bytes) -> QaPlayerError | None:
        reason = audio.why_refused(status, said, session, now=self._door.server_time)
        if isinstance(reason, NotReadyError):
            self._waiting.missed(session.session_id)
            return self._waiting.not_ready(session.session_id)
        return reason

    async def _transcript(self, session_id: str) -> tuple[Document, Mapping[str, Any]]:
        part = path_part(session_id)
        if part is None:
            raise NotFoundError("There is no session with such an id.", "Check the id.")
        document = await self._door.get_document(f"/transcripts/{part}")
        answer = mapping(document.data)
        transcript = mapping(answer.get("transcript")) if "transcript" in answer else answer
        named = identifier(transcript.get("sessionId"))
        if not transcript or named is None or named.lower() != session_id.lower():
            raise not_as_promised("it is not the session that was asked for")
        session = read_session(self._connection, {**transcript, "sessionId": session_id})
        if session is None:
            raise not_as_promised("it holds no session")
        self._known.pop(session_id, None)
        self._known[session_id] = session
        while len(self._known) > MOST_REMEMBERED:
            del self._known[next(iter(self._known))]
        return document, transcript

    def _sessions(self, items: list[Any]) -> tuple[Session, ...]:
        return tuple(filter(None, (read_session(self._connection, mapping(item)) for item in items)))

    def _detail(self, session_id: str, document: Document, transcript: Mapping[str, Any]) -> SessionDetail:
        session = read_session(self._connection, {**transcript, "sessionId": session_id})
        if session is None:
            raise not_as_promised("it holds no session")
        turns, timing = read_conversation(transcript, session.duration_ms)
        raw = raw_without_keys(document.body, document.data, secret_fields=frozenset({"audio_recording_path"}))
        return SessionDetail(
            session=session,
            turns=turns,
            parts=read_parts(session.recording_state),
            timing=timing,
            transcript_digest=transcript_digest(items_of(transcript), _DIGESTED),
            raw=raw,
            raw_sha256=sha256(raw),
            facts=read_facts(transcript),
        )

    def _parameters(self, query: SessionQuery, offset: int, size: int) -> dict[str, str]:
        asked = {
            "limit": str(size),
            "offset": str(offset),
            "sort": "desc",
            "agentId": query.agent or self._connection.options.get("agent_id"),
            "from": None if query.since is None else iso(query.since),
            "to": None if query.until is None else iso(query.until),
        }
        return {name: value for name, value in asked.items() if value}


def _next(page: Mapping[str, Any], offset: int, held: int, total: int | None) -> str | None:
    """Where the next page begins: what the answer says if that leads on, else by what was counted."""
    if not held:
        return None
    if "nextOffset" in page:
        told = count(page["nextOffset"])
        return str(told) if told is not None and told > offset else None
    return str(offset + held) if total is not None and offset + held < total else None


PROVIDER = ProviderKind(
    name="lyzr",
    title="Lyzr",
    base_url="https://voice-livekit.studio.lyzr.ai/v1",
    make=Lyzr,
    options=(
        OptionField("agent_id", "Agent", "Only sessions of this agent, by its id (24 characters)."),
        OptionField("allowed_hosts", "Allowed hosts", "Private hosts that recordings may come from, with commas."),
    ),
    sides=Sides(agent="Agent", user="User"),
)
