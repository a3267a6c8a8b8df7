"""The fields of a description: where a session, its transcript and its recording are told, and in which units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from qa_player.model.recording import RecordingState
from qa_player.model.session import SessionState
from qa_player.model.timing import TimingQuality
from qa_player.model.transcript import Role, TimeSource
from qa_player.model.value import Value
from qa_player.providers.described.paths import LONGEST, steps
from qa_player.providers.described.units import Unit


def _readable(path: str) -> str:
    steps(path)
    return path


Path = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST, description="A path into the answer, as a.b[0]; @ is the value itself."),
    AfterValidator(_readable),
]
Paths = Path | Annotated[tuple[Path, ...], Field(min_length=1, max_length=8, description="The first that is there.")]
Word = Annotated[str, Field(min_length=1, max_length=100)]


def told(words: Mapping[str, str], said: object) -> str | None:
    """What a provider's word stands for, whatever its case; truth values and numbers count as words."""
    if isinstance(said, bool):
        said = "true" if said else "false"
    if not isinstance(said, str | int):
        return None
    wanted = str(said).strip().lower()[:100]
    return next((meaning for word, meaning in words.items() if word.lower() == wanted), None)


class Time(Value):
    """A time and its unit. With ``since`` it is the length from the time at that path (of the same unit) to this."""

    path: Paths
    unit: Unit
    since: Path | None = None


class SessionStateField(Value):
    """How far a session is: the provider's words and what they stand for; ``otherwise`` for all others."""

    path: Paths
    words: Annotated[dict[Word, SessionState], Field(max_length=60)]
    otherwise: SessionState = SessionState.READY


class RecordingStateField(Value):
    """Whether a recording can be heard, in the provider's words; true and false are words, too."""

    path: Paths
    words: Annotated[dict[Word, RecordingState], Field(min_length=1, max_length=60)]


class SessionFields(Value):
    """Where a session tells of itself, in an item of the list and in the detail alike."""

    id: Paths
    title: Paths | None = None
    agent: Paths | None = None
    started_at: Time | None = None
    ended_at: Time | None = None
    duration: Time | None = None
    retention_deadline: Time | None = None
    state: SessionStateField | None = None
    parties: Annotated[tuple[Path, ...], Field(max_length=8)] = ()
    turn_count: Paths | None = None
    interruption_count: Paths | None = None
    metadata: Annotated[dict[Word, Paths], Field(default_factory=dict, max_length=60)]


class TranscriptFields(Value):
    """Where the turns are, in the detail or at ``address`` of their own, and what is where in a turn.

    ``origin`` is where the turns' clock begins: the recording's start, the session's, or the moment told there (for
    units of moments). ``source`` says how the provider knows a turn's start.
    """

    address: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    items: Paths
    text: Paths
    role: Paths
    speaker: Paths | None = None
    start: Time | None = None
    end: Time | None = None
    origin: Literal["recording", "session"] | Time = "session"
    quality: TimingQuality | None = None
    source: TimeSource = TimeSource.TURN_STAMP
    roles: Annotated[dict[Word, Role], Field(default_factory=dict, max_length=60)]


ErrorKind = Literal[
    "auth_invalid",
    "bad_request",
    "gone",
    "no_audio",
    "not_found_or_forbidden",
    "not_ready",
    "quota",
    "rate_limited",
    "transient",
]
Status = Annotated[str, Field(pattern="^[2345][0-9][0-9]$")]
Errors = Annotated[
    dict[Status, ErrorKind],
    Field(default_factory=dict, max_length=60, description="What a status means, where not what it usually means."),
]


class Recording(Value):
    """What all ways to a recording share.

    Whether there is one is told by ``state``, else by ``present`` leading to something, else by the address, else it
    is there when the session is over.
    """

    mime: Annotated[str, Field(max_length=100, pattern=r"^[a-z]+/[a-z0-9.+-]+$")] | None = None
    state: RecordingStateField | None = None
    present: Paths | None = None
    errors: Errors


class AddressedRecording(Recording):
    """An address in the detail: ``presigned`` gets no key; ``keyed`` is on a host that gets it."""

    kind: Literal["presigned", "keyed"]
    address: Paths
    expires_at: Time | None = None
    life_s: Annotated[int, Field(ge=1, le=31_536_000)] | None = None


class EndpointRecording(Recording):
    """A place of the API itself: ``bytes`` answers with the recording, ``redirect`` with the way to it (302)."""

    kind: Literal["bytes", "redirect"]
    path: Annotated[str, Field(min_length=1, max_length=500)]


AnyRecording = Annotated[AddressedRecording | EndpointRecording, Field(discriminator="kind")]
