"""Waveform data as audiowaveform writes it, version 2: JSON and binary, 8 bits, channels interleaved.

Format: https://github.com/bbc/audiowaveform/blob/master/doc/DataFormat.md
"""

from __future__ import annotations

import io
import json
import os
import struct
from collections.abc import Callable
from pathlib import Path

from qa_player.errors import NotFoundError
from qa_player.files import storage_errors
from qa_player.media.peaks.pyramid import PeakRow, reduce

_VERSION = 2
_EIGHT_BITS = 1


def waveform_of(path: Path, *, pixels_per_second: int | None, cancelled: Callable[[], bool] = lambda: False) -> PeakRow:
    """Waveform data of a recording on this disk, to be written with `to_json` or `to_dat`.

    Without ``pixels_per_second`` a pair covers 256 samples. Raises NotFoundError, MediaError, UsageError, StorageError.
    """
    try:
        with _LocalFile(path) as file:
            return reduce(file, pixels_per_second=pixels_per_second, cancelled=cancelled)
    except FileNotFoundError:
        raise NotFoundError("There is no such file.", "Check the name of the recording.") from None
    except OSError:
        with storage_errors():
            raise


def head(row: PeakRow) -> dict[str, int]:
    """What the data begins with: version, channels, sample_rate, samples_per_pixel, bits, length (in pairs)."""
    return {
        "version": _VERSION,
        "channels": row.pairs.shape[1],
        "sample_rate": row.sample_rate,
        "samples_per_pixel": row.samples_per_pair,
        "bits": 8,
        "length": len(row.pairs),
    }


def to_json(row: PeakRow) -> bytes:
    """One JSON object: `head` and data (min, max, …)."""
    return json.dumps(head(row) | {"data": row.pairs.reshape(-1).tolist()}, separators=(",", ":")).encode()


def to_dat(row: PeakRow) -> bytes:
    """The same in little-endian binary: a header of 24 bytes, then signed bytes."""
    header = struct.pack(
        "<iIiiIi",
        _VERSION,
        _EIGHT_BITS,
        row.sample_rate,
        row.samples_per_pair,
        len(row.pairs),
        row.pairs.shape[1],
    )
    return header + row.pairs.tobytes()


class _LocalFile(io.BufferedReader):
    """A file of the person's own, as `headers.MediaFile`."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))
        self.size = os.fstat(self.fileno()).st_size
