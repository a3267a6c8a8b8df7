"""Damaged recordings from a seed: every container we play, broken in ways that accident or malice would choose."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from parts import tape

LENGTH_MS = 1_100

KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "wav": ("wav", ()),
    "wav-mulaw": ("wav", ("-ar", "8000", "-c:a", "pcm_mulaw")),
    "wav-alaw": ("wav", ("-ar", "8000", "-ac", "2", "-c:a", "pcm_alaw")),
    "wav-24": ("wav", ("-ac", "2", "-c:a", "pcm_s24le")),  # ffmpeg writes these with the extensible header
    "ogg-opus": ("ogg", ("-c:a", "libopus", "-b:a", "32k")),
    "ogg-vorbis": ("ogg", ("-c:a", "libvorbis", "-ac", "2")),
    "mp3": ("mp3", ()),
    "mp3-bare": ("mp3", ("-q:a", "4", "-write_xing", "0", "-id3v2_version", "0")),
    "mp4-index-last": ("m4a", ()),
    "mp4-index-first": ("m4a", ("-movflags", "+faststart")),
    "mp4-fragments": ("m4a", ("-movflags", "frag_keyframe+empty_moov", "-frag_duration", "300000")),
    "webm": ("webm", ("-c:a", "libopus")),
    "flac": ("flac", ("-ac", "2")),
    "aac": ("aac", ("-c:a", "aac", "-f", "adts")),
}
"""Name: ffmpeg's ending and options."""

_ABSURD = (0, 1, 2, 7, 255, 2**15, 2**16 - 1, 2**28, 2**31 - 1, 2**31, 2**32 - 1)
_FIELDS = (
    *b"fmt |data|LIST|RIFF|OggS|OpusHead|OpusTags|\x01vorbis|\x05vorbis|fLaC|Xing|Info|ID3|\xff\xfb|\xff\xf1".split(
        b"|"
    ),
    *b"ftyp moov mvhd trak tkhd edts elst mdhd hdlr stsd mp4a esds stts stsc stsz stco mvex trex moof mfhd".split(),
    *b"traf tfhd tfdt trun mdat mfra tfra \x1aE\xdf\xa3 \x18S\x80g \x16T\xaek \x1fC\xb6u".split(),
    *b"\xae \xe1 \xb5 \x9f \xa3".split(),
)
"""Marks of the structures in which lengths, counts, rates and channels stand."""


@dataclass(frozen=True)
class Mutant:
    """``data`` made from the original named ``kind``; ``how`` names what was done to it."""

    kind: str
    data: bytes
    how: str


def make_originals(folder: Path) -> None:
    """One whole file per kind in ``folder``. Needs ffmpeg."""
    sound = tape.wav(tape.bursts(LENGTH_MS))
    for kind, (ending, options) in KINDS.items():
        (folder / kind).write_bytes(tape.encoded(sound, ending, folder, *options))


def originals(folder: Path) -> dict[str, bytes]:
    """What `make_originals` made."""
    return {kind: (folder / kind).read_bytes() for kind in KINDS}


def mutant(whole: dict[str, bytes], seed: int, number: int) -> Mutant:
    """The mutant of that number: the kinds take turns; it always differs from its original."""
    kind = tuple(KINDS)[number % len(KINDS)]
    draw = random.Random(f"{seed}:{number}")
    original = whole[kind]
    ways = draw.choices(tuple(WAYS), k=draw.choice((1, 1, 2, 4)))
    while True:
        data = original
        for way in ways:
            data = WAYS[way](data, draw, whole) or original
        if data.startswith(b"OggS") and draw.random() < 0.7:
            data = with_right_sums(data)
        if data != original:
            return Mutant(kind, data, "+".join(ways))


def _place(data: bytes, draw: random.Random) -> int:
    """Anywhere, with a leaning to the front, where headers are."""
    return int(draw.random() ** draw.choice((1, 3)) * len(data))


def _flip(data: bytes, draw: random.Random, _whole: dict[str, bytes]) -> bytes:
    out = bytearray(data)
    for _ in range(draw.choice((1, 1, 8, 64))):
        out[_place(data, draw)] ^= 1 << draw.randrange(8)
    return bytes(out)


def _scribble(data: bytes, draw: random.Random, _whole: dict[str, bytes]) -> bytes:
    at, count = _place(data, draw), draw.choice((1, 4, 30, 500))
    return data[:at] + draw.randbytes(min(count, len(data) - at)) + data[at + count :]


def _cut_short(data: bytes, draw: random.Random, _whole: dict[str, bytes]) -> bytes:
    return data[: max(1, _place(data, draw))]


def _cut_out(data: bytes, draw: random.Random, _whole: dict[str, bytes]) -> bytes:
    at = _place(data, draw)
    return data[:at] + data[at + draw.choice((1, 2, 3, 100, 5_000)) :]


def _repeat(data: bytes, draw: random.Random, _whole: dict[str, bytes]) -> bytes:
    at, count = _place(data, draw), draw.choice((1, 8, 300, 9_000))
    return data[: at + count] + data[at : at + count] * draw.choice((1, 1, 20)) + data[at + count :]


def _splice(data: bytes, draw: random.Random, whole: dict[str, bytes]) -> bytes:
    """Go on in another recording, of any kind."""
    other = whole[draw.choice(tuple(whole))]
    return data[: _place(data, draw)] + other[_place(other, draw) :]


def _absurd(data: bytes, draw: random.Random, _whole: dict[str, bytes]) -> bytes:
    """A length, count, rate or number of channels that nobody means, in a structure that has one."""
    found = [at for mark in _FIELDS for at in _all(data, mark)]
    at = max(0, draw.choice(found or [0]) + draw.randrange(-8, 48))
    form = draw.choice(("<B", "<H", ">H", "<I", ">I", "<I", ">I", "<Q", ">Q"))
    size = struct.calcsize(form)
    value = draw.choice((*_ABSURD, draw.getrandbits(32), draw.getrandbits(63))) % 2 ** (8 * size)
    out = bytearray(data.ljust(at + size, b"\0"))
    struct.pack_into(form, out, at, value)
    return bytes(out)


def _all(data: bytes, mark: bytes) -> list[int]:
    places, at = [], -1
    while len(places) < 50 and (at := data.find(mark, at + 1)) >= 0:
        places.append(at)
    return places


def with_right_sums(data: bytes) -> bytes:
    """Every ogg page with the checksum of what it is now: the library drops pages that only an accident has hit."""
    out = bytearray(data)
    for at in _all(data, b"OggS"):
        segments = out[at + 27 : at + 27 + out[at + 26]] if at + 27 <= len(out) else b""
        end = at + 27 + len(segments) + sum(segments)
        if segments and end <= len(out):
            out[at + 22 : at + 26] = bytes(4)
            struct.pack_into("<I", out, at + 22, _ogg_sum(out[at:end]))
    return bytes(out)


def _ogg_sum(page: bytes) -> int:
    total = 0
    for byte in page:
        total = (total << 8 & 0xFFFF_FFFF) ^ _SUMS[total >> 24 ^ byte]
    return total


def _sums() -> list[int]:
    sums = []
    for byte in range(256):
        total = byte << 24
        for _ in range(8):
            total = (total << 1) ^ (0x04C1_1DB7 if total & 0x8000_0000 else 0)
        sums.append(total & 0xFFFF_FFFF)
    return sums


_SUMS = _sums()

WAYS: dict[str, Callable[[bytes, random.Random, dict[str, bytes]], bytes]] = {
    "absurd": _absurd,
    "more absurd": _absurd,
    "flip": _flip,
    "scribble": _scribble,
    "cut short": _cut_short,
    "cut out": _cut_out,
    "repeat": _repeat,
    "splice": _splice,
}
