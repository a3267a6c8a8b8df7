"""The samples of a recording in large blocks, in order, decoded once: what peaks and measurements are made of."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa_player.errors import MediaError
from qa_player.media.container.headers import MediaFile, ReadCancelled, read_exactly
from qa_player.media.container.ogg import HeadWatch
from qa_player.media.decode.landmarks import APART_S, CONTAINERS, Landmarks
from qa_player.media.decode.opening import Opened

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


class _Watched:
    """A file of which is noted where streams begin in what is read."""

    def __init__(self, file: MediaFile, landmarks: Landmarks) -> None:
        self._file = file
        self._landmarks = landmarks
        self._watch = HeadWatch()
        self._at = 0

    @property
    def size(self) -> int | None:
        return self._file.size

    def read(self, count: int = -1, /) -> bytes:
        piece = self._file.read(count)
        for byte in self._watch.passed(self._at, piece):
            self._landmarks.add_head(byte)
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._at = self._file.seek(offset, whence)
        return self._at

    def tell(self) -> int:
        return self._at

    def seekable(self) -> bool:
        return self._file.seekable()


class Samples:
    """One recording, read front to back; ``expected`` samples are announced (0: unknown), what comes may differ.

    The ways to far places that are found on the way are added to ``landmarks``.

    Raises MediaError for what is no sound, ReadCancelled when ``cancelled`` says so between two runs, and whatever
    reading ``file`` raises.
    """

    def __init__(
        self, file: MediaFile, *, cancelled: Callable[[], bool] = lambda: False, landmarks: Landmarks | None = None
    ) -> None:
        self._file = file
        self._cancelled = cancelled
        self._landmarks = landmarks
        wave = _plain_wave(file)
        self._source: Opened | _WaveLayout = wave or Opened(file if landmarks is None else _Watched(file, landmarks))
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
            if isinstance(source, Opened):
                runs = decoded_runs(source, source.frames(), landmarks=self._landmarks)
            else:
                runs = _wave_runs(self._file, source)
            for run in runs:
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


def decoded_runs(
    opened: Opened, frames: Iterable[Any], *, place: int = 0, landmarks: Landmarks | None = None
) -> Iterator[Run]:
    """``frames`` of ``opened``, the first of which stands at sample ``place``, gathered.

    They stay together while they follow one another in one format; a hole in their clock becomes silence.

    What stands in the loop is paid for each of 170,000 frames an hour, so nothing is called that need not be.
    """
    rate, channels = opened.facts.sample_rate, opened.facts.channels
    noted = landmarks if opened.facts.container in CONTAINERS else None
    apart = round(APART_S * rate)
    # the first packets are cut at the start of a file and not where one begins in its midst
    next_note = place + apart
    ticks = due = 0.0
    silence = 0
    form: tuple[str, int, int] | None = None
    gathered: list[Any] = []
    for frame in frames:
        now = (frame.format.name, frame.layout.nb_channels, frame.sample_rate)
        stamp = frame.pts
        hole = 0
        if not ticks:
            # one stream has one time base; zero is the first frame's stamp
            ticks = float(1 / (frame.time_base * rate))
            due = stamp or 0.0
        elif stamp is not None and abs(stamp - due) > _JITTER_S * rate * ticks:
            hole = _hole((stamp - due) / ticks, rate)
            due = stamp
        if now != form or hole or len(gathered) == FRAMES_PER_BLOCK:
            if gathered:
                yield Run(silence, planes_of(gathered, channels))
                gathered, silence = [], 0
            if now[2] != rate:
                raise MediaError("The recording changes its sample rate on the way.", "Ask the provider for the file.")
            form = now
        silence += hole
        place += hole
        if noted is not None and place >= next_note and stamp is not None:
            # an mp3 counts from the packet where it is opened, an ogg says where it is
            clock = stamp / (ticks * rate) if opened.facts.container == "ogg" else 0.0
            noted.add(byte=opened.packet_byte, place=place, origin_s=clock - place / rate)
            next_note = place + apart
        place += frame.samples
        due += frame.samples * ticks
        gathered.append(frame)
    if gathered:
        yield Run(silence, planes_of(gathered, channels))


def _hole(samples: float, rate: int) -> int:
    """How much silence a jump of the clock is: none when it runs back (files joined end to end) or off."""
    return round(samples) if 0 < samples <= _LONGEST_HOLE_S * rate else 0


def _width(frame: Any) -> int:
    return int(frame.layout.nb_channels)


def planes_of(frames: Sequence[Any], channels: int) -> tuple[NDArray[Any], ...]:
    """The samples of ``frames`` (all of one format); missing channels repeat the last, surplus ones are left."""
    kind = frames[0].format
    dtype = _DTYPES.get(kind.packed.name)
    if dtype is None:
        raise MediaError("The recording is in a coding that cannot be drawn.", "Ask the provider for the file.")
    sample_bytes = np.dtype(dtype).itemsize * (1 if kind.is_planar else _width(frames[0]))
    pieces: list[list[Any]] = [[] for _ in frames[0].planes]
    for frame in frames:
        length = frame.samples * sample_bytes
        for channel, plane in zip(pieces, frame.planes, strict=True):
            # a plane's buffer may be longer than its sound: padding, and samples that the decoder dropped
            channel.append(plane if plane.buffer_size == length else memoryview(plane)[:length])
    joined = [np.frombuffer(b"".join(channel), dtype) for channel in pieces]
    if not kind.is_planar and _width(frames[0]) > 1:
        joined = list(_apart(joined[0], _width(frames[0])))
    if dtype is np.uint8:
        joined = [(plane.astype(np.int16) - 128) * 256 for plane in joined]
    joined += joined[-1:] * (channels - len(joined))
    return tuple(joined[:channels])


def _apart(interleaved: NDArray[Any], channels: int) -> tuple[NDArray[Any], ...]:
    return tuple(np.ascontiguousarray(interleaved.reshape(-1, channels).T))
