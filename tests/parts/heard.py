"""When the turn that is shown changes, and when the turn that is heard does: the two logs joined.

The recording is a tape (`parts.tape`) whose bursts tell their place, so for any turn it is known to a millisecond when
its first sound left the card, whatever was pressed before.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import numpy as np

from parts import tape
from qa_player.demo.samples import Sample

SUBJECT = "A tape that tells its place"
SESSION = "sess_TAPE0001"
NEAR_MS = 700.0
"""Bursts come every 250 ms: one that tells of a change stands no further from it."""


class TapeSample(Sample):
    """A sample whose recording is a file of the test's own."""

    @property
    def recording(self) -> Path | None:  # type: ignore[override]
        return Path(self.told["media"])


def turn_starts(duration_ms: int, *, seed: int = 5) -> list[int]:
    """Where turns begin: at odd moments, 450 to 950 ms apart, the first after a silence."""
    draw = Random(seed)
    starts = [430]
    while starts[-1] + 2_000 < duration_ms:
        starts.append(starts[-1] + draw.randrange(450, 950))
    return starts


def taped(path: Path, *, duration_ms: int, rate: int = 48_000) -> TapeSample:
    """A session whose recording is a tape in the format that ``path``'s name ends with."""
    samples = tape.bursts(duration_ms)[:: tape.RATE // rate]
    data = tape.wav(samples, rate)
    if path.suffix == ".wav":
        path.write_bytes(data)
    else:
        source = path.with_suffix(".source.wav")
        source.write_bytes(data)
        subprocess.run(
            ["ffmpeg", "-v", "error", "-y", "-i", source, "-c:a", "aac", "-b:a", "96k", "-movflags", "faststart", path],
            check=True,
        )
    starts = turn_starts(duration_ms)
    turns = [
        {
            "role": "user" if at % 2 else "assistant",
            "text": f"turn number {at}",
            "start_ms": start,
            "end_ms": end,
        }
        for at, (start, end) in enumerate(zip(starts, [*starts[1:], duration_ms], strict=True))
    ]
    facts = {
        "session_id": SESSION,
        "subject": SUBJECT,
        "character_slug": "tape",
        "duration_ms": duration_ms,
        "media": str(path),
        "turns": turns,
    }
    return TapeSample(facts, datetime.now(UTC))


@dataclass(frozen=True)
class Change:
    """One turn becoming the active one: when it was painted and when its first sound left the card."""

    turn: int
    shown_ns: int
    heard_ns: float

    @property
    def late_ms(self) -> float:
        """How much later the eye had it than the ear; less than zero: sooner."""
        return (self.shown_ns - self.heard_ns) / 1e6


@dataclass(frozen=True)
class Agreement:
    """How shown and heard agree over one recording of the sound card."""

    changes: list[Change]
    unheard: int
    """Changes that were shown and whose sound was not found near them."""

    def _late(self) -> np.ndarray:
        return np.array([change.late_ms for change in self.changes])

    @property
    def median_ms(self) -> float:
        """Of the distances between eye and ear, whichever came first."""
        return float(np.median(np.abs(self._late())))

    @property
    def bias_ms(self) -> float:
        """The median with its sign: above zero the eye is late."""
        return float(np.median(self._late()))

    def quantile_ms(self, part: float) -> float:
        """The distance that ``part`` of all changes keep."""
        return float(np.quantile(np.abs(self._late()), part))

    def __str__(self) -> str:
        return (
            f"{len(self.changes)} changes, {self.unheard} unheard; |shown - heard| median {self.median_ms:.1f} ms,"
            f" p90 {self.quantile_ms(0.9):.1f}, max {self.quantile_ms(1):.1f}; shown - heard {self.bias_ms:+.1f}"
        )


def shown_turns(log: Sequence[tuple[int, object]]) -> list[tuple[int, int]]:
    """The log of the label `Active turn` or of the highlight as (monotonic ns, turn index), -1 while nobody speaks."""
    turns = []
    for at_ns, told in log:
        words = told.split() if isinstance(told, str) else told
        turns.append((at_ns, int(words[0]) if words else -1))  # type: ignore[index]
    return turns


def agreement(
    shown: Sequence[tuple[int, int]], bursts: Sequence[tape.Burst], starts: Sequence[int], *, speed: float
) -> Agreement:
    """For every turn that became the active one, when its start was heard. All seeks must go to starts of turns."""
    changes, unheard = [], 0
    for at_ns, turn in shown[1:]:
        if turn < 0:
            continue
        heard_ns = _heard_ns(at_ns, starts[turn], bursts, speed)
        if heard_ns is None:
            unheard += 1
        else:
            changes.append(Change(turn, at_ns, heard_ns))
    return Agreement(changes, unheard)


def _heard_ns(near_ns: int, media_ms: float, bursts: Sequence[tape.Burst], speed: float) -> float | None:
    """When ``media_ms`` was heard, told by the first burst after it, else by the last one before."""
    at = [
        (burst.media_ms - media_ms, burst.heard_ns)
        for burst in bursts
        if abs(burst.heard_ns - near_ns) < NEAR_MS * 1e6 and abs(burst.media_ms - media_ms) < 400
    ]
    after = [entry for entry in at if entry[0] >= 0]
    if not at:
        return None
    distance_ms, heard_ns = min(after) if after else max(at)
    return heard_ns - distance_ms / speed * 1e6
