"""Peaks kept on disk: sealed, private, and made again when anything is wrong with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qa_player.media.decode.landmarks import Landmarks
from qa_player.media.peaks.pyramid import levels_over
from qa_player.media.peaks.sealed_file import Kept, load, save
from qa_player.model.peaks import Peaks
from qa_player.sealed import new_key, seal

DIGEST = "a1" * 32


def kept(peaks: Peaks | None = None) -> Kept:
    landmarks = Landmarks()
    for number in range(1, 200):
        landmarks.add(byte=number * 8_000, place=number * 32_000, origin_s=0.25)
    return Kept(peaks or some_peaks(), landmarks)


def some_peaks(pairs: int = 5_000) -> Peaks:
    finest = np.random.default_rng(3).integers(-128, 127, (pairs, 2, 2), np.int8)
    return Peaks(16_000, 2, pairs * 16, pairs * 16, True, levels_over(finest))


@pytest.fixture
def key() -> bytes:
    return new_key()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recording.peaks"


def test_what_was_kept_comes_back(path: Path, key: bytes) -> None:
    peaks = some_peaks()
    save(path, kept(peaks), key, DIGEST)
    back = load(path, key, DIGEST)
    assert back is not None
    assert back.landmarks.to_bytes() == kept().landmarks.to_bytes()
    found = back.peaks
    assert (found.sample_rate, found.channels, found.duration_ms, found.filled_ms, found.complete) == (
        16_000,
        2,
        80_000,
        80_000,
        True,
    )
    assert len(found.levels) == len(peaks.levels) > 1
    for before, after in zip(peaks.levels, found.levels, strict=True):
        np.testing.assert_array_equal(before, after)


def test_only_we_can_read_it(path: Path, key: bytes) -> None:
    peaks = some_peaks()
    save(path, kept(peaks), key, DIGEST)
    assert path.stat().st_mode & 0o777 == 0o600
    assert peaks.levels[0][100:120].tobytes() not in path.read_bytes()


def test_nothing_kept_is_nothing(path: Path, key: bytes) -> None:
    assert load(path, key, DIGEST) is None


@pytest.mark.parametrize("place", [0, 13, 40, 5_000, -1])
def test_one_damaged_bit_and_it_is_gone(path: Path, key: bytes, place: int) -> None:
    save(path, kept(), key, DIGEST)
    damaged = bytearray(path.read_bytes())
    damaged[place] ^= 4
    path.write_bytes(damaged)
    assert load(path, key, DIGEST) is None
    assert not path.exists()


@pytest.mark.parametrize("length", [0, 20, 4_000])
def test_half_a_file_is_gone(path: Path, key: bytes, length: int) -> None:
    save(path, kept(), key, DIGEST)
    path.write_bytes(path.read_bytes()[:length])
    assert load(path, key, DIGEST) is None
    assert not path.exists()


def test_another_recordings_key_opens_nothing(path: Path, key: bytes) -> None:
    save(path, kept(), key, DIGEST)
    assert load(path, new_key(), DIGEST) is None


@pytest.mark.parametrize("plain", [b"", bytes(24), bytes(23) + b"\xff" * 90])
def test_another_layout_under_our_key_is_made_again(path: Path, key: bytes, plain: bytes) -> None:
    path.write_bytes(seal(key, plain, place=b"peaks:2:" + DIGEST.encode()))
    assert load(path, key, DIGEST) is None
    assert not path.exists()


def test_another_recording_under_the_same_key_has_another_picture(path: Path, key: bytes) -> None:
    save(path, kept(), key, DIGEST)
    assert load(path, key, "b2" * 32) is None


def test_half_a_picture_is_not_kept(path: Path, key: bytes) -> None:
    whole = some_peaks()
    half = Peaks(whole.sample_rate, whole.channels, whole.duration_ms, 10, False, whole.levels)
    with pytest.raises(ValueError, match="half"):
        save(path, kept(half), key, DIGEST)
    assert not path.exists()
