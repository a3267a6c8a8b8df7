"""A process that plays damaged recordings, so that its death is seen.

``python -m parts.mutant_process FOLDER SEED FIRST PAST``, or ``--files F…`` in place of all that for recordings that
are there. One JSON line before each mutant and one after it; the last line says how long the loop was kept waiting. The
decoder works in a thread beside a loop, as in the program. ``--crash-at N`` and ``--stall-at N`` are the controls.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import json
import random
import signal
import sys
import threading
import time
from pathlib import Path

from parts import mutants, tape
from qa_player.errors import MediaError
from qa_player.media.container.structure import completeness
from qa_player.media.decode.decoder import Decoder
from qa_player.media.decode.probe import probe
from qa_player.media.decode.samples import Samples

STALL_S = 0.1
SECONDS_EACH = 60
_TICK_S = 0.01
_TIMES_SOUND = 100
"""No more sound is listened to than so many times what the original has: some mutants play for hours."""


class LoopWatch:
    """How long the loop was kept from running by its own process.

    A machine with other work to do keeps loops waiting too, so only the part of a wait counts that the working thread
    spent computing: it could not have, unless it held what the loop needs.
    """

    def __init__(self) -> None:
        self.worst_s = 0.0
        self._worker: int | None = None

    def watches(self) -> None:
        """To be called in the working thread."""
        self._worker = time.pthread_getcpuclockid(threading.get_ident())

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            began, computed = time.monotonic(), self._computed()
            await asyncio.sleep(_TICK_S)
            late = time.monotonic() - began - _TICK_S
            self.worst_s = max(self.worst_s, min(late, self._computed() - computed))

    def _computed(self) -> float:
        return 0.0 if self._worker is None else time.clock_gettime(self._worker)


def play(data: bytes, draw: random.Random) -> str:
    """All that the program does with a recording: what it was worth, or the sentence it was refused with."""
    try:
        completeness(lambda at, count: data[at : at + count], len(data))
        facts = probe(tape.Bytes(data))
        _listen(data, draw, facts.duration_ms)
        _draw(data)
    except MediaError as error:
        return f"refused: {error.message}"
    return f"sound: {facts.codec}"


def _listen(data: bytes, draw: random.Random, duration_ms: int) -> None:
    decoder = Decoder(lambda: tape.Bytes(data))
    with contextlib.closing(decoder):
        for place in (0, draw.uniform(0, min(duration_ms, 10_000) + 1), duration_ms):
            decoder.seek(place)
            last = decoder.facts.sample_rate * (_TIMES_SOUND * mutants.LENGTH_MS + place) / 1_000
            while (block := decoder.read()) is not None and block.end < last:
                pass


def _draw(data: bytes) -> None:
    samples = Samples(tape.Bytes(data))
    drawn = 0
    for run in samples.runs():
        drawn += run.silence + len(run.planes[0])
        if drawn > samples.sample_rate * _TIMES_SOUND * mutants.LENGTH_MS / 1_000:
            break


def _files(paths: list[Path], watch: LoopWatch) -> None:
    """In the working thread: these recordings, after one that is whole has loaded all there is to load."""
    assert play(tape.wav(tape.bursts(1_000)), random.Random(0)).startswith("sound")
    watch.watches()
    before = peak_bytes()
    for number, path in enumerate(paths):
        _say(number=number, kind=path.name)
        _play(path.read_bytes(), number, before)


def _play(data: bytes, number: int, before: int) -> None:
    signal.alarm(SECONDS_EACH)  # nobody handles it: the process dies of a mutant that does not end
    began = time.thread_time()
    ended = play(data, random.Random(number))
    signal.alarm(0)
    _say(ended=ended, seconds=round(time.thread_time() - began, 3), grown=peak_bytes() - before)


def _numbers(wanted: argparse.Namespace, watch: LoopWatch) -> None:
    """In the working thread: every mutant, told before and after."""
    whole = mutants.originals(wanted.folder)
    seed, first, past = wanted.numbers
    for kind in whole:
        assert play(whole[kind], random.Random(0)).startswith("sound"), kind
    watch.watches()
    before = peak_bytes()
    for number in range(first, past):
        made = mutants.mutant(whole, seed, number)
        _say(number=number, kind=made.kind, how=made.how, differs=made.data != whole[made.kind])
        if number == wanted.crash_at:
            ctypes.string_at(0)
        if number == wanted.stall_at:
            _keep_everybody_out(3 * STALL_S)
        _play(made.data, number, before)


def _keep_everybody_out(seconds: float) -> None:
    """Compute for so long and let no other thread in."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(60)
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass
    sys.setswitchinterval(usual)


def peak_bytes() -> int:
    """The most memory this program has had; what the system counts of a process includes who started it."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def _say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("numbers", type=int, nargs="*")
    parser.add_argument("--files", type=Path, nargs="+")
    parser.add_argument("--crash-at", type=int)
    parser.add_argument("--stall-at", type=int)
    watch = LoopWatch()
    watching = asyncio.create_task(watch.run())
    wanted = parser.parse_args()
    if wanted.files:
        await asyncio.to_thread(_files, wanted.files, watch)
    else:
        await asyncio.to_thread(_numbers, wanted, watch)
    watching.cancel()
    _say(worst_stall_s=round(watch.worst_s, 4))


if __name__ == "__main__":
    asyncio.run(main())
