"""A container's own account of its length shows a file that was cut."""

from __future__ import annotations

import struct

import pytest

from parts.recordings import mp3, wav
from qa_player.media.container.structure import Completeness, completeness


def _judged(data: bytes) -> Completeness:
    return completeness(lambda position, count: data[position : position + count], len(data))


def _box(name: bytes, size: int) -> bytes:
    return struct.pack(">I4s", size, name) + bytes(size - 8)


def _page(size: int, *, last: bool, serial: int = 1) -> bytes:
    segments = [255] * (size // 255) + [size % 255]
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, 4 if last else 0, 0, serial, 0, 0, len(segments))
    return head + bytes(segments) + bytes(size)


MP4 = _box(b"ftyp", 24) + _box(b"mdat", 5_000) + _box(b"moov", 900)
OGG = _page(100, last=False) + _page(4_000, last=False) + _page(300, last=True)


@pytest.mark.parametrize("data", [wav(5_000), MP4, OGG], ids=["wav", "mp4", "ogg"])
def test_every_cut_is_told_from_the_whole(data: bytes) -> None:
    assert _judged(data) is Completeness.COMPLETE
    assert all(_judged(data[:end]) is not Completeness.COMPLETE for end in range(64, len(data)))


def test_a_cut_inside_a_box_or_a_riff_is_certain() -> None:
    assert _judged(wav(5_000)[:-1]) is Completeness.INCOMPLETE
    assert _judged(MP4[:-1]) is Completeness.INCOMPLETE
    assert _judged(MP4[: 24 + 5_000]) is Completeness.INCOMPLETE  # no moov
    assert _judged(OGG[:-1]) is Completeness.INCOMPLETE


@pytest.mark.parametrize("stated", [0, 0xFFFF_FFFF, 0x7FFF_FFFF])
def test_a_wav_that_was_streamed_does_not_say(stated: int) -> None:
    data = wav(500)
    assert _judged(data[:4] + stated.to_bytes(4, "little") + data[8:]) is Completeness.UNKNOWN


def test_what_has_no_length_does_not_say() -> None:
    assert _judged(mp3(500)) is Completeness.UNKNOWN
    assert _judged(_page(100, last=False)) is Completeness.UNKNOWN
    fragments = _box(b"ftyp", 24) + _box(b"moov", 100) + _box(b"moof", 50) + _box(b"mdat", 50)
    assert _judged(fragments) is Completeness.UNKNOWN
    assert _judged(fragments + _box(b"mfra", 30)) is Completeness.COMPLETE
    to_the_end = _box(b"ftyp", 24) + _box(b"moov", 100) + b"\0\0\0\0mdat" + bytes(50)
    assert _judged(to_the_end) is Completeness.UNKNOWN
