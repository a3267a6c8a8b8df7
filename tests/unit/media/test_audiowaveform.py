"""Waveform data that audiowaveform's readers take: its fields, its bytes, and values cut from the samples."""

from __future__ import annotations

import json
import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from qa_player.errors import MediaError, NotFoundError
from qa_player.media.peaks.audiowaveform import to_dat, to_json, waveform_of

STEREO = np.array([[0, 0], [32_767, -256], [-32_768, 255], [512, -512], [255, 1_000]], np.int16)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Ten samples a second; each pair of samples is one pixel."""
    path = tmp_path / "ten.wav"
    with wave.open(str(path), "wb") as written:
        written.setnchannels(2)
        written.setsampwidth(2)
        written.setframerate(10)
        written.writeframes(STEREO.tobytes())
    return path


DATA = [0, 127, -1, 0, -128, 2, -2, 0, 0, 0, 3, 3]
"""Minimum and maximum of the left channel, then of the right, pixel by pixel; towards zero, the last pixel is short."""


def test_json(recording: Path) -> None:
    document = json.loads(to_json(waveform_of(recording, pixels_per_second=5)))
    assert document == {
        "version": 2,
        "channels": 2,
        "sample_rate": 10,
        "samples_per_pixel": 2,
        "bits": 8,
        "length": 3,
        "data": DATA,
    }


def test_binary(recording: Path) -> None:
    data = to_dat(waveform_of(recording, pixels_per_second=5))
    assert struct.unpack("<iIiiIi", data[:24]) == (2, 1, 10, 2, 3, 2)
    assert list(struct.unpack("<12b", data[24:])) == DATA


def test_without_a_resolution_a_pixel_is_256_samples(recording: Path) -> None:
    document = json.loads(to_json(waveform_of(recording, pixels_per_second=None)))
    assert (document["samples_per_pixel"], document["length"]) == (256, 1)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as raised:
        to_json(waveform_of(tmp_path / "absent.wav", pixels_per_second=None))
    assert "absent" not in str(raised.value)


def test_no_sound(tmp_path: Path) -> None:
    (tmp_path / "page.wav").write_text("<html>")
    with pytest.raises(MediaError):
        to_json(waveform_of(tmp_path / "page.wav", pixels_per_second=None))
