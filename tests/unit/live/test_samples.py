"""Samples in and out of payloads, and which byte comes first."""

from __future__ import annotations

import numpy as np
import pytest

from qa_player.demo.voice import mulaw, sides
from qa_player.live.samples import Format, OrderTest, at_rate, decode, encode

MULAW = Format(True, 8_000)
L16 = Format(False, 8_000)


def test_mulaw_has_the_steps_of_g711() -> None:
    steps = decode(bytes([0x00, 0x80, 0x7F, 0xFF, 0x8F, 0x0F, 0xFE, 0x7E]), MULAW, big_endian=False)
    assert steps.tolist() == [-32124, 32124, 0, 0, 16764, -16764, 8, -8]


def test_mulaw_of_the_carrier_comes_back_to_its_nearest_step() -> None:
    samples = np.arange(-32_768, 32_768, dtype=np.int16)
    heard = decode(mulaw(samples), MULAW, big_endian=False).astype(int)
    clipped = np.clip(samples.astype(int), -32_635, 32_635)
    assert np.all(np.abs(heard - clipped) <= np.maximum(4, np.abs(clipped) / 16 + 4))
    assert (
        decode(
            encode(decode(mulaw(samples), MULAW, big_endian=False), MULAW, big_endian=False), MULAW, big_endian=False
        ).tolist()
        == heard.tolist()
    )


@pytest.mark.parametrize("big", [True, False])
def test_sixteen_bits_are_exact_in_both_orders(big: bool) -> None:
    samples = np.arange(-32_768, 32_768, dtype=np.int16)
    assert np.array_equal(decode(encode(samples, L16, big_endian=big), L16, big_endian=big), samples)
    assert len(decode(b"\x01\x02\x03", L16, big_endian=big)) == 1


@pytest.mark.parametrize("big", [True, False])
@pytest.mark.parametrize("loud", [1.0, 0.02])
def test_the_order_of_speech_and_of_faint_speech_is_found(big: bool, loud: float) -> None:
    speech = np.concatenate(sides("password-reset"))
    speech = (speech * loud).astype(np.int16)
    test = OrderTest()
    for at in range(0, len(speech), 160):
        test.hear(encode(speech[at : at + 160], L16, big_endian=big))
        if test.big_endian is not None:
            break
    assert test.big_endian is big


def test_silence_says_nothing_about_the_order() -> None:
    test = OrderTest()
    for value in (0, 1, -1):
        for _ in range(100):
            test.hear(np.full(160, value, "<i2").tobytes())
    assert test.big_endian is None


def test_another_rate_keeps_the_sound() -> None:
    tone = (np.sin(np.arange(800) / 8) * 10_000).astype(np.int16)
    twice = at_rate(tone, 8_000, 16_000)
    assert len(twice) == 1_600
    assert np.array_equal(at_rate(twice, 16_000, 8_000), tone)
