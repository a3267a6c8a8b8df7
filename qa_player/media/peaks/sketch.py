"""The first picture of a long recording: a little sound at many places, seconds before all of it can be decoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qa_player.media.container.headers import MediaFile, ReadCancelled
from qa_player.media.decode.opening import Opened
from qa_player.media.decode.samples import planes_of
from qa_player.media.peaks.pyramid import Pyramid, quantised
from qa_player.model.peaks import Peaks

COLUMNS = 600
_LISTENED_S = 0.1
"""Decoded at each place."""

_WARMING_S = 0.03
"""Of that the codec needs so long to find its feet."""


def sketch(file: MediaFile, *, columns: int = COLUMNS, cancelled: Callable[[], bool] = lambda: False) -> Peaks | None:
    """A picture that is nowhere true and everywhere near: only ``Peaks.sketch`` has anything in it.

    Null for files that can only be read in order and where nothing says how long they are. Raises MediaError,
    ReadCancelled, and what reading ``file`` raises.
    """
    opened = Opened(file)
    try:
        facts = opened.facts
        if not opened.seekable or not facts.duration_ms:
            return None
        pairs = np.zeros((columns, facts.channels, 2), np.int8)
        for column in range(columns):
            if cancelled():
                raise ReadCancelled
            if opened.seek((column + 0.5) / columns * facts.duration_ms / 1_000):
                pairs[column] = _extremes(opened, facts.channels)
    finally:
        opened.close()
    expected = round(facts.duration_ms * facts.sample_rate / 1_000)
    return replace(Pyramid(facts.sample_rate, facts.channels, expected=expected).peaks(), sketch=pairs)


def _extremes(opened: Opened, channels: int) -> NDArray[np.int8]:
    """[channels, 2] of the sound where the file stands; silence where there is none."""
    rate, plain = opened.facts.sample_rate, opened.facts.codec.startswith(("pcm", "flac"))
    warming = 0 if plain else round(_WARMING_S * rate)
    found = np.zeros((channels, 2), np.int8)
    passed = 0
    for frame in opened.frames():
        passed += frame.samples
        if passed <= warming:
            continue
        for channel, plane in enumerate(planes_of([frame], channels)):
            ends = quantised(np.array([plane.min(), plane.max()]))
            found[channel] = min(found[channel, 0], ends[0]), max(found[channel, 1], ends[1])
        if passed >= _LISTENED_S * rate:
            break
    return found
