"""Peaks and turns as one small image: numpy finds every column's extremes and speaker, Qt paints it in one go.

Imports numpy: load it when there is something to draw, not with the window.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage, QPixmap

from qa_player.model.annotation import Severity
from qa_player.model.peaks import BASE_SAMPLES, LEVEL_FACTOR, Peaks
from qa_player.model.tag_set import TagColour
from qa_player.model.transcript import Role
from qa_player.ui.theme import Tokens, mix
from qa_player.ui.widgets.peak_columns import Columns, columns_of, gain_of
from qa_player.ui.widgets.tag_colours import Shade
from qa_player.ui.widgets.time_ruler import TimeScale
from qa_player.ui.widgets.waveform_speakers import ROLES, Flags, Speakers

AHEAD_SHARE = 0.45
"""How strong the sound ahead of the playhead is, against 1 for what was played."""

BAR_SHARE = 0.25

BAND_SHARE = 0.13

_GROUND, _NOBODY, _PENDING, _FIRST_ROLE = 0, 1, 2, 3
_FIRST_BAR = _FIRST_ROLE + len(ROLES)
_FIRST_BAND = _FIRST_BAR + len(ROLES)
_BANDS = (None, *TagColour, *Severity)
_APART = 2.0
"""A channel that is this much louder in one side's turns than in the other's is that side's own."""


def sides_of(peaks: Peaks, speakers: Speakers) -> tuple[Role, ...] | None:
    """Whose each channel is, where a recording keeps the two sides apart; null where it does not."""
    if peaks.sides is not None or peaks.channels != 2:
        return peaks.sides
    number = min(2, len(peaks.levels) - 1)
    level = peaks.levels[number]
    pair_ms = BASE_SAMPLES * LEVEL_FACTOR**number * 1_000 / peaks.sample_rate
    known = level[: max(int(peaks.filled_ms / pair_ms), 1)].astype(np.float32)
    speaking = speakers.at((np.arange(len(known)) + 0.5) * pair_ms)
    agent, user = speaking[ROLES.index(Role.AGENT)], speaking[ROLES.index(Role.USER)]
    loud = known[..., 1] - known[..., 0]
    if not (agent & ~user).any() or not (user & ~agent).any():
        return None
    ratios = (loud[agent & ~user].mean(axis=0) + 0.5) / (loud[user & ~agent].mean(axis=0) + 0.5)
    if ratios[0] > _APART and ratios[1] < 1 / _APART:
        return (Role.AGENT, Role.USER)
    if ratios[1] > _APART and ratios[0] < 1 / _APART:
        return (Role.USER, Role.AGENT)
    return None


@dataclass(frozen=True)
class Frame:
    """Where things lie in the image, in device pixels: the wave from ``top`` to ``bottom``, then the lanes of bars."""

    width: int
    height: int
    top: int
    bottom: int
    bar_height: int
    bar_gap: int
    lanes: int
    pixel_ratio: float

    @property
    def bars_top(self) -> int:
        """The upper lane's first row."""
        return self.height - self.lanes * (self.bar_height + self.bar_gap)


@dataclass(frozen=True)
class Picture:
    """The image in palette indices; the colours are put in afterwards, once for played and once for ahead."""

    indices: NDArray[np.uint8]
    width: int

    def pixmap(self, tokens: Tokens, *, ahead: bool) -> QPixmap:
        """The picture in colour."""
        height, stride = self.indices.shape
        image = QImage(self.indices.data, self.width, height, stride, QImage.Format.Format_Indexed8)
        image.setColorTable(_colours(tokens, ahead=ahead))
        return QPixmap.fromImage(image)


@lru_cache(maxsize=8)
def _colours(tokens: Tokens, *, ahead: bool) -> list[int]:
    share = AHEAD_SHARE if ahead else 1.0
    colours = [
        QColor(tokens.surface),
        mix(tokens.unknown, tokens.surface, share),
        QColor(tokens.border_strong),
        *(mix(tokens.role(role), tokens.surface, share) for role in ROLES),
        *(mix(tokens.role(role), tokens.surface, BAR_SHARE) for role in ROLES),
        *(mix(tokens.mark(shade), tokens.surface, BAND_SHARE) for shade in _BANDS),
    ]
    return [colour.rgba() for colour in colours]


Band = tuple[float, float, Shade]
"""Left and right in logical pixels, and what gives it its colour."""


def draw(
    peaks: Peaks | None,
    speakers: Speakers,
    bands: Iterable[Band],
    *,
    scale: TimeScale,
    frame: Frame,
    duration_ms: int,
) -> Picture:
    """The wave of each channel in a lane of its own, coloured by who speaks, between bands and over turns' bars."""
    stride = -(-frame.width // 4) * 4
    indices = np.zeros((frame.height, stride), np.uint8)
    edges = np.arange(frame.width + 1, dtype=np.float64) * (scale.ms_per_pixel / frame.pixel_ratio) + scale.origin_ms
    middles = (edges[:-1] + edges[1:]) / 2
    speaking = speakers.at(middles)
    inside = middles < duration_ms
    ground = _ground(bands, frame)
    indices[: frame.bars_top - frame.bar_gap, : frame.width] = ground
    if frame.bar_height:
        _draw_bars(indices, speakers, edges, speaking, frame=frame, inside=inside)
    if peaks is None:
        lows = highs = np.zeros((1, frame.width), np.float32)
        pending = np.ones(frame.width, bool)
        sides, gain = None, 1.0
    else:
        lows, highs = columns_of(peaks, edges)
        pending = edges[1:] > (np.inf if peaks.complete else peaks.filled_ms + 1)
        lows, highs = np.where(pending, 0, lows), np.where(pending, 0, highs)
        if peaks.sketch is not None and not peaks.complete:
            places = (middles / max(peaks.duration_ms, 1) * len(peaks.sketch)).astype(np.int64)
            near = peaks.sketch[np.clip(places, 0, len(peaks.sketch) - 1)].astype(np.float32)
            lows, highs = np.where(pending, near[..., 0].T, lows), np.where(pending, near[..., 1].T, highs)
        sides, gain = sides_of(peaks, speakers), gain_of(peaks)
    voices = _voices(speaking)
    bounds = np.linspace(frame.top, frame.bottom, len(lows) + 1).round().astype(int)
    for channel, (first, end) in enumerate(pairwise(bounds)):
        own = voices if sides is None else (_one_voice(sides[channel], frame.width),) * 2
        above, below = (np.where(inside, np.where(pending, np.uint8(_PENDING), voice), ground) for voice in own)
        lane = indices[first:end, : frame.width]
        _draw_lane(lane, lows[channel] * gain, highs[channel] * gain, above=above, below=below, ground=ground)
    return Picture(indices, frame.width)


def _ground(bands: Iterable[Band], frame: Frame) -> NDArray[np.uint8]:
    """The palette index of each column where nothing is drawn: the worse band lies over the milder, tags below."""
    ground = np.zeros(frame.width, np.uint8)
    for left, right, shade in bands:
        first = max(round(left * frame.pixel_ratio), 0)
        under = ground[first : max(round(right * frame.pixel_ratio), first + 1)]
        np.maximum(under, _FIRST_BAND + _BANDS.index(shade), out=under)
    return ground


def _voices(speaking: Flags) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """For each column the palette indices of the first and of the last role that speaks."""
    first, last = (np.full(speaking.shape[1], _NOBODY, np.uint8) for _ in range(2))
    there = [role for role, spoken in enumerate(speaking) if spoken.any()]
    for role in there:
        last[speaking[role]] = role + _FIRST_ROLE
    for role in reversed(there):
        first[speaking[role]] = role + _FIRST_ROLE
    return first, last


def _one_voice(role: Role, width: int) -> NDArray[np.uint8]:
    return np.full(width, _FIRST_ROLE + ROLES.index(role), np.uint8)


def _draw_lane(
    lane: NDArray[np.uint8],
    lows: Columns,
    highs: Columns,
    *,
    above: NDArray[np.uint8],
    below: NDArray[np.uint8],
    ground: NDArray[np.uint8],
) -> None:
    """One channel: each column from its lowest to its highest sample, never less than one row."""
    height = len(lane)
    middle = height // 2
    half = (height - 1) / 2
    tops = np.minimum(np.rint(middle - highs * half), middle).astype(np.int16)
    bottoms = np.maximum(np.rint(middle - lows * half), middle).astype(np.int16)
    rows = np.arange(height, dtype=np.int16)[:, None]
    # ground + (voice - ground) where the wave is, modulo 256: a third of the time that choosing takes
    lane[: middle + 1] = (rows[: middle + 1] >= tops).view(np.uint8) * (above - ground) + ground
    lane[middle + 1 :] = (rows[middle + 1 :] <= bottoms).view(np.uint8) * (below - ground) + ground


def _draw_bars(
    indices: NDArray[np.uint8],
    speakers: Speakers,
    edges: NDArray[np.float64],
    speaking: Flags,
    *,
    frame: Frame,
    inside: Flags,
) -> None:
    """Each turn as a bar in its speaker's lane, a clear column before the next one where there is room for it."""
    middles = (edges[:-1] + edges[1:]) / 2
    lanes: dict[int, NDArray[np.uint8]] = {}
    for bars in speakers.bars:
        lane = lanes.setdefault(bars.lane, np.zeros(frame.width, np.uint8))
        begins = bars.turns.begin_between(edges)
        bar = (speaking[bars.role] if bars.alone else bars.turns.open_at(middles)) & inside
        lane[bar if begins.mean() > 0.2 else bar & ~begins] = _FIRST_BAR + bars.role
    for number, lane in lanes.items():
        first = frame.bars_top + number * (frame.bar_height + frame.bar_gap)
        indices[first : first + frame.bar_height, : frame.width] = lane
