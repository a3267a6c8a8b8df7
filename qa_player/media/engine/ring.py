"""Sound that waits for the output: a queue of stretches, each knowing its place in the recording."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

OUTPUT_RATE = 48_000
"""Frames a second at every output."""

FRAME_BYTES = 4
"""One frame: two channels of int16, interleaved."""


@dataclass(frozen=True)
class Skipped:
    """A silence that was left out, in milliseconds of the recording; its loudest 20 ms were at ``level_db``."""

    start_ms: float
    end_ms: float
    level_db: float


@dataclass(frozen=True)
class Stretch:
    """``samples`` are whole frames; the first sounds at ``media_ms``, each next one ``ms_per_frame`` later.

    ``skipped`` is the silence that was left out before it; ``apart`` says that its two channels are the two sides of
    the conversation, as far as the listener left them in.
    """

    samples: bytes
    media_ms: float
    ms_per_frame: float
    skipped: Skipped | None = None
    apart: bool = False

    @property
    def frames(self) -> int:
        """How many frames it is long."""
        return len(self.samples) // FRAME_BYTES

    def split(self, frames: int) -> tuple[Stretch, Stretch]:
        """The first ``frames`` of it, and the rest."""
        at = frames * FRAME_BYTES
        rest_ms = self.media_ms + frames * self.ms_per_frame
        rest = replace(self, samples=self.samples[at:], media_ms=rest_ms, skipped=None)
        return replace(self, samples=self.samples[:at]), rest


class Ring:
    """First in, first out. Not thread-safe: its owner holds a lock around every call."""

    def __init__(self) -> None:
        self._stretches: deque[Stretch] = deque()
        self.held = 0
        """Frames that wait."""

    def write(self, stretch: Stretch) -> None:
        """Append ``stretch``."""
        self._stretches.append(stretch)
        self.held += stretch.frames

    def take(self, frames: int) -> list[Stretch]:
        """Up to ``frames`` frames, oldest first; fewer when fewer wait."""
        taken = []
        while frames > 0 and self._stretches:
            stretch = self._stretches.popleft()
            if stretch.frames > frames:
                stretch, rest = stretch.split(frames)
                self._stretches.appendleft(rest)
            taken.append(stretch)
            frames -= stretch.frames
            self.held -= stretch.frames
        return taken

    def clear(self) -> None:
        """Forget all that waits."""
        self._stretches.clear()
        self.held = 0
