"""A verified recording drawn by several processes, each a stretch of it: for a window in which nothing plays."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from qa_player.media.cache.reader import ReadCancelled
from qa_player.media.cache.sealed_file import SealedFile, SealedPlace
from qa_player.media.decode.landmarks import Landmarks
from qa_player.media.decode.opening import Opened, StreamFacts
from qa_player.media.decode.stretch import CONTAINERS
from qa_player.media.peaks.pyramid import levels_over
from qa_player.media.peaks.sealed_file import Kept
from qa_player.media.peaks.worker import ANSWER
from qa_player.model.peaks import BASE_SAMPLES, Peaks

MOST = 4
WORTH_IT_MS = 10 * 60_000
"""A shorter recording is drawn before the processes have started."""

_LOOK_S = 0.05


def drawn_by_workers(
    place: SealedPlace, *, unwanted: Callable[[], bool], workers: int | None = None, worth_it_ms: int = WORTH_IT_MS
) -> Kept | None:
    """Peaks and landmarks of the recording at ``place``, bit for bit as one thread would draw them (aac: nearly).

    Null where one thread does as well or better: a short file, one that can only be read in order, a single core, or
    a worker that failed. Raises ReadCancelled as soon as ``unwanted`` says so; no process is left behind.
    """
    count = min(os.cpu_count() or 1, MOST) if workers is None else workers
    facts = _facts(place)
    if count < 2 or facts is None or (facts.duration_ms or 0) < worth_it_ms or getattr(sys, "frozen", False):
        return None
    answers = _answers(place, _asks(facts, count), unwanted)
    if any(answer is None for answer in answers):
        return None
    landmarks = Landmarks()
    pairs, samples = [], 0
    for answer in answers:
        channels, length, of_pairs, _ = ANSWER.unpack_from(answer or b"")
        end = ANSWER.size + of_pairs
        pairs.append(np.frombuffer((answer or b"")[ANSWER.size : end], np.int8).reshape(-1, channels, 2))
        landmarks.extend(Landmarks.from_bytes((answer or b"")[end:]))
        samples += length
    duration_ms = round(samples * 1_000 / facts.sample_rate)
    levels = levels_over(np.concatenate(pairs))
    return Kept(Peaks(facts.sample_rate, facts.channels, duration_ms, duration_ms, True, levels), landmarks)


def _facts(place: SealedPlace) -> StreamFacts | None:
    """What the recording is, null for one whose midst cannot be had without its beginning."""
    with SealedFile(place) as file:
        opened = Opened(file)
        opened.close()
        return opened.facts if opened.seekable and opened.facts.container in CONTAINERS else None


def _asks(facts: StreamFacts, count: int) -> list[bytes]:
    """One line for each worker: whole pairs, so that what they answer can be put together."""
    samples = round((facts.duration_ms or 0) * facts.sample_rate / 1_000)
    share = samples // count // BASE_SAMPLES * BASE_SAMPLES
    lines = []
    for number in range(count):
        told = {
            "start": number * share,
            "end": None if number == count - 1 else (number + 1) * share,
            "expected": share,
            "sample_rate": facts.sample_rate,
            "channels": facts.channels,
        }
        lines.append(json.dumps(told).encode())
    return lines


def _answers(place: SealedPlace, asks: list[bytes], unwanted: Callable[[], bool]) -> list[bytes | None]:
    """What each worker answered, null from one that failed."""
    with contextlib.ExitStack() as left:
        processes = [left.enter_context(_started()) for _ in asks]
        pool = left.enter_context(ThreadPoolExecutor(len(asks), "peaks of a stretch"))
        for process in processes:
            left.callback(process.kill)
        lines = [place.to_json() + b"\n" + ask + b"\n" for ask in asks]
        waiting = [pool.submit(_talk, process, line) for process, line in zip(processes, lines, strict=True)]
        while not all(one.done() for one in waiting):
            if unwanted():
                raise ReadCancelled
            time.sleep(_LOOK_S)
        return [one.result() for one in waiting]


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "qa_player.media.peaks.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _talk(process: subprocess.Popen[bytes], line: bytes) -> bytes | None:
    try:
        answer, _ = process.communicate(line)
    except (OSError, ValueError):
        return None
    whole = len(answer) >= ANSWER.size and len(answer) == ANSWER.size + sum(ANSWER.unpack_from(answer)[2:])
    return answer if process.returncode == 0 and whole else None
