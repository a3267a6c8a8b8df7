"""The lanes below the wave: one for each speaker, so that nobody's turn hides what somebody else says meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF

from qa_player.model.transcript import Role, Turn
from qa_player.ui.widgets.time_ruler import TimeScale

BAR_GAP = 1
MOST_LANES = 4
"""Speakers beyond it share the last lane: the wave needs the room, and thinner bars hold no number."""

_BAR_HEIGHTS = {2: 10, 3: 9, 4: 9}
_AGENT_SIDE = frozenset({Role.AGENT, Role.TOOL, Role.SYSTEM})


@dataclass(frozen=True)
class Lanes:
    """``of_turn``: the lane of each turn by its place in the sequence, 0 on top; ``count`` is never under two."""

    of_turn: tuple[int, ...] = ()
    count: int = 2

    @property
    def bar_height(self) -> int:
        """How high a bar is, in pixels."""
        return _BAR_HEIGHTS[self.count]

    def top(self, height: float, lane: int = 0) -> float:
        """The first pixel of a lane in a picture of ``height``."""
        return height - (self.count - lane) * (self.bar_height + BAR_GAP)


def lanes_of(turns: Sequence[Turn]) -> Lanes:
    """The agent's side with its tools on top, then everybody else in the order in which they first speak.

    >>> turn = Turn(index=0, role=Role.USER, raw_role="user", speaker="Ann", text="")
    >>> other = turn.model_copy(update={"speaker": "Bo"})
    >>> lanes_of([turn, turn.model_copy(update={"role": Role.AGENT}), other, turn])
    Lanes(of_turn=(1, 0, 2, 1), count=3)
    """
    speakers = list(dict.fromkeys(_speaker(turn) for turn in turns))
    agents = [speaker for speaker in speakers if speaker[0] is Role.AGENT]
    others = [speaker for speaker in speakers if speaker[0] is not Role.AGENT]
    first_other = max(min(len(agents), MOST_LANES - 1), 1)
    lanes = {speaker: min(at, first_other - 1) for at, speaker in enumerate(agents)}
    lanes |= {speaker: min(first_other + at, MOST_LANES - 1) for at, speaker in enumerate(others)}
    of_turn = tuple(lanes[_speaker(turn)] for turn in turns)
    return Lanes(of_turn, max(2, 1 + max(lanes.values(), default=0)))


def bar_of(turn: Turn, lane: int, lanes: Lanes, *, scale: TimeScale, width: float, height: float) -> QRectF | None:
    """Where a turn's bar lies, cut to the view; null when it is outside or has no start."""
    if turn.start_ms is None:
        return None
    left = max(scale.x(turn.start_ms), 0.0)
    right = width if turn.end_ms is None else min(scale.x(turn.end_ms), width)
    return QRectF(left, lanes.top(height, lane), right - left, lanes.bar_height) if right > left else None


def _speaker(turn: Turn) -> tuple[Role, str]:
    """Tools and the system have no voice: they stand with the agent who uses them."""
    if turn.role in _AGENT_SIDE:
        return Role.AGENT, (turn.speaker or "") if turn.role is Role.AGENT else ""
    return turn.role, turn.speaker or ""
