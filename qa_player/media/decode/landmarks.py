"""Where decoding may begin in files whose far places can otherwise only be found by reading all before them.

An mp3 has no index, and an ogg is searched by halving, a request for each half. Drawing a recording's picture passes
every packet once; what it notes here is kept with the picture.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from dataclasses import dataclass

CONTAINERS = frozenset({"mp3", "ogg"})
"""Their packets stand on their own: decoding can begin at any of them, in an ogg behind its headers."""

APART_S = 2.0
"""The distance of two; so much is decoded for nothing at most, beside the pre-roll."""

_SIZES = struct.Struct("<II")


@dataclass(frozen=True)
class Landmark:
    """At ``byte`` begins a packet whose sound stands at sample ``place``.

    ``origin_s`` is where audio zero lies on the file's clock as it runs from there. ``head`` is the first byte of the
    headers that hold there: an ogg that was chained has several.
    """

    byte: int
    place: int
    origin_s: float
    head: int


class Landmarks:
    """Grows from the front in one thread; any thread may ask.

    >>> found = Landmarks()
    >>> for second in range(0, 10, 2): found.add(byte=second * 500, place=second * 48_000, origin_s=0.0)
    >>> found.before(200_000).byte, found.before(-1)
    (2000, None)
    >>> Landmarks.from_bytes(found.to_bytes()).before(200_000).byte
    2000
    """

    def __init__(self) -> None:
        self._heads = [0]
        self._found: list[tuple[int, int, float]] = []

    def __len__(self) -> int:
        return len(self._found)

    def add(self, *, byte: int, place: int, origin_s: float) -> None:
        """The next one; what does not lie behind the last is left out."""
        if byte >= 0 and (not self._found or (place > self._found[-1][0] and byte > self._found[-1][1])):
            self._found.append((place, byte, origin_s))

    def add_head(self, byte: int) -> None:
        """Headers begin at ``byte``."""
        at = bisect_right(self._heads, byte)
        if self._heads[at - 1] != byte:
            self._heads.insert(at, byte)

    def extend(self, later: Landmarks) -> None:
        """Those of a stretch that follows."""
        for place, byte, origin_s in later._found:
            self.add(byte=byte, place=place, origin_s=origin_s)
        for head in later._heads:
            self.add_head(head)

    def before(self, place: int) -> Landmark | None:
        """The last one at or before sample ``place``, null where there is none."""
        at = bisect_right(self._found, place, key=lambda landmark: landmark[0]) - 1
        if at < 0:
            return None
        known, byte, origin_s = self._found[at]
        return Landmark(byte, known, origin_s, self._heads[bisect_right(self._heads, byte) - 1])

    def to_bytes(self) -> bytes:
        """All of it, little-endian: two counts, then places, bytes, origins and heads."""
        import numpy as np

        places, starts, origins = zip(*self._found, strict=True) if self._found else ((), (), ())
        parts = (places, "<i8"), (starts, "<i8"), (origins, "<f8"), (self._heads, "<i8")
        sizes = _SIZES.pack(len(self._found), len(self._heads))
        return b"".join([sizes, *(np.array(part, kind).tobytes() for part, kind in parts)])

    @classmethod
    def from_bytes(cls, data: bytes) -> Landmarks:
        """What `to_bytes` gave; raises ValueError for anything else."""
        import numpy as np

        if len(data) < _SIZES.size:
            raise ValueError("no landmarks")
        count, heads = _SIZES.unpack_from(data)
        if len(data) != _SIZES.size + 8 * (3 * count + heads):
            raise ValueError("another layout")
        at = _SIZES.size
        parts: list[list[float]] = []
        for kind, length in (("<i8", count), ("<i8", count), ("<f8", count), ("<i8", heads)):
            parts.append(np.frombuffer(data, kind, length, at).tolist())
            at += 8 * length
        landmarks = cls()
        landmarks._found = [(int(place), int(byte), origin_s) for place, byte, origin_s in zip(*parts[:3], strict=True)]
        landmarks._heads = [int(head) for head in parts[3]]
        return landmarks
