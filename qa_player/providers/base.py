"""What a provider is: a name, the abilities it declares, and one small protocol per ability."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from qa_player.model.connection import Connection, Sides
from qa_player.model.listing import NamedSession
from qa_player.model.live import SignedRequest, StreamInfo, StreamWish
from qa_player.model.note import Note
from qa_player.model.secret import Secret
from qa_player.model.session import Session, SessionDetail
from qa_player.model.transcript import Turn

if TYPE_CHECKING:
    from qa_player.providers.http import Http


class Ability(StrEnum):
    """What a provider can do; the window shows only this, and says why the rest is missing."""

    LIST = "list"
    LIST_BY_AGENT = "list_by_agent"
    DATE_FILTER = "date_filter"
    TOTAL_COUNT = "total_count"
    TRANSCRIPT = "transcript"
    TURN_END_TIMES = "turn_end_times"
    RECORDING = "recording"
    RECORDING_RANGES = "recording_ranges"
    RENEWAL = "renewal"
    NOTES = "notes"
    FORMS = "forms"
    TRACES = "traces"
    LIVE_STREAMS = "live_streams"


@dataclass(frozen=True)
class SessionQuery:
    """What a listing is asked for. Instants are UTC and inclusive; text search is ours, not the provider's."""

    agent: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def includes(self, started_at: datetime | None) -> bool:
        """Whether a session that began then is asked for; one of which nobody knows when it began always is."""
        if started_at is None:
            return True
        return (self.since is None or started_at >= self.since) and (self.until is None or started_at <= self.until)


@dataclass(frozen=True)
class SessionPage:
    """One page, newest first where the provider can. ``cursor`` is opaque, null at the end.

    ``total`` is the provider's count or null; ``unreadable`` how many items of this page could not be understood:
    one bad item never hides the others.
    """

    sessions: tuple[Session, ...]
    cursor: str | None
    total: int | None
    unreadable: int = 0


@dataclass(frozen=True)
class MediaAnswer:
    """Fits ``media.source.Answer``: what came back for a request of bytes, without its address."""

    status: int
    start: int | None
    total: int | None
    etag: str | None
    mime: str | None
    encoded: bool
    chunks: AsyncIterator[bytes]
    close: Callable[[], object] = field(repr=False)
    retry_after: float | None = None
    first_hand: bool = False

    async def aclose(self) -> None:
        """Give the line back; safe to call twice."""
        outcome = self.close()
        if outcome is not None:
            await outcome  # type: ignore[misc]


class RecordingDoor(Protocol):
    """Fits ``media.source.RecordingSource``, which says what each part means."""

    @property
    def expires_at(self) -> float | None: ...
    @property
    def issued_at(self) -> float | None: ...
    async def read(self, start: int, end: int | None, validator: str | None) -> MediaAnswer: ...
    async def renew(self) -> None: ...


@runtime_checkable
class Provider(Protocol):
    """Every provider can be checked with one cheap call (raises KeyRefusedError, NetworkError …) and closed."""

    @property
    def abilities(self) -> frozenset[Ability]: ...
    async def check(self) -> None: ...
    async def aclose(self) -> None: ...


@runtime_checkable
class ListsSessions(Protocol):
    """Pages through sessions; the first page has cursor null."""

    async def list_sessions(self, query: SessionQuery, cursor: str | None, limit: int) -> SessionPage: ...


@runtime_checkable
class GivesDetail(Protocol):
    """One session with transcript and recording parts. Raises NotFoundError, NotReadyError, GoneError …"""

    async def detail(self, session_id: str) -> SessionDetail: ...


@runtime_checkable
class GivesRecording(Protocol):
    """The bytes of one part. Raises NoRecordingError, NotReadyError, GoneError …"""

    async def recording(self, session_id: str, part_id: str) -> RecordingDoor: ...


@runtime_checkable
class GivesNotes(Protocol):
    """The AI-written note of a session, null when it has none. Raises NotFoundError, NotReadyError …"""

    async def notes(self, session_id: str) -> Note | None: ...


@runtime_checkable
class TellsTime(Protocol):
    """Knows its own clock, in seconds since the epoch; null while it has not told its time."""

    @property
    def server_time(self) -> float | None: ...


@runtime_checkable
class KnowsById(Protocol):
    """Has no list of its own, or not of all: the row of one session by its id, its recording left alone.

    Raises NotFoundError, KeyRefusedError, NetworkError …
    """

    async def session_named(self, named: NamedSession) -> Session: ...


@runtime_checkable
class GivesBeside(Protocol):
    """What lies beside a session's transcript, as forms or traces: the detail with it, or with why it is missing."""

    async def beside(self, detail: SessionDetail) -> SessionDetail: ...


class KeptKey(Protocol):
    """The one entry of the keychain that belongs to a connection. Both raise KeychainError."""

    async def current(self) -> Secret: ...
    async def replace(self, key: Secret) -> None: ...


@runtime_checkable
class RenewsKey(Protocol):
    """Its key changes while it is used, as a refresh token does; it reads and keeps it there from then on."""

    def keep_key_in(self, place: KeptKey) -> None: ...


@runtime_checkable
class ControlsStreams(Protocol):
    """Sends calls in progress to an address, and signs what it sends. Raises NetworkError, KeyRefusedError …

    ``start_stream`` returns the stream's id; ``stop_stream`` with null stops all streams of the call, of which none
    need run, and raises NotFoundError for what the vendor does not know. ``is_signed`` says whether a request came from
    this vendor, for this account; ``nonce_of`` is what may come only once.
    """

    async def start_stream(
        self, call_id: str, wish: StreamWish, *, service_url: Secret, callback_url: Secret
    ) -> str: ...
    async def streams(self, call_id: str) -> tuple[StreamInfo, ...]: ...
    async def stream(self, call_id: str, stream_id: str) -> StreamInfo: ...
    async def stop_stream(self, call_id: str, stream_id: str | None) -> None: ...
    def stream_element(self, wish: StreamWish, *, service_url: str, callback_url: str) -> str: ...
    def is_signed(self, asked: SignedRequest) -> bool: ...
    def nonce_of(self, asked: SignedRequest) -> str: ...


TranscriptReader = Callable[[bytes, str], tuple[tuple[Turn, ...], tuple[str, ...]]]
"""From a transcript's file and its name to its turns and what could not be read of it; raises UsageError."""


@runtime_checkable
class ReadsTranscripts(Protocol):
    """Holds transcripts as files; how these are read is handed in, since formats are no business of providers."""

    def read_transcripts_with(self, reader: TranscriptReader) -> None: ...


@runtime_checkable
class HoldsFiles(Protocol):
    """Its sessions are files of one folder; says which session a file in it belongs to. Raises NotFoundError."""

    async def session_of_file(self, name: str) -> str: ...


def hosts_allowed(connection: Connection) -> frozenset[str]:
    """The hosts of the option ``allowed_hosts`` (with commas): private ones that a provider's data may name."""
    named = connection.options.get("allowed_hosts", "").replace(",", " ").split()
    return frozenset(host.lower() for host in named)


CONFIRMED_HOSTS = "key_hosts"
"""The option that holds, with commas, the hosts to which a person agreed the key may go."""


@dataclass(frozen=True)
class OptionField:
    """One option of a connection: its name (``--option NAME=V``), and what a person reads about it."""

    name: str
    label: str
    help: str = ""
    required: bool = False


@dataclass(frozen=True)
class ProviderKind:
    """A provider as it is registered: entry point group ``qa_player.providers``, built-ins and third parties alike.

    ``make`` builds the provider for a connection; the key it is given lives there and nowhere else. ``key_hosts`` says
    which hosts get the key of a connection with that base address and those options, where somebody must agree to them
    first (they are kept as the option `CONFIRMED_HOSTS`); null when only the base address's gets it. ``resolve`` is for
    a kind whose base address is a file that says the rest: the kind which that file makes.
    """

    name: str
    title: str
    base_url: str
    make: Callable[[Connection, Secret, Http], Provider]
    key_label: str = "API key"
    options: tuple[OptionField, ...] = ()
    sides: Sides = field(default_factory=Sides)
    needs_key: bool = True
    """Whether there is a key at all; without one nothing is asked for and nothing kept in the keychain."""
    tidy_base_url: Callable[[str], str] = str
    """The address as it is kept; raises UsageError."""
    key_hosts: Callable[[str, Mapping[str, str]], tuple[str, ...]] | None = None
    resolve: Callable[[str], ProviderKind] | None = None
    keeps: Callable[[Connection, Secret, Http], Awaitable[Secret]] | None = None
    """What is kept of the key that was typed, where that is not the key itself: a login's token, never its password."""
