"""Who speaks at each column of a picture, for many columns at once.

Imports numpy: load it when there is something to draw, not with the window.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa_player.model.transcript import Role, Turn
from qa_player.model.value import MAX_MS
from qa_player.ui.widgets.time_ruler import TimeScale
from qa_player.ui.widgets.turn_lanes import Lanes

ROLES = (Role.AGENT, Role.USER, Role.THIRD_PARTY, Role.UNKNOWN, Role.TOOL, Role.SYSTEM)
"""Who wins where several speak at once: the first has the upper half of the picture, the last the lower."""

Flags = NDArray[np.bool_]
Moments = NDArray[np.float64]
"""Rising moments in ms."""


@dataclass(frozen=True)
class Stretches:
    """The turns of one role or speaker: their starts and their ends in ms, each sorted for itself."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, spans: NDArray[np.int64]) -> Stretches:
        """``spans``: [turns, 3], place, start, end."""
        return cls(np.sort(spans[:, 1]), np.sort(spans[:, 2]))

    def open_at(self, moments: Moments) -> Flags:
        """Whether more turns have begun than ended at each moment."""
        if not len(self.starts) or not len(moments):
            return np.zeros(len(moments), bool)
        begun, started = _places(self.starts, moments)
        ended, stopped = _places(self.ends, moments)
        if not len(started) and not len(stopped):
            return np.full(len(moments), begun > ended)
        changes = np.bincount(started, minlength=len(moments)) - np.bincount(stopped, minlength=len(moments))
        changes[0] += begun - ended
        return np.cumsum(changes) > 0

    def begin_between(self, edges: Moments) -> Flags:
        """Whether a turn begins between each two of ``edges``."""
        first, end = np.searchsorted(self.starts, edges[[0, -1]], "left")
        begins = np.zeros(len(edges) - 1, bool)
        begins[np.searchsorted(edges, self.starts[first:end], "right") - 1] = True
        return begins


@dataclass(frozen=True)
class Bars:
    """One speaker's turns, in the lane that they are drawn in."""

    lane: int
    role: int
    """The place in `ROLES`."""
    turns: Stretches
    alone: bool
    """Whether nobody else has this role."""


@dataclass(frozen=True)
class Speakers:
    """All that the pictures ask of a session's turns."""

    roles: tuple[Stretches, ...]
    """In the order of `ROLES`."""
    spans: NDArray[np.int64]
    """[timed turns, 3]: place in the sequence, start, end."""
    bars: tuple[Bars, ...]

    def wide(self, scale: TimeScale, width: float, *, least: float) -> list[int]:
        """The places of the turns that are in view and at least ``least`` pixels wide."""
        places, starts, ends = self.spans.T
        end_ms = scale.origin_ms + width * scale.ms_per_pixel
        seen = (ends > scale.origin_ms) & (starts < end_ms) & (ends - starts >= least * scale.ms_per_pixel)
        return [int(place) for place in places[seen]]

    def at(self, moments: Moments) -> Flags:
        """[roles, moments] whether a role speaks then."""
        return np.array([turns.open_at(moments) for turns in self.roles])


def speakers_of(turns: Sequence[Turn], lanes: Lanes) -> Speakers:
    """The placed turns by role; one without an end lasts to the end of the sound, one without a start is left."""
    timed = [
        (place, turn.start_ms, max(MAX_MS if turn.end_ms is None else turn.end_ms, turn.start_ms))
        for place, turn in enumerate(turns)
        if turn.start_ms is not None
    ]
    spans = np.array(timed, np.int64).reshape(-1, 3)
    by_role = np.array([ROLES.index(turns[place].role) for place, _, _ in timed], np.int64)
    by_lane = np.array([lanes.of_turn[place] for place, _, _ in timed], np.int64)
    roles = tuple(Stretches.of(spans[by_role == number]) for number in range(len(ROLES)))
    pairs = sorted(set(zip(by_lane.tolist(), by_role.tolist(), strict=True)))
    lanes_of_role = Counter(number for _, number in pairs)
    bars = tuple(
        Bars(
            lane,
            number,
            Stretches.of(spans[(by_lane == lane) & (by_role == number)]),
            alone=lanes_of_role[number] == 1,
        )
        for lane, number in pairs
    )
    return Speakers(roles, spans, bars)


def _places(times: NDArray[np.int64], moments: Moments) -> tuple[int, NDArray[np.intp]]:
    """How many of the sorted ``times`` lie at or before the first moment; and for each later one up to the last, the
    first moment that it does not lie behind.

    Looks up the times in the moments, not the other way round: few turns are in view, and columns are thousands.
    """
    first, end = np.searchsorted(times, moments[[0, -1]], "right")
    return int(first), np.searchsorted(moments, times[first:end], "left")
