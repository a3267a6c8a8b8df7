"""An account at a telephony vendor: one call with its recordings, and their bytes. How calls are listed differs."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from qa_player.canonical import sha256
from qa_player.errors import KeyRefusedError, NoRecordingError, NotFoundError, NotReadyError, UsageError
from qa_player.model.connection import Connection
from qa_player.model.recording import RecordingState
from qa_player.model.secret import Secret
from qa_player.model.session import SessionDetail
from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.providers.addresses import is_loopback, parse_address, path_part
from qa_player.providers.base import Ability, OptionField, SessionPage, SessionQuery, hosts_allowed
from qa_player.providers.evidence import raw_without_keys, transcript_digest
from qa_player.providers.keyed_recording import KeyedRecording
from qa_player.providers.keys import FixedKeys, fits_a_header
from qa_player.providers.reading import mapping
from qa_player.providers.statuses import not_as_promised
from qa_player.providers.telephony.records import (
    SOON,
    Call,
    Recorded,
    by_call,
    parts_of,
    read_call,
    read_recording,
    session_of,
)
from qa_player.providers.telephony.signatures import Scheme
from qa_player.providers.telephony.streams import StreamControl

if TYPE_CHECKING:
    from qa_player.providers.door import Document
    from qa_player.providers.http import Http

MOST_PAGES_OF_A_CALL = 25
MOST_REMEMBERED = 256
ADDRESS = "recording_url"

ABILITIES = frozenset(
    {
        Ability.LIST,
        Ability.DATE_FILTER,
        Ability.RECORDING,
        Ability.RECORDING_RANGES,
        Ability.RENEWAL,
        Ability.LIVE_STREAMS,
    }
)

OPTIONS = (
    OptionField("auth_id", "Auth ID", "The account the recordings belong to, as MA… or SA….", required=True),
    OptionField("allowed_hosts", "Allowed hosts", "Private hosts that recordings may come from, with commas."),
)


@dataclass(frozen=True)
class Dialect:
    """How a vendor differs: where its keys may go besides the base address, how many recordings a page holds, and how
    what it sends of calls in progress is signed."""

    headers: Mapping[str, Secret] = field(repr=False)
    key_domains: frozenset[str]
    key_when_asked: bool
    most_per_page: int
    scheme: Scheme
    token: Secret


@dataclass(frozen=True)
class Answered:
    """All that was answered about one call."""

    call: Call | None
    recorded: list[Recorded]
    call_document: Document | None
    pages: list[Document]


class Account(StreamControl, ABC):
    """One connection; a session is a call.

    Fits `Provider`, `ListsSessions`, `GivesDetail`, `GivesRecording`, `ControlsStreams`.
    """

    def __init__(self, connection: Connection, http: Http, dialect: Dialect) -> None:
        self.connection = connection
        self.dialect = dialect
        self.scheme, self.token = dialect.scheme, dialect.token
        host = _host(connection.base_url)
        domains = dialect.key_domains | ({host} if is_loopback(host) else frozenset())
        keys = FixedKeys(dialect.headers, domains=domains)
        self.door = http.door(connection.base_url, headers=keys, allowed_hosts=hosts_allowed(connection))
        self.account = path_part(auth_id_of(connection)) or ""
        self._offers: dict[tuple[str, str], Recorded] = {}

    @property
    def abilities(self) -> frozenset[Ability]:
        """Calls and their recordings; the vendors have no transcripts to read."""
        return ABILITIES

    async def check(self) -> None:
        """Ask for a page of one. Raises KeyRefusedError, NetworkError and its kinds."""
        await self.recordings_page({}, 0, 1)

    async def aclose(self) -> None:
        """Forget the addresses of recordings."""
        self._offers.clear()

    @abstractmethod
    async def list_sessions(self, query: SessionQuery, cursor: str | None, limit: int) -> SessionPage:
        """A page of calls, newest first."""

    @abstractmethod
    async def call_document(self, call_id: str) -> Document:
        """The detail record of a call, by its id as part of a path. Raises NotFoundError …"""

    @abstractmethod
    async def recordings_of(self, session_id: str, call: Call | None) -> list[Document]:
        """All pages of a call's recordings."""

    async def detail(self, session_id: str) -> SessionDetail:
        """One call and the parts of its recording; no turns. Raises NotFoundError, KeyRefusedError …"""
        answered = await self._answered(session_id)
        return await asyncio.to_thread(self._detail, answered)

    async def recording(self, session_id: str, part_id: str) -> KeyedRecording:
        """The bytes of one part. Raises NoRecordingError, NotReadyError, NotFoundError …"""
        offer = self._offers.get((session_id, part_id))
        if offer is None:
            answered = await self._answered(session_id)
            offer = self._offers.get((session_id, part_id))
            if offer is None:
                raise self._nothing_to_hear(answered)
        if not offer.address:
            raise NotReadyError("The recording is not ready yet.", "Try again in a minute.")
        chosen = offer

        async def renewed() -> Secret:
            return await self._address_anew(chosen)

        return KeyedRecording(
            self.door,
            chosen.address,
            key_when_asked=self.dialect.key_when_asked,
            renewed=renewed,
            is_young=lambda: chosen.added_at is not None and self.now() - chosen.added_at < SOON,
        )

    async def recordings_page(self, filters: Mapping[str, str], offset: int, limit: int) -> Document:
        """One page of the account's recordings. ``meta.next`` is not followed: it names another path."""
        size = str(min(max(limit, 1), self.dialect.most_per_page))
        document = await self.door.get_document(
            f"/Account/{self.account}/Recording/", {**filters, "limit": size, "offset": str(offset)}
        )
        objects_of(document)
        return document

    async def all_pages(self, filters: Mapping[str, str]) -> list[Document]:
        """Every page of recordings that fit ``filters``."""
        pages: list[Document] = []
        offset = 0
        while len(pages) < MOST_PAGES_OF_A_CALL:
            pages.append(await self.recordings_page(filters, offset, self.dialect.most_per_page))
            received = len(objects_of(pages[-1]))
            offset += received
            if received < self.dialect.most_per_page:
                break
        return pages

    def remember(self, recorded: list[Recorded]) -> None:
        """Keep the addresses for `recording`."""
        for one in recorded:
            self._offers.pop((one.call_id, one.recording_id), None)
            self._offers[one.call_id, one.recording_id] = one
        while len(self._offers) > MOST_REMEMBERED:
            del self._offers[next(iter(self._offers))]

    def remembered(self, session_id: str) -> list[Recorded]:
        """What is remembered of a call's recordings."""
        return [one for (call_id, _), one in self._offers.items() if call_id == session_id]

    def now(self) -> datetime:
        """Now, by the provider's clock as far as it is known."""
        return datetime.fromtimestamp(self.door.http.clock.time() - self.door.clock_ahead_s, UTC)

    async def _answered(self, session_id: str) -> Answered:
        part = path_part(session_id)
        if part is None:
            raise _not_there()
        call_document: Document | None = None
        with contextlib.suppress(NotFoundError):
            # detail records are kept for a shorter time than recordings, and written after them
            call_document = await self.call_document(part)
        call = None if call_document is None else self._call(session_id, call_document)
        pages = await self.recordings_of(session_id, call)
        read = [read_recording(mapping(item)) for page in pages for item in objects_of(page)]
        recorded = by_call(filter(None, read)).get(session_id, [])
        if call is None and not recorded:
            raise _not_there()
        self.remember(recorded)
        return Answered(call, recorded, call_document, pages)

    def _call(self, session_id: str, document: Document) -> Call:
        content = mapping(document.data)
        content = mapping(content.get("data")) if "data" in content else content
        call = read_call(content, call_id=None)
        if call is None or call.call_id.lower() != session_id.lower():
            raise not_as_promised("it is not the call that was asked for")
        return call

    def _detail(self, answered: Answered) -> SessionDetail:
        raw = _raw(answered)
        return SessionDetail(
            session=session_of(self.connection, answered.call, answered.recorded, now=self.now()),
            turns=(),
            parts=parts_of(answered.recorded),
            timing=Timing(quality=TimingQuality.UNKNOWN, origin=TimingOrigin.PROVIDER),
            transcript_digest=transcript_digest((), ()),
            raw=raw,
            raw_sha256=sha256(raw),
        )

    def _nothing_to_hear(self, answered: Answered) -> Exception:
        if answered.recorded:
            return NotFoundError("The call has no such recording.", "Open the session again.")
        session = session_of(self.connection, answered.call, [], now=self.now())
        if session.recording_state is RecordingState.PROCESSING:
            return NotReadyError("The recording is not ready yet.", "Try again in a minute.")
        return NoRecordingError("The call was not recorded.", "Ask who switches recording on.")

    async def _address_anew(self, one: Recorded) -> Secret:
        part = path_part(one.recording_id) or ""
        document = await self.door.get_document(f"/Account/{self.account}/Recording/{part}/")
        content = mapping(document.data)
        found = read_recording({"call_uuid": one.call_id, **content})
        if found is None or found.recording_id != one.recording_id or not found.address:
            raise not_as_promised("it is not the recording that was asked for")
        self.remember([found])
        return found.address


def token_of(key: Secret) -> Secret:
    """The auth token. Raises KeyRefusedError for what cannot be one."""
    if not fits_a_header(key):
        raise KeyRefusedError("The key holds characters that no key has.", "Copy the key again.")
    return key


def auth_id_of(connection: Connection) -> str:
    """The account of a connection. Raises UsageError when none is named."""
    auth_id = connection.options.get("auth_id", "").strip()
    if path_part(auth_id) is None or not auth_id.isascii() or not auth_id.isprintable() or " " in auth_id:
        raise UsageError(
            "The connection does not say whose recordings they are.", "Give the account as --option auth_id=MA…."
        )
    return auth_id


def objects_of(document: Document) -> list[Any]:
    """The items of a page of recordings. Raises UnexpectedAnswerError."""
    objects = mapping(document.data).get("objects")
    if not isinstance(objects, list):
        raise not_as_promised("it holds no list of recordings")
    return objects


def _raw(answered: Answered) -> bytes:
    """Both answers as received, joined to one JSON document; addresses of recordings are left out."""

    def cleaned(document: Document) -> bytes:
        return raw_without_keys(document.body, document.data, secret_fields=frozenset({ADDRESS}))

    call = b"null" if answered.call_document is None else cleaned(answered.call_document)
    return b'{"call": ' + call + b', "recordings": [' + b", ".join(map(cleaned, answered.pages)) + b"]}"


def _host(base_url: str) -> str:
    try:
        return parse_address(base_url).host
    except ValueError:
        return ""


def _not_there() -> NotFoundError:
    return NotFoundError(
        "The provider does not have this call, or this key may not see it.",
        "Check the id, and whose key the connection uses.",
    )
