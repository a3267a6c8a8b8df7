"""Whether a file that claims to be whole is whole, by its container's own account of its length.

It judges lengths, never sound: a length that was cut off in mid-file shows here when the network could not tell.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from qa_player.media.container.sniff import HEAD_BYTES, container_of

ReadAt = Callable[[int, int], bytes]
"""``read_at(position, count)``: exactly ``count`` bytes, fewer only at the end."""

_OGG_PAGE_MAX = 27 + 255 + 255 * 255
_OGG_LAST = 0x04
_STREAMED_RIFF = 0x7FFF_FF00
"""Writers that stream leave the size as the largest number, signed or not; some leave it zero."""


class Completeness(Enum):
    """COMPLETE and INCOMPLETE are shown by the container; UNKNOWN means that it does not say."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    UNKNOWN = "unknown"


def completeness(read_at: ReadAt, size: int) -> Completeness:
    """What the container of a file of ``size`` bytes says about its own end."""
    container = container_of(read_at(0, HEAD_BYTES))
    if container == "wav":
        return _riff(read_at, size)
    if container == "mp4":
        return _boxes(read_at, size)
    if container == "ogg":
        return _ogg(read_at, size)
    return Completeness.UNKNOWN


def _riff(read_at: ReadAt, size: int) -> Completeness:
    head = read_at(0, 8)
    stated = int.from_bytes(head[4:8], "little")
    if head[:4] != b"RIFF" or stated == 0 or stated >= _STREAMED_RIFF:
        return Completeness.UNKNOWN
    if stated + 8 > size:
        return Completeness.INCOMPLETE
    return Completeness.COMPLETE if stated + 8 == size else Completeness.UNKNOWN


def _boxes(read_at: ReadAt, size: int) -> Completeness:
    seen: set[bytes] = set()
    position = 0
    name = b""
    while position < size:
        head = read_at(position, 16)
        if len(head) < 8:
            return Completeness.INCOMPLETE
        length, name = int.from_bytes(head[:4], "big"), head[4:8]
        if length == 1 and len(head) == 16:
            length = int.from_bytes(head[8:16], "big")
        elif length == 0:
            return Completeness.UNKNOWN if b"moov" in seen else Completeness.INCOMPLETE
        if length < 8 or position + length > size:
            return Completeness.INCOMPLETE
        seen.add(name)
        position += length
    if b"moov" not in seen:
        return Completeness.INCOMPLETE
    if b"moof" in seen and name != b"mfra":
        return Completeness.UNKNOWN  # another fragment may have followed
    return Completeness.COMPLETE


def _ogg(read_at: ReadAt, size: int) -> Completeness:
    begin = max(0, size - _OGG_PAGE_MAX)
    tail = read_at(begin, size - begin)
    at = len(tail)
    while (at := tail.rfind(b"OggS", 0, at)) >= 0:
        page = tail[at:]
        if len(page) < 27 or len(page) < 27 + page[26]:
            return Completeness.INCOMPLETE
        length = 27 + page[26] + sum(page[27 : 27 + page[26]])
        if length > len(page):
            return Completeness.INCOMPLETE
        if length == len(page):
            return Completeness.COMPLETE if page[5] & _OGG_LAST else Completeness.UNKNOWN
    return Completeness.UNKNOWN
