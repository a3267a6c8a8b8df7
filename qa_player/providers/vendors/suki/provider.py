"""Suki: clinical visits by session id, with transcript, AI note and recordings that are kept for 7 days.

What its documents say: a login gives a token for an hour; GET /ambient/session/{id}/status, …/transcript, …/recording
(``download``), …/content and …/structured-data. No list exists; a feed of the customer's own may stand in for it.
Suki logs every access to a recording, so one is asked for as seldom as can be, and never after a 410.
"""

from __future__ import annotations

import asyncio
import contextlib
from codecs import BOM_UTF8
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qa_player.canonical import sha256
from qa_player.errors import GoneError, NotFoundError, NotReadyError, QaPlayerError
from qa_player.model.connection import Connection, Sides
from qa_player.model.listing import NamedSession
from qa_player.model.note import Note
from qa_player.model.recording import RecordingState
from qa_player.model.secret import Secret
from qa_player.model.session import Session, SessionDetail, SessionState
from qa_player.providers.addresses import path_part
from qa_player.providers.base import Ability, OptionField, ProviderKind, SessionPage, SessionQuery, hosts_allowed
from qa_player.providers.door import Document
from qa_player.providers.evidence import raw_without_keys, transcript_digest
from qa_player.providers.keys import Grant, LoginKeys
from qa_player.providers.presigned import PresignedRecording
from qa_player.providers.reading import mapping
from qa_player.providers.statuses import not_as_promised
from qa_player.providers.vendors.suki.feed import Feed
from qa_player.providers.vendors.suki.login import log_in
from qa_player.providers.vendors.suki.note import read_note
from qa_player.providers.vendors.suki.offering import Offering
from qa_player.providers.vendors.suki.recordings import none_offered, parts_of, without_offer
from qa_player.providers.vendors.suki.session import Visit, read_state, visit_session
from qa_player.providers.vendors.suki.transcript import items_of, read_transcript, recording_starts, session_span

if TYPE_CHECKING:
    from qa_player.providers.http import Http

_ABILITIES = frozenset(
    {
        Ability.TRANSCRIPT,
        Ability.TURN_END_TIMES,
        Ability.RECORDING,
        Ability.RECORDING_RANGES,
        Ability.RENEWAL,
        Ability.NOTES,
    }
)
_DIGESTED = ("transcript_id", "transcript", "start_offset", "end_offset", "start_time", "end_time", "recording_id")


class Suki:
    """One connection to Suki with a partner's token. Fits `Provider`, `GivesDetail`, `GivesRecording`, `GivesNotes`,
    `KnowsById`, `TellsTime`."""

    def __init__(self, connection: Connection, key: Secret, http: Http) -> None:
        allowed = hosts_allowed(connection)
        self._connection = connection
        self._login_door = http.door(connection.base_url, headers={}, allowed_hosts=allowed)
        self._partner_token = key
        self._keys = LoginKeys(self._log_in, clock=http.clock)
        self._door = http.door(connection.base_url, headers=self._keys, allowed_hosts=allowed)
        self._offering = Offering(self._door, self._ask_recording)
        self._named: dict[str, Visit] = {}

    @property
    def abilities(self) -> frozenset[Ability]:
        """All but listing."""
        return _ABILITIES

    @property
    def server_time(self) -> float | None:
        """Suki's clock, by whichever answer told of it; a visit's deadline is counted down by it."""
        told = self._door.server_time
        return self._login_door.server_time if told is None else told

    async def check(self) -> None:
        """Log in. Raises KeyRefusedError, UsageError, NetworkError and its kinds."""
        await self._keys.renew()

    async def aclose(self) -> None:
        """Forget token and addresses."""
        self._keys.forget()
        self._offering.forget()

    async def detail(self, session_id: str) -> SessionDetail:
        """One session with its turns and what of its recording is offered. Raises NotFoundError, GoneError …"""
        status = await self._document(session_id, "status")
        told = mapping(status.data)
        if "status" not in told:
            raise not_as_promised("it says no status")
        state = read_state(told["status"], spoken=False)
        received = {"status": status}
        if state not in (SessionState.IN_PROGRESS, SessionState.EMPTY):
            with contextlib.suppress(NotFoundError, NotReadyError, GoneError):
                received["transcript"] = await self._document(session_id, "transcript")
        items = items_of(received["transcript"].data) if "transcript" in received else []
        visit = await self._visit(session_id, items)
        self._offering.began(session_id, None if visit.started_at is None else visit.started_at.timestamp())
        recording = await self._recording_state(session_id, state, received)
        return await asyncio.to_thread(self._detail, session_id, visit, recording, received)

    async def session_named(self, named: NamedSession) -> Session:
        """The row of a visit; only its status is asked for, which is no access to its recording."""
        status = mapping((await self._document(named.session_id, "status")).data).get("status")
        state = read_state(status, spoken=False)
        told = Visit(named.title, named.agent, named.party, named.started_at, named.ended_at)
        self._named[named.session_id] = told
        return visit_session(
            self._connection, named.session_id, told, state=state, recording_state=_expected_recording(state)
        )

    async def recording(self, session_id: str, part_id: str) -> PresignedRecording:
        """One part of a recording. Raises NoRecordingError, NotReadyError, GoneError, NotFoundError …"""
        offered = self._offering.fresh(session_id, part_id)
        if offered is None:
            self._offering.stop_if_useless(session_id)
            if self._offering.known(session_id) is None:
                await self._stop_if_silent(session_id)
            offered = await self._offering.ask_part(session_id, part_id)
        return PresignedRecording(self._door, offered, renewed=lambda: self._offering.ask_part(session_id, part_id))

    async def notes(self, session_id: str) -> Note | None:
        """The AI note and what was extracted beside it. Raises NotReadyError, KeyRefusedError, NetworkError …"""
        try:
            content = await self._document(session_id, "content", {"cumulative": "false"})
        except NotFoundError:
            return None
        structured = None
        with contextlib.suppress(NotFoundError, NotReadyError):
            structured = (await self._document(session_id, "structured-data")).data
        return await asyncio.to_thread(read_note, session_id, content.data, structured)

    async def _visit(self, session_id: str, items: list[Any]) -> Visit:
        began, ended = session_span(items)
        told = self._named.get(session_id, Visit())
        return replace(told, started_at=told.started_at or began, ended_at=told.ended_at or ended)

    async def _recording_state(
        self, session_id: str, state: SessionState, received: dict[str, Document]
    ) -> RecordingState:
        """Ask what is offered, unless it is known that nothing can be."""
        if state is SessionState.IN_PROGRESS:
            return RecordingState.PROCESSING
        if state is SessionState.EMPTY:
            return RecordingState.NONE
        expected = state in (SessionState.READY, SessionState.PROCESSING)
        try:
            known = self._offering.answered(session_id)
            received["recording"] = known or await self._offering.ask(session_id, expected=expected)
        except GoneError:
            return RecordingState.GONE
        except NotReadyError:
            return RecordingState.PROCESSING
        except NotFoundError:
            return RecordingState.NONE
        return RecordingState.AVAILABLE

    async def _stop_if_silent(self, session_id: str) -> None:
        """Raises NotReadyError or NoRecordingError for a visit whose status says that there is no recording."""
        status = mapping((await self._document(session_id, "status")).data).get("status")
        state = read_state(status, spoken=True)
        if state is SessionState.IN_PROGRESS:
            raise NotReadyError("This visit is still going on.", "Its recording comes after it has ended.")
        if state is SessionState.EMPTY:
            raise none_offered()

    async def _ask_recording(self, session_id: str, params: dict[str, str]) -> Document:
        return await self._document(session_id, "recording", params)

    async def _document(self, session_id: str, what: str, params: dict[str, str] | None = None) -> Document:
        part = path_part(session_id)
        if part is None:
            raise NotFoundError("There is no session with such an id.", "Check the id.")
        return await self._door.get_document(f"/ambient/session/{part}/{what}", params)

    async def _log_in(self) -> Grant:
        return await log_in(self._login_door, self._connection, self._partner_token)

    def _detail(
        self, session_id: str, visit: Visit, recording: RecordingState, received: dict[str, Document]
    ) -> SessionDetail:
        items = items_of(received["transcript"].data) if "transcript" in received else []
        turns, timing = read_transcript(items)
        state = read_state(mapping(received["status"].data)["status"], spoken=bool(turns))
        if state is SessionState.READY and recording is RecordingState.PROCESSING:
            state = SessionState.PROCESSING
        offers = self._offering.known(session_id) if recording is RecordingState.AVAILABLE else None
        whole = (
            b"{"
            + b", ".join(
                b'"%b": %b' % (name.encode(), one.body.removeprefix(BOM_UTF8)) for name, one in received.items()
            )
            + b"}"
        )
        data = {name: one.data for name, one in received.items()}
        raw = raw_without_keys(whole, data, secret_fields=frozenset({"presigned_url"}))
        return SessionDetail(
            session=visit_session(
                self._connection, session_id, visit, state=state, recording_state=recording, turns=turns
            ),
            turns=turns,
            parts=without_offer(recording) if offers is None else parts_of(offers, recording_starts(items)),
            timing=timing,
            transcript_digest=transcript_digest(items, _DIGESTED),
            raw=raw,
            raw_sha256=sha256(raw),
        )


def _expected_recording(state: SessionState) -> RecordingState:
    """What is to be expected of a recording that nobody asked for yet."""
    if state in (SessionState.IN_PROGRESS, SessionState.PROCESSING):
        return RecordingState.PROCESSING
    return RecordingState.NONE if state is SessionState.EMPTY else RecordingState.AVAILABLE


class SukiWithFeed(Suki):
    """A connection whose customer keeps a feed of visits: also fits `ListsSessions`."""

    def __init__(self, connection: Connection, key: Secret, http: Http) -> None:
        super().__init__(connection, key, http)
        self._feed = Feed(connection, http)

    @property
    def abilities(self) -> frozenset[Ability]:
        """Listing, too."""
        return _ABILITIES | {Ability.LIST, Ability.LIST_BY_AGENT, Ability.DATE_FILTER, Ability.TOTAL_COUNT}

    async def list_sessions(self, query: SessionQuery, cursor: str | None, limit: int) -> SessionPage:
        """The feed's visits, on one page whatever the limit: a feed is one document."""
        del cursor, limit
        return await self._feed.page(query)

    async def _visit(self, session_id: str, items: list[Any]) -> Visit:
        said = await super()._visit(session_id, items)
        if session_id not in self._feed.visits:
            try:
                await self._feed.page(SessionQuery())
            except QaPlayerError:
                return said  # the visit itself can be shown without it
        told = self._feed.visits.get(session_id, said)
        return Visit(
            title=told.title or said.title,
            clinician=told.clinician or said.clinician,
            patient=told.patient or said.patient,
            started_at=told.started_at or said.started_at,
            ended_at=told.ended_at or said.ended_at,
        )


def _make(connection: Connection, key: Secret, http: Http) -> Suki:
    kind = SukiWithFeed if connection.options.get("feed_url") else Suki
    return kind(connection, key, http)


PROVIDER = ProviderKind(
    name="suki",
    title="Suki",
    base_url="https://sdp.suki.ai/api/v1",
    make=_make,
    key_label="Partner token",
    options=(
        OptionField("partner_id", "Partner", "The partner's id at Suki.", required=True),
        OptionField("provider_id", "Clinician", "The clinician's id, for partners with a single token for all."),
        OptionField("feed_url", "Feed of visits", "An address that lists today's visits; see docs/providers/suki.md."),
        OptionField("allowed_hosts", "Allowed hosts", "Private hosts that recordings may come from, with commas."),
    ),
    sides=Sides(agent="Clinician", user="Patient"),
)
