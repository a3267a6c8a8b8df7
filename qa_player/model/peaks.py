"""Peaks: the smallest and largest sample of each stretch of sound, in levels from fine to coarse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qa_player.model.transcript import Role

BASE_SAMPLES = 256
"""Samples (at ``Peaks.sample_rate``) under one pair of the finest level."""

LEVEL_FACTOR = 4
"""How many pairs of one level make one of the next."""


@dataclass(frozen=True)
class Peaks:
    """``levels[k]`` has shape (pairs, channels, 2), int8, [minimum, maximum] of ``BASE_SAMPLES × LEVEL_FACTOR**k``.

    ``filled_ms`` is how far from audio zero the picture is true; ``complete`` that nothing is missing.
    Stretches that are not decoded yet hold [0, 0]; ``sketch``, int8 [columns, channels, 2] evenly over the whole, is
    what is known of them: a little sound at each place. ``sides`` is whose each channel is, where that is known
    beforehand; else it is found out from who speaks when.
    """

    sample_rate: int
    channels: int
    duration_ms: int
    filled_ms: int
    complete: bool
    levels: tuple[NDArray[np.int8], ...]
    sketch: NDArray[np.int8] | None = None
    sides: tuple[Role, ...] | None = None
