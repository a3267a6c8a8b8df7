"""From samples to peaks: one pass over a recording, finest level first, the coarser ones from it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa_player.errors import MediaError, UsageError
from qa_player.media.container.headers import MediaFile
from qa_player.media.decode.landmarks import Landmarks
from qa_player.media.decode.samples import Run, Samples
from qa_player.model.peaks import BASE_SAMPLES, LEVEL_FACTOR, Peaks

COARSEST_PAIRS = 1_024
"""No further level is made of one that is this short."""

PUBLISH_SECONDS = 0.2
"""The growing picture is shown at most this often."""

_FULL_SCALE = 128
_RESERVE_SAMPLES = 24 * 3_600 * 48_000
"""What a file says of its length is believed up to here; past it the arrays grow as sound arrives."""


@dataclass(frozen=True)
class PeakRow:
    """One resolution of the whole recording: ``pairs`` is int8 [pairs, channels, 2] of ``samples_per_pair`` each."""

    sample_rate: int
    samples_per_pair: int
    pairs: NDArray[np.int8]


def build(
    file: MediaFile,
    *,
    progress: Callable[[Peaks], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    throttle: Callable[[float], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
    landmarks: Landmarks | None = None,
) -> Peaks:
    """The peaks of a recording, decoded once in the calling thread.

    ``progress`` gets the growing picture at most five times a second; it shares the builder's memory, so what it is
    given fills up further by itself. ``throttle`` is told the seconds of work just done and may sleep. ``landmarks``
    grows with what is passed. Raises MediaError for what is no sound, ReadCancelled, and whatever reading ``file``
    raises.
    """
    samples = Samples(file, cancelled=cancelled, landmarks=landmarks)
    pyramid = Pyramid(samples.sample_rate, samples.channels, expected=samples.expected)
    published = clock()
    worked = time.thread_time()
    for run in samples.runs():
        pyramid.add(run)
        now = clock()
        if progress is not None and now - published >= PUBLISH_SECONDS:
            published = now
            progress(pyramid.peaks())
        if throttle is not None:
            throttle(time.thread_time() - worked)
            worked = time.thread_time()
    whole = pyramid.finished()
    if progress is not None:
        progress(whole)
    return whole


def reduce(
    file: MediaFile, *, pixels_per_second: int | None = None, cancelled: Callable[[], bool] = lambda: False
) -> PeakRow:
    """One row of pairs, from the samples themselves: ``sample_rate // pixels_per_second`` of them in a pair, or 256.

    Raises as `build` does, and UsageError when a second cannot be cut into so many pairs.
    """
    samples = Samples(file, cancelled=cancelled)
    per_pair = BASE_SAMPLES if pixels_per_second is None else samples.sample_rate // max(pixels_per_second, 1)
    if per_pair < 1 or (pixels_per_second is not None and pixels_per_second < 1):
        raise UsageError(
            "That many pixels per second cannot be drawn of this recording.",
            f"Choose from 1 to {samples.sample_rate} with --pixels-per-second.",
        )
    pyramid = Pyramid(samples.sample_rate, samples.channels, expected=samples.expected, base=per_pair)
    for run in samples.runs():
        pyramid.add(run)
    return PeakRow(samples.sample_rate, per_pair, pyramid.finished().levels[0])


def half_of_a_core(playing: Callable[[], bool], sleep: Callable[[float], None] = time.sleep) -> Callable[[float], None]:
    """A throttle that rests as long as it worked while ``playing`` says so: sound must never wait for a picture."""

    def rest(worked_seconds: float) -> None:
        if playing():
            sleep(min(max(worked_seconds, 0.0), 1.0))

    return rest


def levels_over(finest: NDArray[np.int8]) -> tuple[NDArray[np.int8], ...]:
    """``finest`` and the coarser levels that follow from it."""
    levels = [finest]
    while len(levels[-1]) > COARSEST_PAIRS:
        levels.append(_coarser(levels[-1], 0))
    return tuple(levels)


def _coarser(level: NDArray[np.int8], first: int) -> NDArray[np.int8]:
    """The pairs from number ``first`` on of the next level over ``level``; the last may cover fewer than four."""
    part = level[first * LEVEL_FACTOR :]
    starts = np.arange(0, len(part), LEVEL_FACTOR)
    pairs = np.empty((len(starts), level.shape[1], 2), np.int8)
    if len(starts):
        np.minimum.reduceat(part[..., 0], starts, axis=0, out=pairs[..., 0])
        np.maximum.reduceat(part[..., 1], starts, axis=0, out=pairs[..., 1])
    return pairs


def _extremes(plane: NDArray[Any], starts: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The smallest and the largest sample from each of ``starts`` to the next.

    Whole numbers are compared three times as fast as floats, and a float's bits are ordered as one: the largest as
    signed where one of them is not negative, the smallest as the largest without a sign where one is.
    """
    if plane.dtype == np.float32:
        highest = np.maximum.reduceat(plane.view(np.int32), starts)
        lowest = np.maximum.reduceat(plane.view(np.uint32), starts).view(np.int32)
        if (highest >= 0).all() and (lowest < 0).all():
            return lowest.view(np.float32), highest.view(np.float32)
    return np.minimum.reduceat(plane, starts), np.maximum.reduceat(plane, starts)


def quantised(extremes: NDArray[Any]) -> NDArray[np.int8]:
    """Samples as int8 of full scale 128, cut towards zero as audiowaveform does."""
    if extremes.dtype == np.int16:
        return np.trunc(extremes / 256).astype(np.int8)
    if extremes.dtype == np.int32:
        return np.trunc(extremes / 2**24).astype(np.int8)
    scaled = extremes.astype(np.float32) * _FULL_SCALE
    if np.isnan(scaled).any():
        scaled = np.nan_to_num(scaled, nan=0.0)
    # turned into whole numbers it is cut towards zero
    return np.minimum(np.maximum(scaled, -128), 127).astype(np.int8)


class Pyramid:
    """Levels that fill up from the front. ``expected`` is how many samples are announced; more or fewer may come."""

    def __init__(self, sample_rate: int, channels: int, *, expected: int, base: int = BASE_SAMPLES) -> None:
        self._rate = sample_rate
        self._channels = channels
        self._base = base
        self._expected = expected
        self._count = 0
        self._levels: list[NDArray[np.int8]] = []
        self._brought_up: list[int] = []
        """For each level, from which of its pairs on it does not yet follow the level below."""
        self._reserve(min(expected, _RESERVE_SAMPLES))

    def add(self, run: Run) -> None:
        """The next samples: ``run.silence`` samples of nothing, then ``run.planes`` (one array per channel)."""
        self._count += run.silence
        length = len(run.planes[0]) if run.planes else 0
        if self._pairs(self._count + length) > len(self._levels[0]):
            self._reserve(2 * (self._count + length))
        if not length:
            return
        filled = self._count % self._base
        slot = self._count // self._base
        starts = np.arange(-filled, length, self._base)
        starts[0] = 0
        row = self._levels[0][slot : slot + len(starts)]
        begun = row[0].copy()
        for channel, plane in enumerate(run.planes):
            lowest, highest = _extremes(plane, starts)
            row[:, channel, 0], row[:, channel, 1] = quantised(lowest), quantised(highest)
        if filled:
            np.minimum(row[0, :, 0], begun[:, 0], out=row[0, :, 0])
            np.maximum(row[0, :, 1], begun[:, 1], out=row[0, :, 1])
        self._count += length

    def finest(self) -> tuple[int, NDArray[np.int8]]:
        """How many samples there were, and the finest level of them."""
        return self._count, self._levels[0][: self._pairs(self._count)]

    def peaks(self) -> Peaks:
        """What is known so far, over the length that was announced; the rest is [0, 0]."""
        self._bring_up()
        length = max(self._count, min(self._expected, _RESERVE_SAMPLES))
        return self._peaks(length, complete=False)

    def finished(self) -> Peaks:
        """The whole, cut to the sound there was. Raises MediaError when there was none."""
        if not self._count:
            raise MediaError("The recording holds no sound.", "Fetch it again, or ask the provider for another copy.")
        self._bring_up()
        self._levels = list(levels_over(self._levels[0][: self._pairs(self._count)].copy()))
        return self._peaks(self._count, complete=True)

    def _peaks(self, length: int, *, complete: bool) -> Peaks:
        shown = []
        per_pair = self._base
        for level in self._levels:
            shown.append(level[: -(-length // per_pair)])
            per_pair *= LEVEL_FACTOR
        return Peaks(
            sample_rate=self._rate,
            channels=self._channels,
            duration_ms=round(length * 1_000 / self._rate),
            filled_ms=round(self._count * 1_000 / self._rate),
            complete=complete,
            levels=tuple(shown),
        )

    def _pairs(self, samples: int) -> int:
        return -(-samples // self._base)

    def _reserve(self, samples: int) -> None:
        pairs = max(self._pairs(samples), COARSEST_PAIRS)
        old, self._levels, self._brought_up = self._levels, [], []
        while True:
            self._levels.append(np.zeros((pairs, self._channels, 2), np.int8))
            self._brought_up.append(0)
            if pairs <= COARSEST_PAIRS:
                break
            pairs = -(-pairs // LEVEL_FACTOR)
        if old:
            known = self._pairs(self._count)
            self._levels[0][:known] = old[0][:known]

    def _bring_up(self) -> None:
        known = self._pairs(self._count)
        for number in range(1, len(self._levels)):
            first = self._brought_up[number]
            pairs = _coarser(self._levels[number - 1][:known], first)
            self._levels[number][first : first + len(pairs)] = pairs
            # the last pair below may not be full yet, so the one over it is made again next time
            self._brought_up[number] = max(known - 1, 0) // LEVEL_FACTOR
            known = -(-known // LEVEL_FACTOR)
