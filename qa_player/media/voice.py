"""Where speech sets in: the level of each channel in 10 ms frames, and the moments at which it rises out of a pause."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa_player.media.container.headers import MediaFile
from qa_player.media.decode.samples import Samples

FRAMES_PER_SECOND = 100
"""Frames of 10 ms: shorter than any sound of speech, longer than a period of a deep voice."""

LEAST_CONTRAST_DB = 12.0
"""Between the quiet and the loud tenth of a recording; with less there are no pauses that speech could rise from."""

_LOUDEST_FLOOR_DB = -50.0
"""Digital silence has no level: the floor is never taken to lie further than this below what is loud."""

_THRESHOLD = 0.4
"""Speech is what lies above this share of the way from quiet to loud, in decibels."""

_FOOT_DB = 6.0
_FOOT_FRAMES = 8
"""A first sound is soft: an onset is led back, at most so far, to where the level leaves the floor."""

_SHORTEST_PAUSE = 12
_SHORTEST_SOUND = 6
_CROSSTALK_DB = 15.0
"""What is heard that much fainter on one side than on the other comes from the other side."""


@dataclass(frozen=True)
class Onsets:
    """Moments at which speech sets in: ``at_ms`` from audio zero, and how long it was quiet before (``pause_ms``).

    Both are float64 of one length, in order.
    """

    at_ms: NDArray[np.float64]
    pause_ms: NDArray[np.float64]


@dataclass(frozen=True)
class Voice:
    """One entry of ``channels`` for each side that is a voice of its own; a mono or doubled recording has one."""

    duration_ms: float
    channels: tuple[Onsets, ...]


def listen(
    file: MediaFile,
    *,
    progress: Callable[[float], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Voice:
    """Decode ``file`` once in the calling thread and find its onsets.

    ``progress`` is told the share done, 0 to 1, where a length is announced. Raises MediaError for what is no sound,
    ReadCancelled, and whatever reading ``file`` raises.
    """
    levels, frame_ms = levels_of(file, progress=progress, cancelled=cancelled)
    return heard(levels, frame_ms=frame_ms)


def levels_of(
    file: MediaFile,
    *,
    progress: Callable[[float], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[NDArray[np.float32], float]:
    """How loud ``file`` is: decibels of full scale [channels, frames], and how many milliseconds a frame is long.

    Works and raises as `listen` does.
    """
    samples = Samples(file, cancelled=cancelled)
    levels = _Levels(samples.sample_rate, samples.channels)
    for run in samples.runs():
        levels.add(run.silence, run.planes)
        if samples.expected:
            progress(min(levels.count / samples.expected, 1.0))
    return levels.finished(), levels.frame_ms


def heard(levels: NDArray[np.float32], *, frame_ms: float) -> Voice:
    """The onsets of ``levels``: decibels [channels, frames], each frame ``frame_ms`` long."""
    duration_ms = levels.shape[1] * frame_ms
    sides = voices(levels)
    return Voice(duration_ms, tuple(_onsets(row, voiced(row, sides), frame_ms) for row in sides))


def voices(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """``levels`` with one row for each voice: the same one on both sides is one."""
    if levels.shape[0] == 2 and not _two_voices(levels):
        loudest: NDArray[np.float32] = levels.max(axis=0, keepdims=True)
        return loudest
    return levels


def joined(parts: Sequence[tuple[float, Voice]]) -> Voice:
    """One voice of several recordings that begin at so many milliseconds of one timeline.

    Where they differ in their sides, nobody knows which belong together: all are taken as one.
    """
    sides = {len(voice.channels) for _, voice in parts}
    count = sides.pop() if len(sides) == 1 else 1
    channels = []
    for side in range(count):
        taken = [
            (start_ms, onsets)
            for start_ms, voice in parts
            for at, onsets in enumerate(voice.channels)
            if at == side or count == 1
        ]
        at_ms = np.concatenate([start_ms + onsets.at_ms for start_ms, onsets in taken] or [np.zeros(0)])
        order = np.argsort(at_ms, kind="stable")
        pause_ms = np.concatenate([onsets.pause_ms for _, onsets in taken] or [np.zeros(0)])
        channels.append(Onsets(at_ms[order], pause_ms[order]))
    return Voice(max((start_ms + voice.duration_ms for start_ms, voice in parts), default=0.0), tuple(channels))


class _Levels:
    """Gathers samples into frames and frames into decibels of full scale."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._size = max(round(sample_rate / FRAMES_PER_SECOND), 1)
        self.frame_ms = self._size * 1_000 / sample_rate
        self.count = 0
        self._channels = channels
        self._rest: list[NDArray[Any]] = [np.zeros(0, np.float32)] * channels
        self._rows: list[NDArray[np.float32]] = []

    def add(self, silence: int, planes: Any) -> None:
        """The next samples of every channel, after ``silence`` samples of nothing."""
        length = len(planes[0]) if planes else 0
        self.count += silence + length
        joined = []
        for channel in range(self._channels):
            plane = planes[channel] if planes else np.zeros(0, np.float32)
            full = float(2 ** (plane.dtype.itemsize * 8 - 1)) if plane.dtype.kind == "i" else 1.0
            scaled = np.nan_to_num(plane.astype(np.float32) / np.float32(full))
            joined.append(np.concatenate([self._rest[channel], np.zeros(silence, np.float32), scaled]))
        whole = len(joined[0]) // self._size * self._size
        if whole:
            frames = np.stack([one[:whole] for one in joined]).reshape(self._channels, -1, self._size)
            # the variance: a constant offset of a bad converter is no sound
            self._rows.append(10 * np.log10(np.maximum(frames.var(axis=2), 1e-12)))
        self._rest = [one[whole:] for one in joined]

    def finished(self) -> NDArray[np.float32]:
        """Decibels, [channels, frames]."""
        if not self._rows:
            return np.zeros((self._channels, 0), np.float32)
        return np.concatenate(self._rows, axis=1)


def _two_voices(levels: NDArray[np.float32]) -> bool:
    """Whether the sides differ: the same voice on both is one voice."""
    loud = levels.max(axis=0) > np.percentile(levels, 50) if levels.size else np.zeros(0, bool)
    apart = np.abs(levels[0] - levels[1])[loud]
    return bool(apart.size and np.mean(apart > _CROSSTALK_DB) > 0.2)


def _bounds(row: NDArray[np.float32]) -> tuple[float, float]:
    loud = float(np.percentile(row, 95)) if row.size else 0.0
    quiet = float(np.percentile(row, 10)) if row.size else 0.0
    return max(quiet, loud + _LOUDEST_FLOOR_DB), loud


def voiced(row: NDArray[np.float32], levels: NDArray[np.float32]) -> NDArray[np.bool_]:
    """In which frames ``row``, a voice of ``levels``, speaks; pauses between sounds of a word are filled."""
    quiet, loud = _bounds(row)
    if loud - quiet < LEAST_CONTRAST_DB or loud < -70:
        return np.zeros(len(row), bool)
    now = row > quiet + _THRESHOLD * (loud - quiet)
    if len(levels) > 1:
        now &= row > levels.max(axis=0) - _CROSSTALK_DB
    return _without_short(~_without_short(~now, _SHORTEST_PAUSE), _SHORTEST_SOUND, keep=True)


def _without_short(flags: NDArray[np.bool_], shortest: int, *, keep: bool = False) -> NDArray[np.bool_]:
    """``flags`` (or, with ``keep``, their opposite) without the runs of true that are shorter than ``shortest``."""
    flags = ~flags if keep else flags
    starts, ends = _runs(flags)
    clean = flags.copy()
    for start, end in zip(starts, ends, strict=True):
        if end - start < shortest:
            clean[start:end] = False
    return ~clean if keep else clean


def _runs(flags: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where the runs of true begin and end."""
    edges = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)


def stretches(row: NDArray[np.float32], speaks: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The first frame of every stretch in which ``row`` ``speaks``, led back to its soft beginning, and the frame after
    its last, led on to where it is over, however loud the other side is."""
    starts, ends = _runs(speaks)
    quiet, loud = _bounds(row)
    led = [_led(row, int(start), -1, quiet + _FOOT_DB) for start in starts]
    over = [_led(row, int(end) - 1, 1, quiet + _THRESHOLD * (loud - quiet)) + 1 for end in ends]
    return np.array(led, np.intp), np.array(over, np.intp)


def _led(row: NDArray[np.float32], frame: int, step: int, level: float) -> int:
    """The last frame from ``frame`` on, at most `_FOOT_FRAMES` away, before ``row`` falls to ``level``."""
    at = frame
    while 0 <= at + step < len(row) and abs(at - frame) < _FOOT_FRAMES and row[at + step] > level:
        at += step
    return at


def _onsets(row: NDArray[np.float32], speaks: NDArray[np.bool_], frame_ms: float) -> Onsets:
    starts, ends = _runs(speaks)
    led = stretches(row, speaks)[0].astype(np.float64)
    before = np.concatenate([[0], ends[:-1]]) if len(starts) else np.zeros(0)
    pause = np.maximum(starts - before, 0).astype(np.float64)
    if len(pause):
        pause[0] += 100  # what lies before the recording counts as quiet
    return Onsets(led * frame_ms, pause * frame_ms)
