"""Small recordings that claim large things: each would take more memory or time than a person has, were it believed."""

from __future__ import annotations

import struct
from collections.abc import Callable

from parts import tape


def many_samples(mp4: bytes, *, count: int) -> bytes:
    """An mp4 whose index says ``count`` samples of one byte each, all in its one chunk."""
    out = bytearray(mp4)
    sizes, chunks = out.index(b"stsz"), out.index(b"stsc")
    struct.pack_into(">II", out, sizes + 8, 1, count)
    struct.pack_into(">I", out, chunks + 16, 2**31 - 1)
    return bytes(out)


def many_plain_samples(mp4: bytes, *, count: int) -> bytes:
    """The same by the other way through the library: every sample lasts one tick, so it counts chunks, not samples."""
    out = bytearray(many_samples(mp4, count=count))
    times = out.index(b"stts")
    struct.pack_into(">III", out, times + 8, 1, count, 1)
    return bytes(out)


def many_samples_in_a_fragment(fragmented: bytes, *, count: int) -> bytes:
    """A fragment that claims ``count`` samples and, having no fields for them, needs no byte for any."""
    out = bytearray(fragmented)
    run = out.index(b"trun")
    struct.pack_into(">II", out, run + 4, 0, count)
    return bytes(out)


def far_apart(mp4: bytes, *, ticks: int) -> bytes:
    """An mp4 whose packets each stand ``ticks`` after the one before: its clock is one hole after the other."""
    out = bytearray(mp4)
    times = out.index(b"stts")
    entries = struct.unpack_from(">I", out, times + 8)[0]
    for entry in range(entries):
        struct.pack_into(">I", out, times + 16 + 8 * entry, ticks)
    return bytes(out).replace(b"edts", b"free")  # the edits would end it before the first hole


def many_edits(mp4: bytes, *, count: int) -> bytes:
    """An mp4 that is to be played ``count`` times in a row; the index stands behind the sound, so nothing moves."""
    out = bytearray(mp4)
    at = out.index(b"elst")
    entry = bytes(out[at + 12 : at + 24])
    more = entry * count
    struct.pack_into(">I", out, at + 8, struct.unpack_from(">I", out, at + 8)[0] + count)
    for box in (b"elst", b"edts", b"trak", b"moov"):
        size = out.index(box) - 4
        struct.pack_into(">I", out, size, struct.unpack_from(">I", out, size)[0] + len(more))
    out[at + 12 : at + 12] = more
    return bytes(out)


def long_silence(ogg: bytes, *, samples: int) -> bytes:
    """An ogg whose last page says that ``samples`` went before."""
    out = bytearray(ogg)
    struct.pack_into("<Q", out, out.rindex(b"OggS") + 6, samples)
    return bytes(out)


def long_tag(mp3: bytes, *, claimed: int) -> bytes:
    """An mp3 behind a tag that claims ``claimed`` bytes and has none."""
    size = bytes(claimed >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x04\x00\x00" + size + b"APIC" + size + b"\x00\x00" + mp3


def wav_of(*, channels: int, rate: int, bits: int, block: int, body: int) -> bytes:
    """A wav whose header says all that, over ``body`` bytes of nothing."""
    form = struct.pack("<HHIIHH", 1, channels, rate, min(rate * block, 2**32 - 1), block, bits)
    head = b"RIFF" + struct.pack("<I", 36 + body) + b"WAVEfmt " + struct.pack("<I", len(form)) + form
    return head + b"data" + struct.pack("<I", body) + bytes(body)


def all_of_them(encoded: Callable[..., bytes]) -> dict[str, bytes]:
    """Every bomb by name; ``encoded(kind, *options)`` gives a whole recording."""
    mp4 = encoded("m4a")
    fragments = encoded("m4a", "-movflags", "frag_keyframe+empty_moov", "-frag_duration", "300000")
    wide = encoded("m4a", "-ac", "7", "-ar", "96000")
    bombs = {
        "80 million samples": many_samples(mp4, count=80_000_000),
        "20 million samples": many_samples(mp4, count=20_000_000),
        "5 million samples": many_samples(mp4, count=5_000_000),
        "plain samples": many_plain_samples(mp4, count=2**31 - 1),
        "a fragment": many_samples_in_a_fragment(fragments, count=100_000_000),
        "a small fragment": many_samples_in_a_fragment(fragments, count=3_000_000),
        "holes": far_apart(wide, ticks=96_000 * 55),
        "edits": many_edits(mp4, count=20_000),
        "a granule": long_silence(encoded("ogg"), samples=10**9),
        "a granule of a year": long_silence(encoded("ogg"), samples=2**62),
        "a tag": long_tag(encoded("mp3"), claimed=2**28 - 1),
        "channels": wav_of(channels=65_535, rate=48_000, bits=16, block=65_535, body=2**20),
        "no channels": wav_of(channels=0, rate=48_000, bits=16, block=0, body=2**20),
        "a rate": wav_of(channels=8, rate=2**31, bits=16, block=16, body=2**20),
        "no rate": wav_of(channels=1, rate=0, bits=16, block=2, body=2**20),
        "a slow rate": wav_of(channels=1, rate=1, bits=8, block=1, body=2**20),
        "bits": wav_of(channels=1, rate=48_000, bits=65_535, block=8_192, body=2**20),
    }
    return bombs | {f"{ending} in eight planes": encoded(ending, "-ac", "8") for ending in ("m4a", "ogg")}


def encoder(sound: bytes, folder: object) -> Callable[..., bytes]:
    """What `all_of_them` wants: ``sound`` in another form."""

    def encoded(kind: str, *options: str) -> bytes:
        return tape.encoded(sound, kind, folder, *options)  # type: ignore[arg-type]

    return encoded
