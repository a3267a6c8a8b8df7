"""The lowest and the highest sample of each column of a picture, and how much they are magnified.

Imports numpy: load it when there is something to draw, not with the window.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qa_player.model.peaks import BASE_SAMPLES, LEVEL_FACTOR, Peaks

_MOST_GAIN = 12.0

Columns = NDArray[np.float32]


def columns_of(peaks: Peaks, edges_ms: NDArray[np.float64]) -> tuple[Columns, Columns]:
    """Lowest and highest sample ([channels, columns], full scale 128) between each two of the rising ``edges_ms``."""
    at = edges_ms * (peaks.sample_rate / 1_000)
    per_column = max(float(at[1] - at[0]), 1e-9)
    number = min(max(int(np.log(per_column / BASE_SAMPLES) / np.log(LEVEL_FACTOR)), 0), len(peaks.levels) - 1)
    level = peaks.levels[number]
    per_pair = BASE_SAMPLES * LEVEL_FACTOR**number
    if per_column < per_pair:
        return _between(level, (at[:-1] + at[1:]) / (2 * per_pair) - 0.5)
    places = np.clip((at / per_pair).astype(np.int64), 0, len(level))
    last = int(places[-1])
    lows = np.zeros((peaks.channels, len(at) - 1), np.float32)
    highs = np.zeros_like(lows)
    inside = int(np.searchsorted(places[:-1], last, "left"))
    if inside:
        seen = level[:last]
        starts = places[:inside]
        lows[:, :inside] = np.minimum.reduceat(seen[..., 0], starts, axis=0).T
        highs[:, :inside] = np.maximum.reduceat(seen[..., 1], starts, axis=0).T
    return lows, highs


def _between(level: NDArray[np.int8], places: NDArray[np.float64]) -> tuple[Columns, Columns]:
    """Nearer than the finest pairs: straight lines from one to the next."""
    first, last = int(max(places[0], 0)), int(min(max(places[-1], 0) + 2, len(level)))
    known = np.arange(first, max(last, first + 1))
    near = level[first : known[-1] + 1].astype(np.float32)
    lows, highs = (
        np.array([np.interp(places, known, near[:, channel, side]) for channel in range(level.shape[1])], np.float32)
        for side in (0, 1)
    )
    return lows, highs


def gain_of(peaks: Peaks) -> float:
    """By how much a sample is magnified so that the loudest one fills its lane; whispers stay small."""
    known = peaks.levels[-1:] if peaks.sketch is None else (peaks.levels[-1], peaks.sketch)
    loudest = max(1, *(int(np.abs(pairs.astype(np.int16)).max(initial=0)) for pairs in known))
    return min(0.96 * 128 / loudest, _MOST_GAIN) / 128
