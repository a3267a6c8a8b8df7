"""Between the thread that decodes and the output that pulls: the ring, the clock, and when sound starts and stops.

A pass is one way through the recording from one place: every seek begins a new one, and what belongs to an older pass
(a decoder's late block, an output's late pull) is let fall. One lock guards all; nothing slow happens under it.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from qa_player.media.engine.clock import Clock
from qa_player.media.engine.ring import FRAME_BYTES, OUTPUT_RATE, Ring, Stretch
from qa_player.model.playback import Heard


@dataclass(frozen=True)
class Depth:
    """How much sound waits on its way out: ``most`` frames at most, and ``prime`` before it starts or goes on.

    ``soon`` asks the output to keep as little as it can.
    """

    most: int
    prime: int
    soon: bool = False


DEEP = Depth(OUTPUT_RATE * 3 // 2, OUTPUT_RATE * 3 // 10)
"""1.5 s decoded ahead; before sound starts, more than an output takes at once, or its first buffer has a gap."""

SHALLOW = Depth(OUTPUT_RATE // 10, OUTPUT_RATE * 6 // 100, soon=True)
"""For sound that is wanted as it comes: a gap now and then is less harm than being late."""

_GRACE_NS = 150_000_000
"""A wait that is shorter is not called buffering."""

_LOOK_S = 0.5
"""How often a waiting thread asks whether the program is still there."""


class Output(Protocol):
    """Where sound goes: 48 kHz, two channels of int16. No method waits; any thread may call them.

    ``start`` begins a run that counts from zero and asks ``pull(frames)`` for exactly so many frames whenever it wants
    them, on a thread of its own, ``soon`` as late as it can; ``stop`` ends it and drops what was not played.
    ``suspend`` and ``resume`` keep both. ``played`` is the frames of this run that left, and the monotonic time in
    nanoseconds when that was so.
    """

    def start(self, pull: Callable[[int], bytes], *, soon: bool = False) -> None: ...
    def stop(self) -> None: ...
    def suspend(self) -> None: ...
    def resume(self) -> None: ...
    def played(self) -> tuple[int, int]: ...


class _Run(Enum):
    """What the output does."""

    STOPPED = auto()
    RUNNING = auto()
    SUSPENDED = auto()


class Playout:
    """Holds the current pass. ``changed`` is the lock, and is notified whenever a waiting thread should look again."""

    def __init__(self, output: Output, *, latency_ms: float, depth: Depth = DEEP) -> None:
        self._depth = depth
        self.changed = threading.Condition()
        self.current_pass = 0
        self.playing = False
        self.ended = False
        self.closed = False
        self.gains = (1.0, 1.0)
        """The volumes, 0 to 1, of the left and of the right ear where a recording keeps its two sides apart."""
        self._output = output
        self._ring = Ring()
        self._clock = Clock(latency_ms)
        self._run = _Run.STOPPED
        self._finished = False
        self._end_frame: int | None = None
        self._over = False
        self._starved = False
        self._waiting_ns = 0

    def begin(self, position_ms: float) -> int:
        """Drop all sound and start a new pass at ``position_ms``; its number."""
        with self.changed:
            self.position_ms()
            self._stop()
            self._ring.clear()
            self._clock.restart(position_ms)
            self._finished = self._over = self._starved = self.ended = False
            self._end_frame = None
            self._waiting_ns = time.monotonic_ns()
            self.current_pass += 1
            self.changed.notify_all()
            return self.current_pass

    def write(self, of_pass: int, stretch: Stretch) -> bool:
        """Append sound of pass ``of_pass``, waiting for room; false when that pass is over."""
        with self.changed:
            while self.is_current(of_pass) and self._ring.held >= self._depth.most:
                self.changed.wait(_LOOK_S)
            if not self.is_current(of_pass):
                return False
            self._ring.write(stretch)
            self._start_when_primed()
            return True

    def finish(self, of_pass: int) -> None:
        """Nothing more will be written in pass ``of_pass``: what waits is played, then the pass is over."""
        with self.changed:
            if self.is_current(of_pass):
                self._finished = True
                self._start_when_primed()

    def is_current(self, of_pass: int) -> bool:
        """Whether anybody still wants pass ``of_pass``."""
        return of_pass == self.current_pass and not self.closed and threading.main_thread().is_alive()

    def wait_for_work(self, done_pass: int) -> bool:
        """Wait until a pass after ``done_pass`` begins (true), this one has been played, or all is closed (false)."""
        with self.changed:
            while not self.closed and threading.main_thread().is_alive():
                if self.current_pass != done_pass:
                    return True
                if self._over and self.playing:
                    return True
                self.changed.wait(_LOOK_S)
            return False

    def settle(self, *, failed: bool) -> bool:
        """Come to rest when the pass has been played to its end; whether it had."""
        with self.changed:
            if not self._over:
                return False
            position_ms = self._clock.end_ms()
            self._clock.play_out()
            self._stop()
            self._clock.restart(position_ms)
            self.playing = self._over = False
            self.ended = not failed
            return True

    def play(self) -> None:
        """Sound, as soon as there is some."""
        with self.changed:
            self.playing = True
            self._waiting_ns = time.monotonic_ns()
            if self._run is _Run.SUSPENDED:
                self._output.resume()
                self._run = _Run.RUNNING
            else:
                self._start_when_primed()
            self.changed.notify_all()

    def pause(self) -> None:
        """Silence at once; the position stays."""
        with self.changed:
            self.playing = False
            if self._run is _Run.RUNNING:
                self._clock.observe(*self._output.played())
                self._clock.hold(time.monotonic_ns())
                self._output.suspend()
                self._run = _Run.SUSPENDED

    def use(self, output: Output) -> None:
        """Send sound elsewhere from now on; a new pass must follow."""
        with self.changed:
            self._stop()
            self._output = output

    def close(self) -> None:
        """Silence for good; every waiting thread is let go."""
        with self.changed:
            self.position_ms()
            self.closed = True
            self.playing = False
            self._stop()
            self._ring.clear()
            self.changed.notify_all()

    def set_latency(self, latency_ms: float) -> None:
        """A frame is heard so long after the output's count, from now on."""
        with self.changed:
            self._clock.latency_ms = latency_ms

    def position_ms(self) -> float:
        """What is heard now; while nothing sounds, what will be heard first."""
        with self.changed:
            now = time.monotonic_ns()
            if self._run is _Run.RUNNING:
                self._clock.observe(*self._output.played())
            return self._clock.position_ms(now)

    def heard(self) -> list[Heard]:
        """What has gone past the ear since this was last asked."""
        with self.changed:
            return self._clock.passed.take()

    def buffering(self) -> bool:
        """Whether sound is wanted and has been missing for a while."""
        with self.changed:
            silent = self._run is _Run.STOPPED or self._starved
            return self.playing and silent and time.monotonic_ns() - self._waiting_ns > _GRACE_NS

    def _stop(self) -> None:
        if self._run is not _Run.STOPPED:
            self._output.stop()
            self._run = _Run.STOPPED

    def _start_when_primed(self) -> None:
        if not self.playing or self._run is not _Run.STOPPED:
            return
        if self._finished and not self._ring.held:
            self._over = True
            self.changed.notify_all()
        elif self._finished or self._ring.held >= self._depth.prime:
            self._run = _Run.RUNNING
            self._output.start(functools.partial(self._pull, self.current_pass), soon=self._depth.soon)

    def _pull(self, of_pass: int, frames: int) -> bytes:
        """Exactly ``frames`` frames, on the output's thread; silence for what is not there."""
        with self.changed:
            if of_pass != self.current_pass or self.closed:
                return bytes(frames * FRAME_BYTES)
            if self._starved and (self._finished or self._ring.held >= self._depth.prime):
                self._starved = False
            gains = self.gains
            stretches = [] if self._starved else self._ring.take(frames)
            for stretch in stretches:
                self._clock.pulled(stretch, audible=any(gains) or not stretch.apart)
            missing = frames - sum(stretch.frames for stretch in stretches)
            if missing:
                self._ran_dry(missing)
            if self._ring.held < self._depth.most:
                self.changed.notify_all()
        return b"".join(_at_volume(stretch, gains) for stretch in stretches) + bytes(missing * FRAME_BYTES)

    def _ran_dry(self, missing: int) -> None:
        if self._finished:
            if self._end_frame is None:
                self._end_frame = self._clock.pulled_frames
            if self._output.played()[0] >= self._end_frame:
                self._over = True
        elif not self._starved:
            self._starved = True
            self._waiting_ns = time.monotonic_ns()
        self._clock.silence(missing)


def _at_volume(stretch: Stretch, gains: tuple[float, float]) -> bytes:
    if gains == (1.0, 1.0) or not stretch.apart:
        return stretch.samples
    import numpy as np

    ears = np.frombuffer(stretch.samples, "<i2").reshape(-1, 2)
    return (ears * np.array(gains, np.float32)).astype("<i2").tobytes()
