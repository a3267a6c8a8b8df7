"""Sound is told from pages by its first bytes, whatever the header says."""

from __future__ import annotations

import pytest

from parts.recordings import mp3, wav
from qa_player.media.container.sniff import container_of


@pytest.mark.parametrize(
    ("head", "container"),
    [
        (b"OggS\x00\x02" + bytes(20), "ogg"),
        (wav(60), "wav"),
        (b"RF64\xff\xff\xff\xffWAVEds64", "wav"),
        (b"\x00\x00\x00\x20ftypM4A ", "mp4"),
        (b"\x00\x00\x10\x00moov", "mp4"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x10", "mp3"),
        (mp3(60), "mp3"),
        (bytes.fromhex("ffe318c4"), "mp3"),
        (bytes.fromhex("fff15080"), "aac"),
        (bytes.fromhex("1a45dfa3"), "webm"),
        (b"fLaC\x00", "flac"),
    ],
)
def test_recordings_are_known_by_their_first_bytes(head: bytes, container: str) -> None:
    assert container_of(head) == container


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"<!DOCTYPE html>",
        b'\xef\xbb\xbf{"error":"not found"}',
        '<?xml version="1.0"?>'.encode("utf-16"),
        '{"a":1}'.encode("utf-16"),
        b"RIFF\x00\x00\x00\x00AVI ",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"\x1f\x8b\x08\x00",
        bytes.fromhex("ffd8ffe0"),
        bytes(64),
        b"#EXTM3U\n",
    ],
)
def test_everything_else_is_refused(head: bytes) -> None:
    assert container_of(head) is None
