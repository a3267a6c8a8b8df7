"""An output that the test pulls by hand: what an engine plays, sample by sample, at the seam where sound leaves it."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

RATE = 48_000


def until(condition: Callable[[], object], what: str, limit_s: float = 10.0) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.002)


class HandOutput:
    """An output that plays what the test takes, when it takes it."""

    def __init__(self) -> None:
        self.pull: Callable[[int], bytes] | None = None
        self.taken = 0
        self.starts = 0
        self.suspended = False

    def start(self, pull: Callable[[int], bytes], *, soon: bool = False) -> None:
        self.pull, self.taken, self.suspended = pull, 0, False
        self.starts += 1

    def stop(self) -> None:
        self.pull, self.taken = None, 0

    def suspend(self) -> None:
        self.suspended = True

    def resume(self) -> None:
        self.suspended = False

    def played(self) -> tuple[int, int]:
        return self.taken, time.monotonic_ns()

    def take(self, milliseconds: int) -> NDArray[np.int16]:
        """[frames, 2] of what sounds next; nothing sounds while it is stopped or suspended."""
        if self.pull is None or self.suspended:
            return np.zeros((0, 2), np.int16)
        frames = milliseconds * RATE // 1_000
        samples = np.frombuffer(self.pull(frames), "<i2").reshape(-1, 2)
        assert len(samples) == frames
        self.taken += frames
        return samples

    def sound(self, milliseconds: int) -> NDArray[np.int16]:
        """So much sound, however often it has to be asked for: what pads is left out."""
        wanted = milliseconds * RATE // 1_000
        heard = np.zeros((0, 2), np.int16)

        def enough() -> bool:
            nonlocal heard
            more = self.take(min(10, milliseconds))
            heard = np.concatenate([heard, more[np.abs(more).sum(axis=1) > 0]])
            return len(heard) >= wanted

        until(enough, "sound")
        return heard[:wanted]
