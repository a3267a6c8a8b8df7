"""Turns laid on a tape: every one begins and ends on a whole millisecond, and the tape knows when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from conversation import Line
from voices import RATE, Samples, Voice, spoken

SIDES = {"user": 0, "assistant": 1}
"""The channel of each party where a recording has one a side: caller left, agent right."""

_MS = RATE // 1_000


@dataclass
class Tape:
    """What was said so far. ``turns`` hold role, text, start_ms and end_ms in recording time."""

    voices: dict[str, Voice]
    end_ms: int = 0
    turns: list[dict[str, object]] = field(default_factory=list)
    _laid: list[tuple[int, str, Samples]] = field(default_factory=list)

    def say(self, lines: Iterable[Line]) -> None:
        """Each line after the one before it, or over it."""
        for line in lines:
            samples = spoken(line.text, self.voices[line.role])
            start_ms = max(0, self.end_ms + round(line.gap_s * 1_000))
            length_ms = -(-len(samples) // _MS)
            self.turns.append(
                {"role": line.role, "text": line.text, "start_ms": start_ms, "end_ms": start_ms + length_ms}
            )
            self._laid.append((start_ms * _MS, line.role, samples))
            self.end_ms = start_ms + length_ms

    def recorded(self, length_ms: int, *, channels: int) -> Samples:
        """The sound, shape (samples, channels): one party a side, or both on one."""
        sound = np.zeros((length_ms * _MS, channels))
        for start, role, samples in self._laid:
            sound[start : start + len(samples), SIDES[role] if channels == 2 else 0] += samples
        return np.clip(sound, -0.95, 0.95)
