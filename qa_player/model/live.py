"""Calls in progress: what is asked of a carrier, what it says of its streams, and what was received of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from qa_player.model.transcript import Role
from qa_player.model.value import Count, Instant, Milliseconds, Name, OpaqueId, Sha256, ShortText, Value

LONGEST_STREAM_S = 86_400


CAPTURED = "live"
"""The name of the connection whose sessions are captures, and of its provider."""

SIDES = (Role.USER, Role.AGENT)
"""Whose the two channels of a capture are: inbound is left, outbound right."""


class Track(StrEnum):
    """Which side of a call is sent: what the carrier hears (inbound), what it plays (outbound), or both."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    BOTH = "both"


class Codec(StrEnum):
    """How the samples are told; the values are those of the command line."""

    L16_8K = "l16-8k"
    L16_16K = "l16-16k"
    MULAW = "mulaw"

    @property
    def content_type(self) -> str:
        """The carriers' word for it."""
        return _CONTENT_TYPES[self]

    @property
    def sample_rate(self) -> int:
        """Samples a second of one side."""
        return 16_000 if self is Codec.L16_16K else 8_000


_CONTENT_TYPES = {
    Codec.L16_8K: "audio/x-l16;rate=8000",
    Codec.L16_16K: "audio/x-l16;rate=16000",
    Codec.MULAW: "audio/x-mulaw;rate=8000",
}


class ByteOrder(StrEnum):
    """Which byte of a 16-bit sample comes first; carriers' documents do not say."""

    DETECTED = "detected"
    BIG = "big"
    LITTLE = "little"


HeaderText = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,200}$")]


class StreamWish(Value):
    """What is asked of a carrier. With ``bidirectional`` only the inbound side is sent (the carriers' rule)."""

    track: Track = Track.BOTH
    codec: Codec = Codec.L16_8K
    bidirectional: bool = False
    time_limit_s: Annotated[int, Field(ge=1, le=LONGEST_STREAM_S)] = LONGEST_STREAM_S
    headers: Mapping[HeaderText, HeaderText] = Field(default_factory=dict)


class StreamState(StrEnum):
    """Whether a stream runs, and so is billed. Unknown: it was told to stop and nobody knows whether it heard."""

    STARTING = "starting"
    RUNNING = "running"
    UNKNOWN = "unknown"
    STOPPED = "stopped"
    FAILED = "failed"


class StreamInfo(Value):
    """One stream of a call as its carrier tells it. ``billed_s`` is null where the carrier does not say."""

    connection: Name
    call_id: OpaqueId
    stream_id: OpaqueId
    state: StreamState
    track: ShortText = ""
    content_type: ShortText = ""
    bidirectional: bool = False
    started_at: Instant | None = None
    ended_at: Instant | None = None
    billed_s: Count | None = None
    events: tuple[ShortText, ...] = ()
    stop_tries: Count = 0

    @property
    def billed_minutes(self) -> int | None:
        """Begun minutes, as carriers bill; null where the carrier does not say."""
        return None if self.billed_s is None else -(-self.billed_s // 60)


class Expectation(Value):
    """A call that may dial in once, until ``expires_at``."""

    connection: Name
    provider: Name
    call_id: OpaqueId
    wish: StreamWish
    expires_at: Instant


class MarkerKind(StrEnum):
    """What is worth a line beside the sound."""

    GAP = "gap"
    LOST = "lost"
    REPEATED = "repeated"
    LATE = "late"
    CLOCK = "clock"
    FORMAT = "format"
    KEY = "key"
    CHECKPOINT = "checkpoint"
    CLEARED = "cleared"
    CARRIER = "carrier"
    STREAM = "stream"


class Marker(Value):
    """Something that happened at a place of the capture; ``count`` frames share it, ``text`` is ours, in plain words.

    ``track`` is inbound, outbound or empty; ``end_ms`` is null for a moment.
    """

    kind: MarkerKind
    text: ShortText
    track: ShortText = ""
    start_ms: Milliseconds | None = None
    end_ms: Milliseconds | None = None
    count: Count = 1


class CaptureState(StrEnum):
    """How far a capture is. Interrupted: the relay ended before the call did; what came until then is kept.

    Elsewhere: it has ended and is kept by the relay that received it, to be fetched when somebody wants to hear it.
    """

    RECEIVING = "receiving"
    ENDED = "ended"
    INTERRUPTED = "interrupted"
    ELSEWHERE = "elsewhere"


class CaptureSum(Value):
    """What a capture's frames came to: ``sample_rate`` of the sound, which byte came first, what happened beside it.

    ``journal_bytes`` is the length of the file that this was made from.
    """

    sample_rate: Count
    big_endian: bool
    markers: tuple[Marker, ...]
    journal_bytes: Count


class Capture(Value):
    """What was received of one stream. Its session is ``session_id`` of the connection `live`, from the first frame on.

    ``connection`` is the carrier's, ``imported`` says that it came from a frame log and not over the relay.
    ``records`` is how many sealed records its journal ended with, null while it goes on. ``sum`` is what can be said of
    it without reading that again, null while it goes on and where it would be long.

    ``entries`` and ``sha256`` say how many entries its journal ended with, and the digest of all of them. A call that
    was heard through a relay elsewhere names it in ``relay``, and in ``relay_session`` what it is called there.
    """

    session_id: OpaqueId
    connection: ShortText
    provider: ShortText
    call_id: OpaqueId
    wish: StreamWish
    state: CaptureState
    began_at: Instant
    ended_at: Instant | None = None
    duration_ms: Milliseconds | None = None
    end_reason: ShortText = ""
    stream_id: ShortText = ""
    byte_order: ByteOrder = ByteOrder.DETECTED
    frames: Count = 0
    lost: Count = 0
    records: Count | None = None
    imported: bool = False
    entries: Count = 0
    sha256: ShortText = ""
    relay: ShortText = ""
    relay_session: ShortText = ""
    sum: CaptureSum | None = None

    @property
    def is_elsewhere(self) -> bool:
        """Whether it was not, or not all, fetched from the relay that receives it or did."""
        return bool(self.relay) and self.state in (CaptureState.RECEIVING, CaptureState.ELSEWHERE)


@dataclass(frozen=True)
class SignedRequest:
    """A request as its sender signed it: the address it was sent to, as the outside sees it, and its fields.

    ``headers`` have lower-case names. Nothing of it is ever printed: it holds tokens.
    """

    method: str
    address: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Invitation:
    """What a carrier is given so that it dials in: addresses that work once, and the element for those who use XML."""

    service_url: str = field(repr=False)
    status_callback_url: str = field(repr=False)
    expires_at: Instant
    xml: str = field(repr=False)


@dataclass(frozen=True)
class RelayPlace:
    """Where the relay listens and what it is called outside, as ``https://host[:port][/path]``.

    ``certificate_ends_at`` is when its own certificate ends, ``certificate`` that one itself (PEM); null without one.
    ``run`` is another each time a relay is started.
    """

    listening: str
    public_url: str
    certificate_ends_at: Instant | None = None
    certificate: str | None = field(default=None, repr=False)
    run: str = ""


class ListenerKey(Value):
    """Who may listen to the relay of this home from elsewhere; of the key itself only its digest is kept."""

    name: Name
    key_sha256: Sha256
    made_at: Instant


class RelayElsewhere(Value):
    """A relay whose calls are heard from here: ``url`` as `RelayPlace.public_url`; its key is in the keychain."""

    name: Name
    url: ShortText
    added_at: Instant


class RelayLine(StrEnum):
    """How the line to a relay is. Refused: the key is not taken any more, or never was."""

    DIALLING = "dialling"
    OPEN = "open"
    LOST = "lost"
    REFUSED = "refused"
