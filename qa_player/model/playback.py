"""What playing can be asked for and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from qa_player.errors import QaPlayerError
from qa_player.model.annotation import Span

MIN_SPEED = 0.5
MAX_SPEED = 3.0
SPEEDS = (0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
"""The steps of the speed control; pitch is kept at each."""


class Channels(StrEnum):
    """Which side of a stereo recording is heard; one side is heard on both ears."""

    BOTH = "both"
    LEFT = "left"
    RIGHT = "right"


class Phase(StrEnum):
    """Where the open session stands."""

    EMPTY = "empty"
    LOADING = "loading"
    READY = "ready"
    NO_RECORDING = "no_recording"
    FAILED = "failed"


@dataclass(frozen=True)
class Listening:
    """How one wants to hear a recording; none of it changes what is exported, measured or drawn.

    ``volumes``, 0 to 1, are those of the left and of the right channel where the two sides have one each. ``levelled``:
    quiet and loud voices are brought to one loudness. ``loop`` is played over and over once the ear is in it.
    """

    speed: float = 1.0
    channels: Channels = Channels.BOTH
    volumes: tuple[float, float] = (1.0, 1.0)
    levelled: bool = False
    skips_silence: bool = False
    loop: Span | None = None

    @property
    def gains(self) -> tuple[float, float]:
        """The volumes of what is on the left and on the right ear: a side that is heard alone is on both."""
        left, right = self.volumes
        if self.channels is Channels.LEFT:
            return left, left
        return (right, right) if self.channels is Channels.RIGHT else (left, right)


@dataclass(frozen=True)
class PartPlace:
    """Where a part lies on the timeline; null while that is not known. ``error`` is why it is silent."""

    part_id: str
    start_ms: int | None
    duration_ms: int | None
    error: QaPlayerError | None = None


@dataclass(frozen=True)
class PlaybackState:
    """What the player shows besides the position. ``held`` is the share of the recording on this disk.

    ``speed`` is that of what is heard now: a replayed turn may have its own. ``apart`` says that the recording keeps
    the two sides on two channels. ``saved_ms`` is the listener's time that was not spent on silence in this session.
    ``audible`` is false while no sound device takes the sound and a silent clock runs instead. ``resumes_at`` is until
    when the provider wants to be left alone; null while it does not. ``live``: it is a call that goes on,
    ``duration_ms`` is how far it has come, and it is heard as it comes unless one stepped back.
    """

    phase: Phase = Phase.EMPTY
    playing: bool = False
    buffering: bool = False
    ended: bool = False
    speed: float = 1.0
    listening: Listening = Listening()
    apart: bool = False
    saved_ms: int = 0
    duration_ms: int | None = None
    held: float = 0.0
    verified: bool = False
    audible: bool = True
    error: QaPlayerError | None = None
    parts: tuple[PartPlace, ...] = ()
    resumes_at: datetime | None = None
    live: bool = False

    @property
    def channels(self) -> Channels:
        """Which side is heard."""
        return self.listening.channels

    def rested(self) -> PlaybackState:
        """Nothing is open; how one listens is kept, a loop is not."""
        listening = replace(self.listening, loop=None)
        return PlaybackState(speed=listening.speed, listening=listening)


@dataclass(frozen=True)
class Heard:
    """A stretch of the recording that has gone past the ear, in milliseconds from audio zero, end not included.

    ``audible`` is false where no device took the sound, where its volume was zero, and for a silence that was skipped:
    that one has ``level_db``, the loudest 20 ms in it (root mean square, decibels below full scale).
    """

    start_ms: int
    end_ms: int
    speed: float
    audible: bool
    level_db: float | None = None

    @property
    def skipped(self) -> bool:
        """Whether it was left out as silence instead of played."""
        return self.level_db is not None
