"""The peaks of several recordings as one picture over their common timeline; nothing is drawn where there is none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa_player.media.peaks.pyramid import levels_over
from qa_player.model.peaks import BASE_SAMPLES, Peaks


@dataclass(frozen=True)
class Piece:
    """One part in its place. ``peaks`` is null while there is no picture; ``over`` that none will come any more."""

    start_ms: float
    duration_ms: float
    peaks: Peaks | None
    over: bool


def joined(pieces: Sequence[Piece]) -> Peaks | None:
    """One picture as fine as the finest of them; null while there is none. A narrow part fills all channels."""
    drawn = [piece.peaks for piece in pieces if piece.peaks is not None]
    if not drawn:
        return None
    rate = max(peaks.sample_rate for peaks in drawn)
    channels = max(peaks.channels for peaks in drawn)
    pair_ms = BASE_SAMPLES * 1_000 / rate
    end_ms = max(piece.start_ms + piece.duration_ms for piece in pieces)
    finest = np.zeros((max(math.ceil(end_ms / pair_ms), 1), channels, 2), np.int8)
    for piece in pieces:
        if piece.peaks is not None and len(piece.peaks.levels[0]):
            _lay(finest, piece.peaks, piece.start_ms, pair_ms)
    return Peaks(
        sample_rate=rate,
        channels=channels,
        duration_ms=round(end_ms),
        filled_ms=round(_filled_ms(pieces, end_ms)),
        complete=all(piece.over or (piece.peaks is not None and piece.peaks.complete) for piece in pieces),
        levels=levels_over(finest),
    )


def _lay(finest: NDArray[np.int8], peaks: Peaks, start_ms: float, pair_ms: float) -> None:
    """Write one part's pairs over the common ones: each takes the extremes of all it touches."""
    own = peaks.levels[0]
    own_ms = BASE_SAMPLES * 1_000 / peaks.sample_rate
    first = int(start_ms / pair_ms)
    end = min(math.ceil((start_ms + len(own) * own_ms) / pair_ms), len(finest))
    if end <= first:
        return
    edges = (np.arange(first, end + 1) * pair_ms - start_ms) / own_ms
    lows = np.clip(np.floor(edges[:-1] + 1e-6).astype(np.int64), 0, len(own) - 1)
    highs = np.clip(np.ceil(edges[1:] - 1e-6).astype(np.int64), lows + 1, len(own))
    bounds = np.stack([lows, highs], axis=1).ravel()
    # reduceat cannot end at the length itself
    padded = np.concatenate([own, own[-1:]])
    area = finest[first:end]
    for channel in range(finest.shape[1]):
        narrow = min(channel, peaks.channels - 1)
        low = np.minimum.reduceat(padded[:, narrow, 0], bounds)[::2]
        high = np.maximum.reduceat(padded[:, narrow, 1], bounds)[::2]
        np.minimum(area[:, channel, 0], low, out=area[:, channel, 0])
        np.maximum(area[:, channel, 1], high, out=area[:, channel, 1])


def _filled_ms(pieces: Sequence[Piece], end_ms: float) -> float:
    """How far from zero nothing is missing."""
    for piece in pieces:
        if piece.over or (piece.peaks is not None and piece.peaks.complete):
            continue
        return piece.start_ms + (0.0 if piece.peaks is None else piece.peaks.filled_ms)
    return end_ms
