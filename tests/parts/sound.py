"""A sound card that is recorded: PulseAudio with a null sink, and its monitor with the time of every sample."""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from parts import process

RATE = 48_000
PROGRAMS = ("pulseaudio", "parec", "pactl")
_CHUNK_BYTES = 4_096


@dataclass(frozen=True)
class Heard:
    """What came out of the sound card: mono samples (-1..1) at 48 kHz and when each was heard (CLOCK_MONOTONIC).

    ``samples_per_ns`` is the card's own rate as measured. A null sink mixes a block ahead of its clock, so all times
    are early by one constant of up to some 10 ms: calibrate it away where that matters.
    """

    samples: NDArray[np.float32]
    start_ns: float
    samples_per_ns: float

    def time_ns(self, sample: float) -> float:
        """When ``sample`` was heard."""
        return self.start_ns + sample / self.samples_per_ns

    def sample_at(self, monotonic_ns: float) -> int:
        """Which sample was heard at ``monotonic_ns``; may lie outside the recording."""
        return round((monotonic_ns - self.start_ns) * self.samples_per_ns)


class Ear:
    """A recording under way; ``heard`` is there once the recording has ended."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._pieces: list[tuple[int, bytes]] = []
        self._first = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="ear")
        self._thread.start()

    def _listen(self) -> None:
        while piece := os.read(self._pipe.fileno(), _CHUNK_BYTES):
            self._pieces.append((time.monotonic_ns(), piece))
            self._first.set()

    def wait_for_sound_card(self) -> None:
        """A null sink that was idle takes up to two seconds to run."""
        assert self._first.wait(10), "the sound card's monitor gives no samples"

    def finish(self) -> None:
        self._thread.join()

    @property
    def heard(self) -> Heard:
        """All samples and their times; read it after the ``with`` of `SoundCard.record`."""
        assert not self._thread.is_alive(), "the recording is still going on"
        data = b"".join(piece for _, piece in self._pieces)
        samples = np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2").astype(np.float32) / 32_768
        ends = list(itertools.accumulate(len(piece) // 2 for _, piece in self._pieces))
        start_ns, ns_per_sample = lower_envelope(list(zip(ends, (stamp for stamp, _ in self._pieces), strict=True)))
        return Heard(samples, start_ns, 1 / ns_per_sample)


def lower_envelope(points: list[tuple[int, int]]) -> tuple[float, float]:
    """The line (at zero, slope) under all (count, stamp) points with the least distance to them.

    A chunk is stamped late, never early: of all stamps the earliest ones tell the clock, the rest is waiting.

    >>> lower_envelope([(0, 1_000), (10, 1_700), (20, 1_200), (30, 1_300)])
    (1000.0, 10.0)
    """
    hull: list[tuple[int, int]] = []
    for point in sorted(points):
        while len(hull) > 1 and _turns_right(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    middle = sum(count for count, _ in points) / len(points)
    for (left, left_stamp), (right, right_stamp) in itertools.pairwise(hull):
        if left <= middle <= right:
            slope = (right_stamp - left_stamp) / (right - left)
            return left_stamp - slope * left, slope
    return float(hull[0][1] - hull[0][0] * 1e9 / RATE), 1e9 / RATE


def _turns_right(first: tuple[int, int], second: tuple[int, int], third: tuple[int, int]) -> bool:
    (ax, ay), (bx, by), (cx, cy) = first, second, third
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) <= 0


class SoundCard:
    """PulseAudio of the run's own in ``folder``; the daemon may be killed and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "native"
        self._daemon: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What a program must find in its environment to play here."""
        return {"PULSE_SERVER": f"unix:{self._socket}", "PULSE_RUNTIME_PATH": str(self._folder)}

    def start(self) -> None:
        """Start the daemon unless it runs; it has been seen to abort, so this is asked before every test."""
        if self._daemon is not None and self._daemon.poll() is None:
            return
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._socket.unlink(missing_ok=True)
        private = str(self._folder)
        self._daemon = process.start(
            [
                *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes"),
                *("--use-pid-file=no", "--realtime=no", "--high-priority=no"),
                *("-L", f"module-native-protocol-unix auth-anonymous=1 socket={self._socket}"),
                # with rewinds an idle null sink sleeps for two seconds at a time, and so does what starts then
                *("-L", f"module-null-sink sink_name=qa rate={RATE} norewinds=1", "-L", "module-always-sink"),
            ],
            environment={
                **os.environ,
                **self.environment,
                "HOME": private,
                "XDG_RUNTIME_DIR": private,
                "DBUS_SESSION_BUS_ADDRESS": "disabled:",
            },
            log=self._folder / "pulseaudio.log",
        )
        deadline = time.monotonic() + 20
        while "qa" not in self._sinks():
            assert time.monotonic() < deadline, "PulseAudio did not start within 20 s"
            time.sleep(0.02)

    def stop(self) -> None:
        """Take the sound card away, as if it had been unplugged."""
        if self._daemon is not None:
            process.stop(self._daemon)
            self._daemon = None

    def plug(self, name: str) -> str:
        """One more device, a null sink called ``name``; what `unplug` takes."""
        return self._pactl("load-module", "module-null-sink", f"sink_name={name}", f"rate={RATE}", "norewinds=1")

    def plug_microphone(self, name: str) -> str:
        """A microphone that hears what the card plays; what `unplug` takes."""
        return self._pactl("load-module", "module-remap-source", f"source_name={name}", "master=qa.monitor")

    def unplug(self, device: str) -> None:
        """Take a device away that `plug` gave."""
        self._pactl("unload-module", device)

    @contextlib.contextmanager
    def record(self, *, tail_ms: int = 200) -> Iterator[Ear]:
        """Record the card's monitor from now, when samples flow, to ``tail_ms`` after the end of the block."""
        recorder = process.start(
            [
                *("parec", "--device=qa.monitor", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1"),
                "--latency-msec=10",
            ],
            environment={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
        )
        assert recorder.stdout is not None
        ear = Ear(recorder.stdout)
        try:
            ear.wait_for_sound_card()
            yield ear
            time.sleep(tail_ms / 1_000)
        finally:
            recorder.terminate()
            recorder.wait(5)
            ear.finish()
            process.stop(recorder)

    def _sinks(self) -> str:
        return self._pactl("list", "short", "sinks")

    def _pactl(self, *words: str) -> str:
        answer = subprocess.run(
            ["pactl", *words], env={**os.environ, **self.environment}, capture_output=True, text=True, check=False
        )
        return answer.stdout.strip()
