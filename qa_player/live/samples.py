"""Samples out of payloads: 16-bit in either byte order and mu-law, and which order a stream's bytes have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

ENOUGH_FRAMES = 10
CLEAR = 3.0
"""How much rougher the wrong reading must be than the right one; speech at 8 kHz is 20 times and more."""


@dataclass(frozen=True)
class Format:
    """What a payload holds: 16-bit or mu-law samples of one side at ``rate``."""

    mulaw: bool
    rate: int

    @property
    def bytes_per_sample(self) -> int:
        return 1 if self.mulaw else 2


def format_told(encoding: str, rate: int | None, otherwise: Format) -> Format:
    """The format that a carrier's words name; what they leave open is ``otherwise``'s."""
    if "mulaw" in encoding or "ulaw" in encoding or "pcmu" in encoding:
        return Format(True, rate or 8_000)
    if "l16" in encoding or "pcm" in encoding or "linear" in encoding:
        return Format(False, rate or otherwise.rate)
    return otherwise if rate is None else Format(otherwise.mulaw, rate)


def decode(payload: bytes, form: Format, *, big_endian: bool) -> Samples:
    """The samples of ``payload``; a byte too many at its end is left out."""
    if form.mulaw:
        return np.asarray(_mulaw()[np.frombuffer(payload, np.uint8)], np.int16)
    told = np.frombuffer(payload, ">i2" if big_endian else "<i2", len(payload) // 2)
    return np.asarray(told, np.int16)


def encode(samples: Samples, form: Format, *, big_endian: bool) -> bytes:
    """What `decode` reads back: exactly for 16 bits, to the nearest step for mu-law."""
    if not form.mulaw:
        return samples.astype(">i2" if big_endian else "<i2").tobytes()
    table = _mulaw().astype(np.int32)
    order = np.argsort(table, kind="stable")
    ranks = np.searchsorted(table[order], samples.astype(np.int32)).clip(1, 255)
    below, above = table[order][ranks - 1], table[order][ranks]
    nearer = np.where(samples - below <= above - samples, ranks - 1, ranks)
    return order[nearer].astype(np.uint8).tobytes()


def at_rate(samples: Samples, rate: int, wanted: int) -> Samples:
    """``samples`` at another rate, by straight lines: for the rare stream that changes its rate on the way."""
    if rate == wanted or not len(samples):
        return samples
    places = np.arange(len(samples) * wanted // rate) * (rate / wanted)
    return np.asarray(np.interp(places, np.arange(len(samples)), samples), np.int16)


class OrderTest:
    """Which byte order a stream has: read the wrong way, sound is far rougher. Frames without sound say nothing."""

    def __init__(self) -> None:
        self._frames = 0
        self._roughness = {True: 1.0, False: 1.0}

    def hear(self, payload: bytes) -> None:
        """Take one payload into account."""
        form = Format(False, 8_000)
        read = {big: decode(payload, form, big_endian=big).astype(np.float64) for big in (True, False)}
        rough = {big: float(np.square(np.diff(samples)).sum()) for big, samples in read.items()}
        if min(rough.values()) == 0 or len(read[True]) < 2:
            return
        self._frames += 1
        for big, much in rough.items():
            self._roughness[big] += much

    @property
    def big_endian(self) -> bool | None:
        """The order, null while it is not clear."""
        big, little = self._roughness[True], self._roughness[False]
        if self._frames < ENOUGH_FRAMES or max(big, little) < CLEAR * min(big, little):
            return None
        return big < little


@cache
def _mulaw() -> Samples:
    """The 256 steps of G.711."""
    told = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((told & 0x0F) << 3) + 0x84 << ((told & 0x70) >> 4)) - 0x84
    return np.where(told & 0x80, -magnitude, magnitude).astype(np.int16)
