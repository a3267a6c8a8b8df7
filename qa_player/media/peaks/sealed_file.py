"""Peaks kept sealed beside the recording they were made of; a damaged file is deleted and made again."""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path

import numpy as np

from qa_player.errors import IntegrityError
from qa_player.files import storage_errors, write_whole
from qa_player.media.peaks.pyramid import levels_over
from qa_player.model.peaks import BASE_SAMPLES, Peaks
from qa_player.sealed import seal, unseal

_PLACE = b"peaks:1"
_HEADER = struct.Struct("<IHHQQ")
"""Sample rate, channels, samples in a pair, duration in ms, pairs; int8 [pairs, channels, 2] follows."""


def save(path: Path, peaks: Peaks, key: bytes) -> None:
    """Keep complete ``peaks`` under ``key`` (that of their recording). Raises StorageError, DiskFullError."""
    if not peaks.complete:
        raise ValueError("half a picture is not kept")
    finest = np.ascontiguousarray(peaks.levels[0])
    header = _HEADER.pack(peaks.sample_rate, peaks.channels, BASE_SAMPLES, peaks.duration_ms, len(finest))
    write_whole(path, seal(key, header + finest.tobytes(), place=_PLACE))


def load(path: Path, key: bytes) -> Peaks | None:
    """What `save` kept; null when there is nothing, or nothing that can be used (then it is deleted)."""
    try:
        piece = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        with storage_errors():
            raise
    try:
        return _read(unseal(key, piece, place=_PLACE))
    except (IntegrityError, ValueError, struct.error):
        with contextlib.suppress(OSError):
            path.unlink()
        return None


def _read(plain: bytes) -> Peaks:
    sample_rate, channels, per_pair, duration_ms, pairs = _HEADER.unpack_from(plain)
    if per_pair != BASE_SAMPLES or len(plain) != _HEADER.size + pairs * channels * 2:
        raise ValueError("another layout")
    finest = np.frombuffer(plain, np.int8, offset=_HEADER.size).reshape(pairs, channels, 2)
    return Peaks(
        sample_rate=sample_rate,
        channels=channels,
        duration_ms=duration_ms,
        filled_ms=duration_ms,
        complete=True,
        levels=levels_over(finest),
    )
