"""Silence that is left out: never a sound, never near the edge of a turn, and every place stays what it was."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qa_player.media.engine.silence import GUARD_MS, Cutter, Levels, Piece

RATE = 8_000
NOISE = 0.001
MARGIN_MS = 200


def _sound(milliseconds: int, bursts: Sequence[tuple[int, int]], *, channels: int = 1) -> NDArray[np.float32]:
    """[channels, count] soft noise with louder stretches (start, length in ms), each on a channel of its own."""
    samples = np.random.default_rng(7).normal(0, NOISE, (channels, milliseconds * RATE // 1_000))
    for number, (start, length) in enumerate(bursts):
        first, end = start * RATE // 1_000, (start + length) * RATE // 1_000
        times = np.arange(samples[:, first:end].shape[1]) / RATE
        samples[number % channels, first:end] += 0.1 * np.sin(2 * np.pi * 440 * times)
    return samples.astype(np.float32)


def _kept(samples: NDArray[np.float32], *, step: int = 800, guarded: tuple[int, ...] = ()) -> list[Piece]:
    levels = Levels()
    whole = samples.shape[1] // 160 * 160
    frames = samples[:, :whole].reshape(len(samples), -1, 160)
    levels.add((10 * np.log10((frames**2).mean(axis=2) + 1e-10)).clip(-100, 0).astype(np.float32))
    cutter = Cutter(RATE, levels, guarded)
    kept = []
    for at in range(0, samples.shape[1], step):
        kept += cutter.feed(Piece(at * 1_000 / RATE, samples[:, at : at + step]))
    return kept + cutter.finish()


def _covered(kept: list[Piece], milliseconds: int) -> NDArray[np.bool_]:
    """[milliseconds] which of them is played."""
    covered = np.zeros(milliseconds, bool)
    for piece in kept:
        covered[round(piece.start_ms) : round(piece.start_ms + piece.samples.shape[1] * 1_000 / RATE)] = True
    return covered


def test_a_long_silence_is_left_out_and_told_with_its_level() -> None:
    kept = _kept(_sound(10_000, [(1_000, 1_000), (7_000, 1_000)]))
    (inner,) = (piece.skipped for piece in kept if piece.skipped and piece.start_ms > 2_000 and piece.start_ms < 7_000)
    assert 2_000 + MARGIN_MS <= inner.start_ms <= 2_350
    assert 6_650 <= inner.end_ms <= 7_000 - MARGIN_MS
    assert inner.level_db == pytest.approx(20 * np.log10(NOISE), abs=2)


@given(
    bursts=st.lists(st.tuples(st.integers(0, 9_000), st.integers(60, 900)), min_size=2, max_size=6),
    step=st.sampled_from([160, 511, 960, 1_024, 9_999]),
    channels=st.sampled_from([1, 2]),
)
@settings(max_examples=40, deadline=None)
def test_no_sound_is_cut_and_every_place_is_true(bursts: list[tuple[int, int]], step: int, channels: int) -> None:
    samples = _sound(10_000, bursts, channels=channels)
    kept = _kept(samples, step=step)
    covered = _covered(kept, 10_000)
    for start, length in bursts:
        assert covered[max(start - MARGIN_MS, 0) : min(start + length + MARGIN_MS, 10_000)].all()
    place = 0.0
    for piece in kept:
        if piece.skipped is not None:
            assert (piece.skipped.start_ms, piece.skipped.end_ms) == (place, piece.start_ms)
            assert piece.skipped.end_ms > piece.skipped.start_ms
        assert piece.start_ms == pytest.approx(piece.skipped.end_ms if piece.skipped else place)
        first = round(piece.start_ms * RATE / 1_000)
        count = piece.samples.shape[1]
        assert np.array_equal(piece.samples, samples[:, first : first + count])
        place = piece.start_ms + count * 1_000 / RATE
    assert place == 10_000


def test_the_edges_of_turns_are_kept() -> None:
    samples = _sound(10_000, [(0, 1_000), (9_000, 1_000)])
    assert not _covered(_kept(samples), 10_000)[5_000]
    guarded = _covered(_kept(samples, guarded=(5_000,)), 10_000)
    assert guarded[5_000 - GUARD_MS : 5_000 + GUARD_MS].all()
    assert not guarded[3_000]


def test_where_speech_and_noise_cannot_be_told_apart_nothing_is_left_out() -> None:
    loud = np.random.default_rng(2).normal(0, 0.05, (1, 10 * RATE)).astype(np.float32)
    assert _covered(_kept(loud), 10_000).all()


def test_a_soft_voice_on_one_channel_is_a_voice() -> None:
    samples = _sound(10_000, [(0, 3_000)], channels=2) * np.float32(1)
    times = np.arange(2 * RATE) / RATE
    samples[1, 5 * RATE : 7 * RATE] += (0.012 * np.sin(2 * np.pi * 300 * times)).astype(np.float32)
    assert _covered(_kept(samples), 10_000)[5_000:7_000].all()


def test_before_anything_is_known_only_true_silence_is_left_out() -> None:
    cutter = Cutter(RATE, Levels(), ())
    soft = _sound(1_900, [])
    kept = cutter.feed(Piece(0, soft)) + cutter.finish()
    assert _covered(kept, 1_900).all()
    cutter = Cutter(RATE, Levels(), ())
    kept = cutter.feed(Piece(0, np.zeros((1, RATE * 19 // 10), np.float32))) + cutter.finish()
    assert not _covered(kept, 1_900).all()
