"""The pictures of several parts as one: every part's extremes in their place, nothing in gaps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from parts import tape
from qa_player.media.peaks.joined import Piece, joined
from qa_player.media.peaks.pyramid import build
from qa_player.model.peaks import BASE_SAMPLES, LEVEL_FACTOR, Peaks


def sound(milliseconds: int, *, rate: int = 48_000, channels: int = 1, seed: int = 1) -> NDArray[np.float32]:
    draw = np.random.default_rng(seed).random((milliseconds * rate // 1_000, channels)) - 0.5
    return draw.astype(np.float32)


def peaks(samples: NDArray[np.float32], rate: int = 48_000) -> Peaks:
    return build(tape.Bytes(tape.wav(samples, rate)))


def at(whole: Peaks, milliseconds: float, level: int = 0) -> NDArray[np.int8]:
    pair_ms = BASE_SAMPLES * LEVEL_FACTOR**level * 1_000 / whole.sample_rate
    return whole.levels[level][int(milliseconds / pair_ms)]


def test_parts_that_meet_on_a_pair_are_the_picture_of_the_whole() -> None:
    samples = sound(2_048)
    first, second = samples[: 192 * BASE_SAMPLES], samples[192 * BASE_SAMPLES :]
    whole = joined([Piece(0, 1_024, peaks(first), False), Piece(1_024, 1_024, peaks(second), False)])
    assert whole is not None
    alone = peaks(samples)
    assert (whole.duration_ms, whole.filled_ms, whole.complete) == (2_048, 2_048, True)
    assert all(np.array_equal(one, other) for one, other in zip(whole.levels, alone.levels, strict=True))


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
def test_no_extreme_is_lost_at_any_rate_or_place(rate: int) -> None:
    loud = np.zeros((rate, 1), np.float32)
    for place in (0, rate // 3, rate - 1):
        loud[place] = 0.9
    other = peaks(sound(500) * 0.1)
    whole = joined([Piece(0, 500, other, False), Piece(777.3, 1_000, peaks(loud, rate), False)])
    assert whole is not None
    assert whole.sample_rate == 48_000
    for place in (0, rate // 3, rate - 1):
        assert at(whole, 777.3 + place * 1_000 / rate)[0, 1] == 115
    assert not any(at(whole, gap).any() for gap in (520, 600, 770))
    assert whole.levels[0][:, 0, 1].max() == 115


def test_a_mono_part_beside_a_stereo_one_fills_both_lanes() -> None:
    uneven = sound(300, channels=2) * np.array([1, 0.5], np.float32)
    whole = joined([Piece(0, 300, peaks(sound(300)), False), Piece(300, 300, peaks(uneven), False)])
    assert whole is not None
    assert whole.channels == 2
    assert np.array_equal(at(whole, 100)[0], at(whole, 100)[1])
    assert at(whole, 400)[0, 1] > 1.5 * at(whole, 400)[1, 1]


def test_it_is_true_as_far_as_the_first_part_that_is_not_drawn() -> None:
    one, other = peaks(sound(1_000)), replace(peaks(sound(1_000)), filled_ms=400, complete=False)
    pieces = [Piece(0, 1_000, one, False), Piece(1_500, 1_000, other, False), Piece(2_500, 9, None, True)]
    growing = joined(pieces)
    assert growing is not None
    assert (growing.filled_ms, growing.complete, growing.duration_ms) == (1_900, False, 2_509)
    assert joined([Piece(0, 5, None, False)]) is None
