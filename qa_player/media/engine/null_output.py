"""An output without a device: takes sound in real time by the monotonic clock, so that position and follow go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from qa_player.media.engine.ring import OUTPUT_RATE

_STEP_S = 0.01
_AHEAD_FRAMES = OUTPUT_RATE // 20

_LONGEST_STEP_NS = 1_000_000_000
"""A clock that goes further between two looks was asleep with the machine, and so were all ears."""


class NullOutput:
    """Fits `media.engine.Output`. ``monotonic_ns`` is the clock it runs by."""

    def __init__(self, monotonic_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._monotonic_ns = monotonic_ns
        self._changed = threading.Condition()
        self._run = 0
        self._played = 0.0
        self._since_ns: int | None = None

    def start(self, pull: Callable[[int], bytes], *, soon: bool = False) -> None:  # noqa: ARG002 -- it is never late
        """Begin a run: count from zero and take sound from ``pull`` on a thread of its own."""
        with self._changed:
            self._run += 1
            self._played = 0.0
            self._since_ns = self._monotonic_ns()
            self._changed.notify_all()
            run = self._run
        threading.Thread(target=self._take, args=(run, pull), name="null-output").start()

    def stop(self) -> None:
        """End the run; the count is zero."""
        with self._changed:
            self._run += 1
            self._since_ns = None
            self._played = 0.0
            self._changed.notify_all()

    def suspend(self) -> None:
        """Stand still and keep the count."""
        with self._changed:
            self._played = self._frames()
            self._since_ns = None

    def resume(self) -> None:
        """Go on from where it was suspended."""
        with self._changed:
            if self._since_ns is None:
                self._since_ns = self._monotonic_ns()
                self._changed.notify_all()

    def played(self) -> tuple[int, int]:
        """Frames played in this run, and the monotonic time at which that was so, in nanoseconds."""
        with self._changed:
            return int(self._frames()), self._monotonic_ns()

    def _frames(self) -> float:
        if self._since_ns is not None:
            now_ns = self._monotonic_ns()
            step_ns, self._since_ns = now_ns - self._since_ns, now_ns
            if step_ns <= _LONGEST_STEP_NS:
                self._played += step_ns * OUTPUT_RATE / 1e9
        return self._played

    def _take(self, run: int, pull: Callable[[int], bytes]) -> None:
        taken = 0
        while threading.main_thread().is_alive():
            with self._changed:
                if run != self._run:
                    return
                wanted = int(self._frames()) + _AHEAD_FRAMES - taken
            if wanted > 0:
                pull(wanted)
                taken += wanted
            with self._changed:
                if run == self._run:
                    self._changed.wait(_STEP_S if self._since_ns is not None else 0.5)
