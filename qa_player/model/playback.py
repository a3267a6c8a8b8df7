"""What playing can be asked for and what it says of itself."""

from __future__ import annotations

from enum import StrEnum

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
