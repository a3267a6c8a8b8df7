"""The samples of a recording in large blocks, in order, decoded once: what peaks and measurements are made of."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa_player.errors import MediaError
from qa_player.media.headers import MediaFile, read_exactly
from qa_player.media.opening import Opened
from qa_player.media.reader import ReadCancelled

FRAMES_PER_BLOCK = 64
"""Frames decoded before numpy is called once for all of them: Python's share falls to a few per cent."""

_WAVE_BYTES = 262_144
_MOST_CHUNKS = 100

_JITTER_S = 0.005
_LONGEST_HOLE_S = 60.0
"""As in `decode`, so that sound and picture agree: less is rounding, between them is silence, more a broken clock."""

_DTYPES: dict[str, Any] = {"u8": np.uint8, "s16": np.int16, "s32": np.int32, "flt": np.float32, "dbl": np.float64}


@dataclass(frozen=True)
class Run:
    """``silence`` samples of nothing, then ``planes``: one array per channel, all of one length.

    int16, int32, float32 or float64, full scale as the type has it (floats: 1.0).
    """

    silence: int
    planes: Sequence[NDArray[Any]]


@dataclass(frozen=True)
class _WaveLayout:
    """16-bit PCM in a RIFF file: where it begins and how many bytes of it are announced."""

    sample_rate: int
    channels: int
    start: int
    length: int


class Samples:
    """One recording, read front to back; ``expected`` samples are announced (0: unknown), what comes may differ.

    Raises MediaError for what is no sound, ReadCancelled when ``cancelled`` says so between two runs, and whatever
    reading ``file`` raises.
    """

    def __init__(self, file: MediaFile, *, cancelled: Callable[[], bool] = lambda: False) -> None:
        self._file = file
        self._cancelled = cancelled
        self._source: Opened | _WaveLayout = _plain_wave(file) or Opened(file)
        if isinstance(self._source, Opened):
            facts = self._source.facts
            self.sample_rate, self.channels = facts.sample_rate, facts.channels
            self.expected = round((facts.duration_ms or 0) * facts.sample_rate / 1_000)
        else:
            self.sample_rate, self.channels = self._source.sample_rate, self._source.channels
            self.expected = self._source.length // (2 * self.channels)

    def runs(self) -> Iterator[Run]:
        """Every sample once. May be called once."""
        source = self._source
        try:
            for run in _decoded_runs(source) if isinstance(source, Opened) else _wave_runs(self._file, source):
                if self._cancelled():
                    raise ReadCancelled
                yield run
        finally:
            if isinstance(source, Opened):
                source.close()


def _plain_wave(file: MediaFile) -> _WaveLayout | None:
    """The layout of a file that needs no library, null for any other; leaves the file at its start."""
    if not file.seekable():
        return None
    try:
        file.seek(0)
        head = read_exactly(file, 12)
        return _wave_layout(file) if head[:4] == b"RIFF" and head[8:] == b"WAVE" else None
    finally:
        file.seek(0)


def _wave_layout(file: MediaFile) -> _WaveLayout | None:
    sample_rate = channels = 0
    for _ in range(_MOST_CHUNKS):
        header = read_exactly(file, 8)
        if len(header) < 8:
            return None
        kind, stated = struct.unpack("<4sI", header)
        at = file.tell()
        if kind == b"fmt ":
            body = read_exactly(file, 40 if stated >= 40 else 16)
            if len(body) < 16:
                return None
            coding, channels, sample_rate, _, frame_bytes, bits = struct.unpack_from("<HHIIHH", body)
            if coding == 0xFFFE and len(body) == 40:
                coding = struct.unpack_from("<H", body, 24)[0]
            if (coding, bits, frame_bytes) != (1, 16, 2 * channels):
                return None
        if kind == b"data":
            present = stated if file.size is None else max(file.size - at, 0)
            length = present if stated in (0, 0xFFFFFFFF) else min(stated, present)
            known = 1 <= channels <= 8 and 1 <= sample_rate <= 192_000
            return _WaveLayout(sample_rate, channels, at, length) if known else None
        file.seek(at + stated + stated % 2)
    return None


def _wave_runs(file: MediaFile, layout: _WaveLayout) -> Iterator[Run]:
    file.seek(layout.start)
    left = layout.length
    frame = 2 * layout.channels
    piece = _WAVE_BYTES - _WAVE_BYTES % frame
    while left >= frame and (data := read_exactly(file, min(piece, left))):
        left -= len(data)
        samples = np.frombuffer(data, np.dtype("<i2"), len(data) // frame * layout.channels)
        if samples.size:
            yield Run(0, (samples,) if layout.channels == 1 else _apart(samples, layout.channels))


def _decoded_runs(opened: Opened) -> Iterator[Run]:
    """Frames gathered while they follow one another in one format; a hole in their clock becomes silence."""
    clock = _Clock(opened.facts.sample_rate)
    silence = 0
    gathered: list[Any] = []
    for frame in opened.frames():
        if frame.sample_rate != opened.facts.sample_rate:
            raise MediaError("The recording changes its sample rate on the way.", "Ask the provider for the file.")
        hole = clock.hole_before(frame)
        other = gathered and (hole or _form(frame) != _form(gathered[0]))
        if other or len(gathered) == FRAMES_PER_BLOCK:
            yield Run(silence, _planes(gathered, opened.facts.channels))
            gathered, silence = [], 0
        silence += hole
        gathered.append(frame)
    if gathered:
        yield Run(silence, _planes(gathered, opened.facts.channels))


def _form(frame: Any) -> tuple[str, int]:
    return frame.format.name, _width(frame)


def _width(frame: Any) -> int:
    return int(frame.layout.nb_channels)


def _planes(frames: Sequence[Any], channels: int) -> tuple[NDArray[Any], ...]:
    """The samples of ``frames`` (all of one format); missing channels repeat the last, surplus ones are left."""
    kind = frames[0].format
    dtype = _DTYPES.get(kind.packed.name)
    if dtype is None:
        raise MediaError("The recording is in a coding that cannot be drawn.", "Ask the provider for the file.")
    sample_bytes = np.dtype(dtype).itemsize * (1 if kind.is_planar else _width(frames[0]))
    joined = []
    for channel in range(len(frames[0].planes)):
        # a plane's buffer is longer than its sound: padding, and samples that the decoder dropped
        pieces = [memoryview(frame.planes[channel])[: frame.samples * sample_bytes] for frame in frames]
        joined.append(np.frombuffer(b"".join(pieces), dtype))
    if not kind.is_planar and _width(frames[0]) > 1:
        joined = list(_apart(joined[0], _width(frames[0])))
    if dtype is np.uint8:
        joined = [(plane.astype(np.int16) - 128) * 256 for plane in joined]
    joined += joined[-1:] * (channels - len(joined))
    return tuple(joined[:channels])


def _apart(interleaved: NDArray[Any], channels: int) -> tuple[NDArray[Any], ...]:
    return tuple(np.ascontiguousarray(interleaved.reshape(-1, channels).T))


class _Clock:
    """Follows the frames' timestamps; zero is the first frame's."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._next = 0
        self._origin: float | None = None

    def hole_before(self, frame: Any) -> int:
        """How many samples are missing between the frame before and this one."""
        hole = 0
        if frame.pts is not None:
            stamp = float(frame.pts * frame.time_base)
            if self._origin is None:
                self._origin = stamp
            start = round((stamp - self._origin) * self._rate)
            ahead = start - self._next
            if abs(ahead) > _JITTER_S * self._rate:
                if 0 < ahead <= _LONGEST_HOLE_S * self._rate:
                    hole = ahead
                else:
                    self._origin += ahead / self._rate
        self._next += hole + frame.samples
        return hole
