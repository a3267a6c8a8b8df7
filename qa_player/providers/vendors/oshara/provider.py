"""Oshara: voice sessions with their transcripts inline and the recording behind a presigned address.

What its documents say: GET /api/billing/usage/ lists summaries, GET /api/billing/sessions/{id}/ gives one, both in an
envelope {success, message, data, errors}. ``ts`` is seconds since the *session* started; that the recording starts at
the same moment is nowhere promised, so timing is approximate. The presigned address is renewed by asking again.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qa_player.canonical import sha256
from qa_player.errors import NotFoundError, NotReadyError, QaPlayerError, UsageError
from qa_player.model.connection import Connection
from qa_player.model.recording import RecordingState
from qa_player.model.recording_stage import RecordingStage, why_silent
from qa_player.model.secret import Secret
from qa_player.model.session import Session, SessionDetail
from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.providers.addresses import path_part
from qa_player.providers.base import (
    Ability,
    KeptKey,
    OptionField,
    ProviderKind,
    SessionPage,
    SessionQuery,
    hosts_allowed,
)
from qa_player.providers.evidence import raw_without_keys, transcript_digest
from qa_player.providers.keys import LoginKeys
from qa_player.providers.presigned import PresignedRecording, signed_span
from qa_player.providers.reading import count, identifier, iso, mapping
from qa_player.providers.statuses import not_as_promised
from qa_player.providers.turns import read_turns
from qa_player.providers.vendors.oshara.envelope import content_of
from qa_player.providers.vendors.oshara.forms import with_forms, without_forms
from qa_player.providers.vendors.oshara.login import Login, kept_key
from qa_player.providers.vendors.oshara.session import (
    PART,
    PRESIGNED,
    read_facts,
    read_parts,
    read_session,
    recording_stage,
    recording_state,
    turns_received,
)

if TYPE_CHECKING:
    from qa_player.providers.door import Document
    from qa_player.providers.http import Http

MOST_PER_PAGE = 200
MOST_REMEMBERED = 64
STILL_FRESH_S = 5.0
FORMS_S = 5.0
"""Forms are worth so long a wait: a transcript is not kept back for them."""

_ABILITIES = frozenset(Ability) - {Ability.TURN_END_TIMES, Ability.NOTES, Ability.TRACES}


class Oshara:
    """One connection to Oshara, with an API key or, where the option ``email`` is set, with a login.

    Fits `Provider`, `ListsSessions`, `GivesDetail`, `GivesBeside`, `GivesRecording`, `RenewsKey`.
    """

    def __init__(self, connection: Connection, key: Secret, http: Http) -> None:
        allowed = hosts_allowed(connection)
        self._connection = connection
        self._login: Login | None = None
        self._keys: LoginKeys | None = None
        if connection.options.get("email"):
            self._login = Login(http.door(connection.base_url, headers={}, allowed_hosts=allowed), key)
            self._keys = LoginKeys(self._login.grant, clock=http.clock)
        self._door = http.door(connection.base_url, headers=self._keys or {"X-API-Key": key}, allowed_hosts=allowed)
        self._offers: dict[str, tuple[RecordingState, RecordingStage, Secret]] = {}

    @property
    def abilities(self) -> frozenset[Ability]:
        """There are no end times of turns, no notes and no traces."""
        return _ABILITIES

    def keep_key_in(self, place: KeptKey) -> None:
        """Where the refresh token of a login is kept; an API key stays what it is."""
        if self._login is not None:
            self._login.keep_in(place)

    async def check(self) -> None:
        """Ask for a page of one. Raises KeyRefusedError, NetworkError and its kinds."""
        await self.list_sessions(SessionQuery(), None, 1)

    async def aclose(self) -> None:
        """Forget the access token and what presigned addresses are remembered."""
        self._offers.clear()
        if self._keys is not None:
            self._keys.forget()

    async def list_sessions(self, query: SessionQuery, cursor: str | None, limit: int) -> SessionPage:
        """A page, newest first as Oshara sorts. Pages shift while new sessions come: the same one may come twice."""
        page, size, seen = _place_of(cursor, limit)
        try:
            answer = await self._door.get_json("/api/billing/usage/", self._parameters(query, page, size))
        except NotFoundError:
            if page == 1:
                raise
            return SessionPage((), None, None)  # one past the last page is "not found" to some servers
        data = mapping(content_of(answer))
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

    async def beside(self, detail: SessionDetail) -> SessionDetail:
        """``detail`` with the forms that were filled in; one whose forms cannot be read says why, and stays."""
        slug = path_part(detail.session.agent or "")
        if slug is None:
            return detail
        trouble: QaPlayerError
        try:
            async with asyncio.timeout(FORMS_S):
                asked = {"session_id": detail.session.session_id}
                answer = content_of(await self._door.get_json(f"/api/agents/{slug}/form-responses/", asked))
            if not isinstance(answer, list):
                raise not_as_promised("it holds no list of form responses")
            return with_forms(detail, answer)
        except QaPlayerError as error:
            trouble = error
        except TimeoutError:
            trouble = NotReadyError("The provider took too long.", "Open the session again.")
        return without_forms(detail, trouble)

    def _sessions(self, items: list[Any]) -> tuple[Session, ...]:
        return tuple(filter(None, (read_session(self._connection, mapping(item)) for item in items)))

    def _detail(self, session_id: str, document: Document, summary: Mapping[str, Any]) -> SessionDetail:
        session = read_session(self._connection, {**summary, "session_id": session_id})
        if session is None:
            raise not_as_promised("it holds no session")
        received = turns_received(summary)
        turns, misread = read_turns(received, session.duration_ms, time="ts")
        raw = raw_without_keys(document.body, document.data, secret_fields=frozenset({PRESIGNED}))
        quality = TimingQuality.UNKNOWN if misread else TimingQuality.APPROXIMATE
        return SessionDetail(
            session=session,
            turns=turns,
            parts=read_parts(summary, session.recording_state),
            timing=Timing(quality=quality, origin=TimingOrigin.PROVIDER),
            transcript_digest=transcript_digest(received, ("role", "text", "turn_index", "ts")),
            raw=raw,
            raw_sha256=sha256(raw),
            facts=read_facts(summary),
        )

    async def recording(self, session_id: str, part_id: str) -> PresignedRecording:
        """The recording behind the address last heard of, or a new one. Raises NoRecordingError, NotReadyError …"""
        if part_id != PART:
            raise NotFoundError("The session has no such part of a recording.", "Open the session again.")
        offer = self._offers.get(session_id)
        if offer is None or offer[0] is not RecordingState.AVAILABLE or not self._is_fresh(offer[2]):
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
        content = content_of(document.data)
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
        offered = Secret(address if isinstance(address, str) else "")
        self._offers[session_id] = (recording_state(summary), recording_stage(summary), offered)
        while len(self._offers) > MOST_REMEMBERED:
            del self._offers[next(iter(self._offers))]

    def _hearable(self, session_id: str) -> Secret:
        state, stage, address = self._offers[session_id]
        refused = why_silent(stage, state)
        if refused is not None:
            raise refused
        if not address:
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


PROVIDER = ProviderKind(
    name="oshara",
    title="Oshara",
    base_url="https://api.oshara.ai",
    make=Oshara,
    key_label="API key, or the password of the e-mail address",
    keeps=kept_key,
    options=(
        OptionField("email", "E-mail", "To log in with a password in place of an API key; only the login is kept."),
        OptionField("character_slug", "Character", "Only sessions of this character, by its slug."),
        OptionField("tenant_id", "Tenant", "Only sessions of this tenant."),
        OptionField("allowed_hosts", "Allowed hosts", "Private hosts that recordings may come from, with commas."),
    ),
)
