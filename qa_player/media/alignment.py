"""The clock between a transcript and its recording, found from where speech sets in and where turns are said to start.

Every turn votes for the offsets that would lay its start on an onset; where the votes of many agree far beyond chance
lies the offset, and the residuals along the recording give the drift. Nothing is returned where chance could do it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa_player.media.cache.reader import ReadCancelled
from qa_player.media.voice import Onsets, Voice
from qa_player.model.timing import Measurement, Unclear
from qa_player.model.transcript import Role, TimeSource, Turn

FEWEST_TURNS = 6
LONGEST_OFFSET_MS = 300_000
"""A recording that begins more than five minutes before or after its transcript is another one's."""

GREATEST_DRIFT_PPM = 1_000
"""Clocks differ by some hundred millionths; more is another sample rate, not a clock."""

_BIN_MS = 20
_TURN_PAUSE_MS = 240.0
"""Between speakers it is quiet for longer than between words."""

_REACH_MS = 120.0
"""A turn's start so near an onset is one with it, while the offset is only being sought."""

_SEGMENT_MS = 240_000.0
"""Within so short a stretch drift does not matter; the votes are counted for each by itself."""

_MOST_TURNS = 2_000
_LIKELY_DRIFT_PPM = 150.0
"""How far clocks commonly differ: few turns say little about drift, and are then read in favour of none."""

_LEAST_DRIFT_MS = 10.0
"""A drift that makes less of a difference from the first turn to the last cannot be told from none."""

_LEAST_SHARE = 0.5
_CHANCE = 1e-4
"""An agreement that chance would bring about more often than this is none."""

_RIVAL_MS = 600.0
_RIVAL_SHARE = 0.85
"""Another offset with nearly as many votes leaves it open which of them is right."""

_OF_USER = (Role.USER, Role.THIRD_PARTY)


@dataclass(frozen=True)
class _Side:
    """The turns (ms of transcript time) of one party, and the onsets that they could be."""

    starts: NDArray[np.float64]
    onsets: Onsets


@dataclass(frozen=True)
class _Found:
    offset_ms: float
    drift_ppm: float
    votes: float
    rival: float


def measure(
    voice: Voice, turns: Sequence[Turn], *, cancelled: Callable[[], bool] = lambda: False
) -> Measurement | Unclear:
    """The offset and drift that lay ``turns`` on ``voice``, or why they cannot be told.

    Uses raw times only: what timing is in force does not matter.
    """
    timed = [turn for turn in turns if _speaks(turn)]
    if not timed:
        return Unclear.NO_TIMES
    if len({turn.raw_start_ms for turn in timed}) < FEWEST_TURNS:
        return Unclear.FEW_TURNS
    if sum(len(channel.at_ms) for channel in voice.channels) < FEWEST_TURNS:
        return Unclear.NO_SPEECH
    found = []
    for sides in _castings(timed, voice):
        found.append((sides, _sought(sides, voice.duration_ms)))
        if cancelled():
            raise ReadCancelled
    sides, likeliest = max(found, key=lambda one: one[1].votes)
    return _judged(sides, likeliest)


def _speaks(turn: Turn) -> bool:
    told = turn.time_source not in (TimeSource.NONE, TimeSource.DERIVED)
    return turn.raw_start_ms is not None and told and turn.role not in (Role.SYSTEM, Role.TOOL)


def _castings(timed: Sequence[Turn], voice: Voice) -> Iterator[list[_Side]]:
    """Who may be on which side of the recording: nobody says it, so both ways are tried."""
    groups = [[turn for turn in timed if (turn.role in _OF_USER) is of_user] for of_user in (False, True)]
    if len(voice.channels) != 2 or not all(groups):
        yield [_Side(_starts(timed), _together(voice.channels))]
        return
    for order in ((0, 1), (1, 0)):
        yield [_Side(_starts(group), voice.channels[place]) for group, place in zip(groups, order, strict=True)]


def _starts(turns: Sequence[Turn]) -> NDArray[np.float64]:
    starts: NDArray[np.float64] = np.unique(np.array([turn.raw_start_ms for turn in turns], np.float64))
    if len(starts) <= _MOST_TURNS:
        return starts
    some: NDArray[np.float64] = starts[np.linspace(0, len(starts) - 1, _MOST_TURNS).astype(int)]
    return some


def _together(channels: Sequence[Onsets]) -> Onsets:
    at = np.concatenate([channel.at_ms for channel in channels])
    order = np.argsort(at, kind="stable")
    return Onsets(at[order], np.concatenate([channel.pause_ms for channel in channels])[order])


def _sought(sides: Sequence[_Side], duration_ms: float) -> _Found:
    """The best of all offsets and drifts, and the best vote that is not its neighbour."""
    first = min(float(side.starts[0]) for side in sides)
    last = max(float(side.starts[-1]) for side in sides)
    reach = min(LONGEST_OFFSET_MS, max(duration_ms, last))
    bins = math.ceil(reach / _BIN_MS)
    edges = np.arange(first, last + _SEGMENT_MS, _SEGMENT_MS)
    curves, middles = [], []
    for left in edges:
        curve = sum((_curve(side, left, bins) for side in sides), np.zeros(2 * bins + 1))
        if curve.any():
            curves.append(curve)
            middles.append(left + _SEGMENT_MS / 2)
    drifts = [0.0]
    if len(curves) > 1:
        step = 1e6 * 2 * _BIN_MS / (middles[-1] - middles[0])
        many = math.floor(GREATEST_DRIFT_PPM / step)
        drifts = [step * number for number in range(-many, many + 1)]
    best = _Found(0.0, 0.0, -1.0, 0.0)
    for drift in drifts:
        whole = np.zeros(2 * bins + 1)
        for curve, middle in zip(curves, middles, strict=True):
            # a clock that runs fast asks for an offset that grows along the recording
            whole += _moved(curve, -round(middle * drift / 1e6 / _BIN_MS))
        at = int(np.argmax(whole))
        if whole[at] > best.votes:
            near = round(_RIVAL_MS / _BIN_MS)
            others = np.concatenate([whole[: max(at - near, 0)], whole[at + near + 1 :]])
            best = _Found((at - bins) * _BIN_MS, drift, float(whole[at]), float(others.max(initial=0.0)))
    return best


def _curve(side: _Side, left: float, bins: int) -> NDArray[np.float64]:
    """How many turns of ``side`` that start within a segment lie on an onset, for every offset in bins."""
    starts = side.starts[(side.starts >= left) & (side.starts < left + _SEGMENT_MS)]
    curve = np.zeros(2 * bins + 1)
    if not len(starts):
        return curve
    width = round(_SEGMENT_MS / _BIN_MS) + 2 * bins + 1
    near = np.zeros(width)
    places = (side.onsets.at_ms - left) / _BIN_MS + bins
    weight = np.where(side.onsets.pause_ms >= _TURN_PAUSE_MS, 1.0, 0.4)
    reach = _REACH_MS / _BIN_MS
    for shift in range(-math.ceil(reach), math.ceil(reach) + 1):
        at = np.round(places).astype(int) + shift
        inside = (at >= 0) & (at < width)
        height = weight * max(1 - abs(shift) / (reach + 1), 0.0)
        np.maximum.at(near, at[inside], height[inside])
    for place in np.round((starts - left) / _BIN_MS).astype(int):
        curve += near[place : place + 2 * bins + 1]
    return curve


def _moved(curve: NDArray[np.float64], by: int) -> NDArray[np.float64]:
    if not by:
        return curve
    moved = np.zeros_like(curve)
    if by > 0:
        moved[by:] = curve[:-by]
    else:
        moved[:by] = curve[-by:]
    return moved


def _judged(sides: Sequence[_Side], found: _Found) -> Measurement | Unclear:
    """Refine what was found, and let it stand only where chance and its rivals are far behind."""
    starts, residuals = _residuals(sides, found.offset_ms, found.drift_ppm)
    offset, drift = found.offset_ms, found.drift_ppm
    for reach in (250.0, 160.0, 100.0, 80.0):
        offset, drift = _fitted(starts, residuals, offset, drift, reach)
        starts, residuals = _residuals(sides, offset, drift)
    span_ms = float(starts.max() - starts.min())
    if abs(drift) * span_ms / 1e6 < _LEAST_DRIFT_MS:
        offset, drift = offset + drift * float(starts.mean()) / 1e6, 0.0
        starts, residuals = _residuals(sides, offset, drift)
    inliers = np.abs(residuals) <= _REACH_MS
    matched, of = int(inliers.sum()), len(starts)
    tries = 1 + 2 * abs(offset) / _REACH_MS
    if matched < FEWEST_TURNS or matched < _LEAST_SHARE * of:
        return Unclear.NO_AGREEMENT
    if tries * _by_chance(sides, matched, of) > _CHANCE:
        return Unclear.NO_AGREEMENT
    if found.rival > _RIVAL_SHARE * found.votes:
        return Unclear.AMBIGUOUS
    spread = float(np.median(np.abs(residuals[inliers])))
    return Measurement(
        offset_ms=round(offset), drift_ppm=round(drift, 1), matched=matched, turns=of, spread_ms=round(spread)
    )


def _residuals(sides: Sequence[_Side], offset: float, drift: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For every turn its transcript time, and how much later (ms) than said the nearest onset is."""
    starts, residuals = [], []
    for side in sides:
        placed = side.starts * (1 + drift / 1e6) + offset
        at = np.searchsorted(side.onsets.at_ms, placed)
        before = side.onsets.at_ms[np.clip(at - 1, 0, len(side.onsets.at_ms) - 1)] - placed
        after = side.onsets.at_ms[np.clip(at, 0, len(side.onsets.at_ms) - 1)] - placed
        starts.append(side.starts)
        residuals.append(np.where(np.abs(before) < np.abs(after), before, after))
    return np.concatenate(starts), np.concatenate(residuals)


def _fitted(
    starts: NDArray[np.float64], residuals: NDArray[np.float64], offset: float, drift: float, reach: float
) -> tuple[float, float]:
    """One step of least squares over the turns within ``reach``, far ones counting less (Tukey's weights)."""
    near = np.abs(residuals) < reach
    if near.sum() < FEWEST_TURNS:
        return offset, drift
    t, r = starts[near], residuals[near]
    weight = (1 - (r / reach) ** 2) ** 2
    middle = float(np.average(t, weights=weight))
    noise = max(float(np.median(np.abs(r - np.median(r)))) * 1.48, 10.0)
    x = (t - middle) / 1e6
    # what is known of clocks before any turn was seen keeps few turns from inventing a drift
    prior = (noise / _LIKELY_DRIFT_PPM) ** 2
    level = float(np.average(r, weights=weight))
    slope = float((np.sum(weight * x * (r - level)) - prior * drift) / (np.sum(weight * x * x) + prior))
    return offset + level - slope * middle / 1e6, drift + slope


def _by_chance(sides: Sequence[_Side], matched: int, of: int) -> float:
    """The chance that so many of the turns lie near an onset wherever they are laid."""
    covered = total = 0.0
    for side in sides:
        gaps = np.diff(side.onsets.at_ms)
        covered += len(side.starts) * float(np.minimum(gaps, 2 * _REACH_MS).sum())
        total += len(side.starts) * float(gaps.sum())
    share = min(covered / total, 1.0) if total else 1.0
    if not 0 < share < 1:
        return share
    # sums of logarithms: the number of ways to choose from a thousand turns has no float
    ways = (math.lgamma(of + 1) - math.lgamma(hits + 1) - math.lgamma(of - hits + 1) for hits in range(matched, of + 1))
    return math.fsum(
        math.exp(way + hits * math.log(share) + (of - hits) * math.log1p(-share))
        for hits, way in enumerate(ways, matched)
    )
