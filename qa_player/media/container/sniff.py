"""What a recording's first bytes say it is; a header that names a type may lie, these do not.

Used before a byte enters the cache (an error page is never audio) and before a demuxer is named.
"""

from __future__ import annotations

HEAD_BYTES = 64
"""How many first bytes are enough to tell."""

_LAYER_III, _LAYER_II = 1, 2
_MP4_FIRST_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"styp", b"wide"})


def container_of(head: bytes) -> str | None:
    """The container that ``head`` (the first bytes of a file) begins: ogg, mp4, mp3, aac, wav, webm, flac, or null.

    >>> container_of(b"OggS" + bytes(60)), container_of(bytes.fromhex("ffe318c4") + bytes(60))
    ('ogg', 'mp3')
    >>> container_of(b"<!DOCTYPE html><title>Sign in</title>") is None
    True
    """
    if head.startswith(b"OggS"):
        return "ogg"
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    if head[4:8] in _MP4_FIRST_BOXES:
        return "mp4"
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "webm"
    if head.startswith(b"fLaC"):
        return "flac"
    if head.startswith(b"ID3") and len(head) >= 10 and head[3] < 0xFF and head[4] < 0xFF:
        return "mp3"
    return _mpeg_stream(head)


def _mpeg_stream(head: bytes) -> str | None:
    """Raw MPEG audio or ADTS by its first frame header, MPEG 2.5 (FF E3) included.

    Layer I is refused: nobody records in it, and FF FE is also how a page in UTF-16 begins.
    """
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:
        return "aac" if (head[2] >> 2) & 0x0F < 13 else None
    version, layer = (head[1] >> 3) & 3, (head[1] >> 1) & 3
    bitrate, rate = head[2] >> 4, (head[2] >> 2) & 3
    known = version != 1 and layer in (_LAYER_II, _LAYER_III) and bitrate not in (0, 15) and rate != 3
    return "mp3" if known else None
