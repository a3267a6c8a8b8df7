"""The provider that a description makes: lists, details and transcripts; recordings are next door."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from qa_player.canonical import sha256
from qa_player.errors import NotFoundError, UsageError
from qa_player.model.connection import Connection
from qa_player.model.secret import Secret
from qa_player.model.session import Session, SessionDetail
from qa_player.providers.addresses import path_part
from qa_player.providers.base import CONFIRMED_HOSTS, Ability, RecordingDoor, SessionPage, SessionQuery, hosts_allowed
from qa_player.providers.described import paging, transcripts
from qa_player.providers.described.asking import NextAddress, filled
from qa_player.providers.described.credential import keys_of
from qa_player.providers.described.document import Description, key_hosts
from qa_player.providers.described.fields import AddressedRecording
from qa_player.providers.described.paths import first, items, last_names
from qa_player.providers.described.recordings import Recordings
from qa_player.providers.described.refusals import refusal
from qa_player.providers.described.sessions import session_of
from qa_player.providers.evidence import raw_without_keys
from qa_player.providers.keys import LoginKeys
from qa_player.providers.reading import count
from qa_player.providers.statuses import not_as_promised

if TYPE_CHECKING:
    from qa_player.providers.door import Document, HttpDoor
    from qa_player.providers.http import Http


class Described:
    """One connection to an API that is described. Fits `Provider` and `GivesDetail`."""

    def __init__(self, description: Description, connection: Connection, key: Secret, http: Http) -> None:
        self._said = description
        self._connection = connection
        self._base_url = connection.options.get("base_url") or _own_base(description, connection)
        self._options = _options(description, connection)
        _refuse_new_hosts(connection, self._key_hosts())
        self._allowed = hosts_allowed(connection)
        self._keys = keys_of(description, key=key, options=self._options, base_url=self._base_url, http=http)
        self._http = http
        self._door = self._door_to(self._base_url)
        self._recordings = Recordings(description.recording, self._door, self._door_to, self._key_hosts(), self._now)

    @property
    def abilities(self) -> frozenset[Ability]:
        """What the description names."""
        said, found = self._said, {Ability.RENEWAL}
        if said.listing is not None:
            found |= {Ability.LIST, Ability.DATE_FILTER}
            found |= {Ability.LIST_BY_AGENT} if said.listing.agent is not None else set()
            found |= {Ability.TOTAL_COUNT} if said.listing.total is not None else set()
        if said.transcript is not None:
            found |= {Ability.TRANSCRIPT} | ({Ability.TURN_END_TIMES} if said.transcript.end is not None else set())
        if said.recording is not None:
            found |= {Ability.RECORDING, Ability.RECORDING_RANGES}
        return frozenset(found)

    async def check(self) -> None:
        """One cheap call. Raises KeyRefusedError, NetworkError and its kinds."""
        if self._said.check is not None:
            await self._door.get_json(self._path(self._said.check.path))
        else:
            await self._page(SessionQuery(), None, 1)

    async def aclose(self) -> None:
        """Forget what addresses and tokens are held."""
        self._recordings.forget()
        if isinstance(self._keys, LoginKeys):
            self._keys.forget()

    async def detail(self, session_id: str) -> SessionDetail:
        """One session with its turns. Raises NotFoundError, KeyRefusedError, UnexpectedAnswerError …"""
        document, item, session = await self._told(session_id)
        fields = self._said.transcript
        apart = None
        if fields is not None and fields.address is not None:
            try:
                apart = await self._door.get_document(self._path(fields.address, session_id))
            except NotFoundError:
                apart = None  # a session that was never transcribed
        return await asyncio.to_thread(self._detail, document, apart, item, session)

    def _detail(self, document: Document, apart: Document | None, item: Any, session: Session) -> SessionDetail:
        said = self._said.transcript
        separate = said is not None and said.address is not None
        received = transcripts.turns_received(said, (apart and apart.data) if separate else item)
        turns, timing = transcripts.read(said, received, item, session.duration_ms)
        hidden = frozenset(self._said.secrets)
        if isinstance(self._said.recording, AddressedRecording):
            hidden |= set(last_names(self._said.recording.address))
        raw = raw_without_keys(document.body, document.data, secret_fields=hidden)
        if apart is not None:
            beside = raw_without_keys(apart.body, apart.data, secret_fields=hidden)
            raw = b'{"detail": %b, "transcript": %b}' % (raw.removeprefix(_MARK), beside.removeprefix(_MARK))
        if session.turn_count is None:
            session = session.model_copy(update={"turn_count": len(turns)})
        return SessionDetail(
            session=session,
            turns=turns,
            parts=self._recordings.parts(session),
            timing=timing,
            transcript_digest=transcripts.digest_of(said, received),
            raw=raw,
            raw_sha256=sha256(raw),
        )

    async def _told(self, session_id: str) -> tuple[Document, Any, Session]:
        """The answer for one session; what it offers of a recording is remembered."""
        document = await self._door.get_document(self._path(self._said.detail.path, session_id))
        item = first(document.data, self._said.detail.root)
        session = session_of(self._said, self._connection, item, listed=False)
        if session is None or session.session_id.lower() != session_id.lower():
            raise not_as_promised("it is not the session that was asked for")
        session = session.model_copy(update={"session_id": session_id})
        self._recordings.remember(session, item)
        return document, item, session

    async def _page(self, query: SessionQuery, cursor: str | None, limit: int) -> SessionPage:
        listing = self._said.listing
        if listing is None:
            raise UsageError("This provider does not list sessions.", "Give their ids with --ids.")
        place = paging.place_of(listing, cursor, limit)
        now = datetime.fromtimestamp(self._now(), UTC)
        window = paging.window_of(listing, query, place, now)
        answer = await self._answer(listing, window, place)
        received = items(answer, listing.items)
        if received is None:
            raise not_as_promised("it holds no list of sessions")
        read = partial(session_of, self._said, self._connection, listed=True)
        found = await asyncio.to_thread(lambda: [read(item) for item in received])
        sessions = [session for session in found if session is not None]
        ids = [None if session is None else session.session_id for session in found]
        after = paging.following(listing, place, answer=answer, items=received, ids=ids)
        if after is None:
            after = paging.after_window(listing, query, place, window=window, now=now)
        return SessionPage(
            sessions=tuple(one for one in sessions if one.session_id not in place.held and _within(query, one)),
            cursor=paging.cursor_of(after),
            total=count(first(answer, listing.total)) if listing.windows is None else None,
            unreadable=max(0, len(received) - len(sessions) - (place.repeated - len(place.held))),
        )

    async def _answer(self, listing: Any, window: SessionQuery, place: paging.Place) -> Any:
        if isinstance(listing.paging, NextAddress) and isinstance(place.at, str):
            return (await self._door.next_document(place.at)).data
        asked = paging.question(listing, window, place, self._options)
        if listing.method == "POST":
            return (await self._door.ask_document(self._path(listing.path), asked)).data
        params = {name: _spelled(value) for name, value in asked.items() if value not in (None, "")}
        return await self._door.get_json(self._path(listing.path), params)

    async def _asked_again(self, session_id: str) -> None:
        await self._told(session_id)

    def _key_hosts(self) -> frozenset[str]:
        return frozenset(key_hosts(self._said, self._base_url))

    @property
    def server_time(self) -> float | None:
        """The provider's clock, null while it has not told its time."""
        return self._door.server_time

    def _now(self) -> float:
        """Seconds since the epoch by the provider's clock, as far as it is known."""
        theirs = self._door.server_time
        return self._http.clock.time() if theirs is None else theirs

    def _door_to(self, base_url: str) -> HttpDoor:
        return self._http.door(
            base_url,
            headers=self._keys,
            allowed_hosts=self._allowed,
            refusal=lambda status: refusal(status, self._said.errors),
        )

    def _path(self, template: str, session_id: str | None = None) -> str:
        """A path with its placeholders percent-encoded; raises NotFoundError for an id that servers would fold away."""
        parts = {name: path_part(value) for name, value in self._options.items()}
        if session_id is not None:
            parts["session_id"] = path_part(session_id)
            if parts["session_id"] is None:
                raise NotFoundError("There is no session with such an id.", "Check the id.")
        return str(filled(template, {name: part or "" for name, part in parts.items()}))


_MARK = b"\xef\xbb\xbf"


class Listing(Described):
    """One that lists, too. Fits `ListsSessions`."""

    async def list_sessions(self, query: SessionQuery, cursor: str | None, limit: int) -> SessionPage:
        """A page, in the provider's order."""
        return await self._page(query, cursor, limit)


class Hearing(Described):
    """One with recordings. Fits `GivesRecording`."""

    async def recording(self, session_id: str, part_id: str) -> RecordingDoor:
        """The bytes. Raises NoRecordingError, NotReadyError, GoneError …"""
        return await self._recordings.door(session_id, part_id, ask=self._asked_again, path=self._path)


class ListingAndHearing(Listing, Hearing):
    """One that does both."""


def make(description: Description, connection: Connection, key: Secret, http: Http) -> Described:
    """The provider of a description, with no more doors than it names."""
    does = (description.listing is not None, description.recording is not None)
    room = {(False, False): Described, (True, False): Listing, (False, True): Hearing, (True, True): ListingAndHearing}
    return room[does](description, connection, key, http)


def _refuse_new_hosts(connection: Connection, hosts: frozenset[str]) -> None:
    """A file may change after its hosts were agreed to; the key then stays where it is."""
    agreed = connection.options.get(CONFIRMED_HOSTS)
    if agreed is not None and not hosts <= set(agreed.split(",")):
        raise UsageError(
            "The description now names other hosts for the key than were agreed to; the key was not sent.",
            "If that is meant, remove the connection and add it again.",
        )


def _own_base(description: Description, connection: Connection) -> str:
    return connection.base_url if "://" in connection.base_url else description.base_url


def _options(description: Description, connection: Connection) -> Mapping[str, str]:
    given = {name: connection.options.get(name, "") for name in description.options}
    missing = [name for name, option in description.options.items() if option.required and not given[name]]
    if missing:
        raise UsageError(
            f"{description.title} asks for its {description.options[missing[0]].label}.",
            f"Give it as the option {missing[0]}.",
        )
    return given


def _within(query: SessionQuery, session: Session) -> bool:
    """Whether it began in the time asked for; providers narrow by other moments, or not at all."""
    began = session.started_at
    if began is None:
        return True
    return (query.since is None or began >= query.since) and (query.until is None or began <= query.until)


def _spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
