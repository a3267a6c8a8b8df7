"""What playing can be asked for and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qa_player.errors import QaPlayerError

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
class PlaybackState:
    """What the player shows besides the position. ``held`` is the share of the recording on this disk.

    ``audible`` is false while no sound device takes the sound and a silent clock runs instead.
    """

    phase: Phase = Phase.EMPTY
    playing: bool = False
    buffering: bool = False
    ended: bool = False
    speed: float = 1.0
    channels: Channels = Channels.BOTH
    duration_ms: int | None = None
    held: float = 0.0
    verified: bool = False
    audible: bool = True
    error: QaPlayerError | None = None
