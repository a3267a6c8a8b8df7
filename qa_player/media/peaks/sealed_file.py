"""Peaks and landmarks kept sealed beside the recording they were made of; a damaged file is deleted and made again."""

from __future__ import annotations

import contextlib
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qa_player.errors import IntegrityError
from qa_player.files import storage_errors, write_whole
from qa_player.media.decode.landmarks import Landmarks
from qa_player.media.peaks.pyramid import levels_over
from qa_player.model.peaks import BASE_SAMPLES, Peaks
from qa_player.sealed import seal, unseal

_PLACE = b"peaks:2:"
_HEADER = struct.Struct("<IHHQQ")
"""Sample rate, channels, samples in a pair, duration in ms, pairs; int8 [pairs, channels, 2] and landmarks follow."""


@dataclass(frozen=True)
class Kept:
    """What one pass over a recording found."""

    peaks: Peaks
    landmarks: Landmarks


def save(path: Path, kept: Kept, key: bytes, sha256: str) -> None:
    """Keep it under ``key`` (that of the recording), for the recording with this digest and no other.

    Raises StorageError, DiskFullError.
    """
    peaks = kept.peaks
    if not peaks.complete:
        raise ValueError("half a picture is not kept")
    finest = np.ascontiguousarray(peaks.levels[0])
    header = _HEADER.pack(peaks.sample_rate, peaks.channels, BASE_SAMPLES, peaks.duration_ms, len(finest))
    plain = header + finest.tobytes() + kept.landmarks.to_bytes()
    write_whole(path, seal(key, plain, place=_PLACE + sha256.encode()))


def load(path: Path, key: bytes, sha256: str) -> Kept | None:
    """What `save` kept; null when there is nothing, or nothing that can be used (then it is deleted)."""
    try:
        piece = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        with storage_errors():
            raise
    try:
        return _read(unseal(key, piece, place=_PLACE + sha256.encode()))
    except (IntegrityError, ValueError, struct.error):
        with contextlib.suppress(OSError):
            path.unlink()
        return None


def _read(plain: bytes) -> Kept:
    sample_rate, channels, per_pair, duration_ms, pairs = _HEADER.unpack_from(plain)
    end = _HEADER.size + pairs * channels * 2
    if per_pair != BASE_SAMPLES or len(plain) < end:
        raise ValueError("another layout")
    finest = np.frombuffer(plain[_HEADER.size : end], np.int8).reshape(pairs, channels, 2)
    peaks = Peaks(
        sample_rate=sample_rate,
        channels=channels,
        duration_ms=duration_ms,
        filled_ms=duration_ms,
        complete=True,
        levels=levels_over(finest),
    )
    return Kept(peaks, Landmarks.from_bytes(plain[end:]))
