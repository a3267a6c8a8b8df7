"""The sound of a capture: two sides in one stereo WAV, inbound left, outbound right, silence where nothing came.

Any stretch can be asked for while the call goes on; the bytes of a WAV only once it has ended, since its head says how
long it is.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from qa_player.errors import IntegrityError
from qa_player.live.frames import Media, read_frame
from qa_player.live.received import Received
from qa_player.live.samples import Format, Samples, at_rate, decode

FRAME = 4
"""Bytes of one sample of both sides."""
HEAD = 44


def heard(received: Received, start: int, end: int) -> NDArray[np.int16]:
    """Samples [start, end) of both sides, as an array of two columns. Raises StorageError."""
    sound = np.zeros((max(end - start, 0), 2), np.int16)
    for side, index in enumerate(received.timeline.tracks):
        for piece in index.between(start, end):
            samples = _samples(received, piece.ref, piece.form.rate, mulaw=piece.form.mulaw)[: piece.length]
            first, last = max(piece.start, start), min(piece.start + len(samples), end)
            if first < last:
                sound[first - start : last - start, side] = samples[first - piece.start : last - piece.start]
    return sound


class Wave:
    """The bytes of an ended capture's WAV, any range of them; blocks while it reads."""

    def __init__(self, received: Received) -> None:
        self._received = received
        self._samples = received.timeline.end
        self.size = HEAD + FRAME * self._samples
        self._head = _head(received.timeline.rate, FRAME * self._samples)

    def read(self, start: int, end: int) -> bytes:
        """Bytes [start, end). Raises StorageError."""
        end = min(end, self.size)
        if start >= end:
            return b""
        head = self._head[start:end]
        first, last = max(start - HEAD, 0), max(end - HEAD, 0)
        body = heard(self._received, first // FRAME, -(-last // FRAME)).astype("<i2").tobytes()
        skip = first % FRAME
        return head + body[skip : skip + last - first]


def _samples(received: Received, ref: tuple[int, int], rate: int, *, mulaw: bool) -> Samples:
    try:
        entry = received.journal.record(ref[0])[ref[1]]
    except IntegrityError:
        # damaged since it was read: silence, as for what never came
        return np.zeros(0, np.int16)
    frame = read_frame(entry.data.decode("utf-8", "surrogatepass"))
    payload = frame.payload if isinstance(frame, Media) else None
    samples = decode(payload or b"", Format(mulaw, rate), big_endian=received.big_endian)
    return at_rate(samples, rate, received.timeline.rate)


def _head(rate: int, length: int) -> bytes:
    """RIFF, 16 bits, two channels; a length past its 32 bits is told as the largest, which readers take for unknown."""
    told, whole = min(length, 0xFFFFFFFF - 36), min(length + 36, 0xFFFFFFFF)
    form = struct.pack("<HHIIHH", 1, 2, rate, rate * FRAME, FRAME, 16)
    return (
        b"RIFF"
        + struct.pack("<I", whole)
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + form
        + b"data"
        + struct.pack("<I", told)
    )
