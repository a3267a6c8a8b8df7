"""A wav header may lie: what is heard, what is drawn and what is said of it is the sound that is there."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from parts import tape
from qa_player.media.decode.decoder import Decoder
from qa_player.media.decode.probe import probe
from qa_player.media.decode.samples import Samples

SAMPLES = 16_000
PCM = (np.random.default_rng(5).standard_normal(SAMPLES) * 3_000).astype("<i2").tobytes()
PLAIN = struct.pack("<HHIIHH", 1, 1, 8_000, 16_000, 2, 16)
PCM_GUID = bytes.fromhex("0100000000001000800000aa00389b71")
EXTENSIBLE = struct.pack("<HHIIHHHHI", 0xFFFE, 1, 8_000, 16_000, 2, 16, 22, 16, 4) + PCM_GUID
LAW = struct.pack("<HHIIHHH", 7, 1, 8_000, 8_000, 1, 8, 0)
STREAMED = 0xFFFF_FFFF


def chunk(name: bytes, body: bytes, *, stated: int | None = None, padded: bool = True) -> bytes:
    """``body`` under a size that is its own unless ``stated`` says otherwise."""
    padding = b"\0" if padded and len(body) % 2 else b""
    return name + struct.pack("<I", len(body) if stated is None else stated) + body + padding


def wave(*chunks: bytes, stated: int | None = None, kind: bytes = b"RIFF") -> bytes:
    body = b"".join(chunks)
    return kind + struct.pack("<I", len(body) + 4 if stated is None else stated) + b"WAVE" + body


FORM = chunk(b"fmt ", PLAIN)
INFO = chunk(b"LIST", b"INFO" + chunk(b"ISFT", b"a recorder!\0"))
WIDE = struct.pack("<QQQI", len(PCM) + 72, len(PCM), SAMPLES, 0)

LIES = {
    "none": (wave(FORM, chunk(b"data", PCM)), SAMPLES),
    "sizes of zero": (wave(FORM, chunk(b"data", PCM, stated=0), stated=0), SAMPLES),
    "sizes of a stream": (wave(FORM, chunk(b"data", PCM, stated=STREAMED), stated=STREAMED), SAMPLES),
    "signed sizes of a stream": (wave(FORM, chunk(b"data", PCM, stated=2**31 - 37), stated=2**31 - 1), SAMPLES),
    "too long": (wave(FORM, chunk(b"data", PCM, stated=len(PCM) + 99_999)), SAMPLES),
    "shorter than the file": (wave(FORM, chunk(b"data", PCM, stated=8_000)), 4_000),
    "cut short": (wave(FORM, chunk(b"data", PCM))[:20_001], (20_001 - 44) // 2),
    "odd": (wave(FORM, chunk(b"data", PCM[:-1])), SAMPLES - 1),
    "odd without its pad, something behind": (wave(FORM, chunk(b"data", PCM[:-1], padded=False), INFO), SAMPLES - 1),
    "something before": (wave(INFO, FORM, chunk(b"data", PCM)), SAMPLES),
    "something odd before": (wave(chunk(b"junk", b"abc"), FORM, chunk(b"data", PCM)), SAMPLES),
    "something behind": (wave(FORM, chunk(b"data", PCM), INFO), SAMPLES),
    "extensible": (wave(chunk(b"fmt ", EXTENSIBLE), chunk(b"data", PCM)), SAMPLES),
    "extensible and streamed": (wave(chunk(b"fmt ", EXTENSIBLE), chunk(b"data", PCM, stated=0), stated=0), SAMPLES),
    "a longer format": (wave(chunk(b"fmt ", PLAIN + bytes(40)), chunk(b"data", PCM)), SAMPLES),
    "a format for files past 4 GiB": (
        wave(chunk(b"ds64", WIDE), FORM, chunk(b"data", PCM, stated=STREAMED), stated=STREAMED, kind=b"RF64"),
        SAMPLES,
    ),
    "telephony, streamed": (wave(chunk(b"fmt ", LAW), chunk(b"data", PCM, stated=0), stated=0), 2 * SAMPLES),
    "nonsense bytes in a second": (
        wave(chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8_000, 1, 2, 16)), chunk(b"data", PCM)),
        SAMPLES,
    ),
    "no bytes in a frame": (
        wave(chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8_000, 16_000, 0, 16)), chunk(b"data", PCM)),
        SAMPLES,
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_is_there_is_heard_drawn_and_counted(lie: str) -> None:
    data, samples = LIES[lie]
    decoder, blocks = Decoder(lambda: tape.Bytes(data)), []
    while (block := decoder.read()) is not None:
        blocks.append(block.samples)
    heard = np.concatenate(blocks, axis=1)
    drawn = Samples(tape.Bytes(data))
    assert heard.shape == (1, samples)
    assert sum(len(run.planes[0]) for run in drawn.runs()) == drawn.expected == samples
    assert probe(tape.Bytes(data)).duration_ms == pytest.approx(samples / 8, abs=1)
    if "telephony" not in lie:
        assert np.array_equal(heard[0] * 32_768, np.frombuffer(PCM, "<i2")[:samples])


def test_the_lies_are_told() -> None:
    """The control: every one of these files is another than the honest one."""
    assert len({data for data, _ in LIES.values()}) == len(LIES)
