"""A piece of a recording as a WAV file: the very samples, at the recording's own rate and on its own channels."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa_player.errors import UsageError
from qa_player.media.container.headers import MediaFile
from qa_player.media.decode.samples import Run, Samples

_FULL = {"int16": 1.0, "int32": 65_536.0, "float32": 1 / 32_767, "float64": 1 / 32_767}
"""What one step of 16 bits is in each kind of sample."""

LONGEST_MS = 4 * 3_600_000
"""A longer piece is a recording; WAV holds no more than 4 GB either."""


def clip_wav(file: MediaFile, start_ms: int, end_ms: int, *, cancelled: Callable[[], bool] = lambda: False) -> bytes:
    """16-bit PCM from ``start_ms`` to ``end_ms`` of ``file``, its end not included, each rounded to a sample.

    Raises UsageError when the recording ends before, MediaError, and what reading ``file`` raises.
    """
    samples = Samples(file, cancelled=cancelled)
    first, last = (round(at_ms * samples.sample_rate / 1_000) for at_ms in (start_ms, end_ms))
    taken = list(_between(samples.runs(), samples.channels, first, last))
    count = sum(len(block) for block in taken)
    if count < last - first:
        raise UsageError("The recording ends before this span does.", "Choose a span inside of the recording.")
    made = io.BytesIO()
    with wave.open(made, "wb") as out:
        out.setnchannels(samples.channels)
        out.setsampwidth(2)
        out.setframerate(samples.sample_rate)
        for block in taken:
            out.writeframes(block.tobytes())
    return made.getvalue()


def _between(runs: Iterator[Run], channels: int, first: int, last: int) -> Iterator[NDArray[np.int16]]:
    """[frames, channels] of what lies from sample ``first`` to ``last``."""
    at = 0
    for run in runs:
        for block in (np.zeros((run.silence, channels), "<i2"), _sixteen(run)):
            low, high = max(first - at, 0), min(last - at, len(block))
            if low < high:
                yield block[low:high]
            at += len(block)
        if at >= last:
            return


def _sixteen(run: Run) -> NDArray[np.int16]:
    planes: list[NDArray[Any]] = [np.asarray(plane) for plane in run.planes]
    made = np.stack(planes, axis=1)
    if made.dtype == np.int16:
        return made
    return np.clip(np.rint(made / _FULL[made.dtype.name]), -32_768, 32_767).astype("<i2")
