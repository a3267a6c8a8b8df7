"""Ratios that a busy machine leaves alone: both sides run in turn, round after round, and are compared in each."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """CPU of user and system, and wall time, in seconds."""

    cpu_s: float
    wall_s: float


@dataclass(frozen=True)
class Ratio:
    """The median of all rounds' ratios, and how far they lie apart: (highest - lowest) / median."""

    median: float
    spread: float


Run = Callable[[], Cost]


def interleaved(runs: Mapping[str, Run], *, rounds: int) -> dict[str, list[Cost]]:
    """Each of ``runs`` once a round; before several rounds, one that warms what can be warmed."""
    for run in runs.values() if rounds > 1 else ():
        run()
    costs: dict[str, list[Cost]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            costs[name].append(run())
    return costs


def cpu_ratio(ours: Sequence[Cost], theirs: Sequence[Cost]) -> Ratio:
    """Of CPU, round by round."""
    return ratio([our.cpu_s / their.cpu_s for our, their in zip(ours, theirs, strict=True)])


def wall_ratio(ours: Sequence[Cost], theirs: Sequence[Cost]) -> Ratio:
    """Of wall time, round by round."""
    return ratio([our.wall_s / their.wall_s for our, their in zip(ours, theirs, strict=True)])


def ratio(of_rounds: Sequence[float]) -> Ratio:
    """What is told of many rounds."""
    median = statistics.median(of_rounds)
    return Ratio(median, (max(of_rounds) - min(of_rounds)) / median if median else 0.0)


def program(*command: object) -> Run:
    """A whole process, its start included."""

    def run() -> Cost:
        begun = time.monotonic()
        process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, command
        return Cost(used.ru_utime + used.ru_stime, time.monotonic() - begun)

    return run


def inside(work: Callable[[], object], *, times: int = 1) -> Run:
    """``times`` calls in this process."""

    def run() -> Cost:
        wall, cpu = time.monotonic(), time.process_time()
        for _ in range(times):
            work()
        return Cost(time.process_time() - cpu, time.monotonic() - wall)

    return run
