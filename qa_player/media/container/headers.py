"""What a file's own header says of its length and shape, believed only as far as the bytes go."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

_MOST_BOXES = 1_000
"""A header that has more parts than this is not searched further."""

_PLAIN_CODINGS = frozenset({1, 3, 6, 7, 0xFFFE})
"""PCM, floats, A-law, mu-law, and the extensible form of any of them, in a wav's header."""


class ReadCancelled(Exception):  # noqa: N818 - nothing went wrong: the answer is no longer wanted
    """The reader's owner cancelled it, or the recording was closed."""


class MediaFile(Protocol):
    """A recording's bytes as a blocking file. ``size`` is null while the length is unknown.

    ``read`` gives at most ``count`` bytes, fewer when fewer are at hand, and none only at the end. It may raise any
    error of ours. ``seekable`` is false when only the bytes in their order can be had.
    """

    @property
    def size(self) -> int | None: ...
    def read(self, count: int = -1, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def tell(self) -> int: ...
    def seekable(self) -> bool: ...


@dataclass(frozen=True)
class WavLength:
    """Length of the sound in a wav file; ``trusted`` when the bytes of it are known to be there."""

    duration_ms: float
    trusted: bool


def read_exactly(file: MediaFile, count: int) -> bytes:
    """``count`` bytes from where ``file`` stands; fewer only at its end."""
    pieces = []
    while count > 0 and (piece := file.read(count)):
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def wav_length(file: MediaFile) -> WavLength | None:
    """Length by the ``data`` chunk, clamped to the bytes that are there; null when the header does not say.

    Streaming writers leave the size 0 or 0xFFFFFFFF: then the file's own length decides.
    """
    byte_rate = 0
    file.seek(12)
    for _ in range(_MOST_BOXES):
        header = read_exactly(file, 8)
        if len(header) < 8:
            return None
        kind, stated = struct.unpack("<4sI", header)
        at = file.tell()
        if kind == b"data":
            return _data_length(stated, at, file.size, byte_rate)
        if kind == b"fmt ":
            byte_rate = _byte_rate(read_exactly(file, 16))
        file.seek(at + stated + stated % 2)
    return None


def _byte_rate(form: bytes) -> int:
    """Bytes in a second. Where every sample has its bits, they say it: what the header states of it may be nonsense."""
    if len(form) < 16:
        return 0
    coding, channels, sample_rate, stated, _, bits = struct.unpack("<HHIIHH", form)
    counted: int = sample_rate * channels * ((bits + 7) // 8)
    return counted if coding in _PLAIN_CODINGS and counted else int(stated)


def _data_length(stated: int, at: int, size: int | None, byte_rate: int) -> WavLength | None:
    open_ended = stated in (0, 0xFFFFFFFF)
    if not byte_rate or (open_ended and size is None):
        return None
    present = stated if size is None else max(size - at, 0)
    length = present if open_ended else min(stated, present)
    return WavLength(length * 1_000 / byte_rate, trusted=size is not None)


def mp4_is_fragmented(file: MediaFile) -> bool:
    """Whether the movie box, standing before any media data, announces fragments."""
    for kind, start, end in _boxes(file, 0, file.size):
        if kind == b"moov":
            return any(inner == b"mvex" for inner, _, _ in _boxes(file, start, end))
        if kind == b"mdat":
            return False
    return False


def _boxes(file: MediaFile, start: int, end: int | None) -> Iterator[tuple[bytes, int, int]]:
    """Kind, first byte of the content and end of each box between ``start`` and ``end``."""
    for _ in range(_MOST_BOXES):
        if end is not None and start + 8 > end:
            return
        file.seek(start)
        header = read_exactly(file, 16)
        if len(header) < 8:
            return
        length, kind = struct.unpack(">I4s", header[:8])
        content = start + 8
        if length == 1 and len(header) == 16:
            length = struct.unpack(">Q", header[8:])[0]
            content = start + 16
        if length < content - start or start + length >= 2**62:
            return
        yield kind, content, start + length
        start += length


def mp3_counts_its_frames(head: bytes) -> bool:
    """Whether the first frame carries a table that states how many frames follow."""
    return any(mark in head for mark in (b"Xing", b"Info", b"VBRI"))


def opus_pre_skip(extradata: bytes | None) -> int:
    """Samples at 48 kHz that an Opus header says are dropped from the start."""
    if extradata is None or len(extradata) < 12 or not extradata.startswith(b"OpusHead"):
        return 0
    return int(struct.unpack_from("<H", extradata, 10)[0])
