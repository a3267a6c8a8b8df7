"""Silence left out while listening: where nobody speaks on any channel, all but a breath at both ends is dropped.

What counts as silence is measured on the recording itself, each channel by its own noise; where the two cannot be told
apart nothing is dropped. A word is never cut: what is dropped stands well away from any sound, and from the edges of
turns, whose first consonants may be softer than the noise.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qa_player.media.engine.ring import Skipped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRAME_MS = 20
KEPT_AFTER_MS = 260
"""Silence that is left after a sound: words fade."""

KEPT_BEFORE_MS = 240
"""Silence that is left before the next sound: words begin softly."""

LEAST_DROPPED_MS = 400
"""Less is not worth the break."""

GUARD_MS = 200
"""So far from the edge of a turn nothing is dropped."""

_QUIETEST_DB, _LOUDEST_DB = -65.0, -42.0
"""Silence is never sought above the second; below the first all is silence."""

_OVER_NOISE_DB = 6.0
_UNDER_SPEECH_DB = 18.0
_SPEECH_RANGE_DB = 12.0
_FLOOR_DB = -100
_KNOWN_FRAMES = 100


@dataclass(frozen=True)
class Piece:
    """``samples`` (float32 [channels, count]) sound from ``start_ms`` on; ``skipped`` was left out before them."""

    start_ms: float
    samples: NDArray[np.float32]
    skipped: Skipped | None = None


class Levels:
    """How loud the channels of a recording are: counts of 20 ms by decibel, kept over seeks."""

    def __init__(self) -> None:
        self._counts: NDArray[np.int64] | None = None

    def add(self, levels_db: NDArray[np.float32]) -> None:
        """[channels, frames] more of it."""
        import numpy as np

        if self._counts is None or len(self._counts) != len(levels_db):
            self._counts = np.zeros((len(levels_db), 1 - _FLOOR_DB), np.int64)
        bins = (levels_db - _FLOOR_DB).astype(np.int64)
        self._counts += np.array([np.bincount(channel, minlength=1 - _FLOOR_DB) for channel in bins])

    def silence_db(self) -> NDArray[np.float32]:
        """[channels] the level below which a frame is silence."""
        import numpy as np

        if self._counts is None:
            return np.zeros(0, np.float32)
        return np.array([self._of_channel(counts) for counts in self._counts], np.float32)

    @staticmethod
    def _of_channel(counts: NDArray[np.int64]) -> float:
        import numpy as np

        total = counts.cumsum()
        if total[-1] < _KNOWN_FRAMES:
            return _QUIETEST_DB
        noise_db, speech_db = (int(np.searchsorted(total, share * total[-1])) + _FLOOR_DB for share in (0.1, 0.95))
        level_db = min(max(noise_db + _OVER_NOISE_DB, _QUIETEST_DB), _LOUDEST_DB)
        if speech_db - noise_db >= _SPEECH_RANGE_DB:
            level_db = min(level_db, speech_db - _UNDER_SPEECH_DB)
        return level_db


class Cutter:
    """Takes sound in order and gives back what is kept of it; made anew after every jump.

    ``guarded`` are sorted moments in milliseconds of the recording.
    """

    def __init__(self, sample_rate: int, levels: Levels, guarded: tuple[int, ...]) -> None:
        self._rate = sample_rate
        self._frame = sample_rate * FRAME_MS // 1_000
        self._levels = levels
        self._guarded = guarded
        self._rest: Piece | None = None
        self._quiet_frames = 0
        self._held: list[tuple[Piece, float]] = []
        self._dropped: Skipped | None = None

    def feed(self, piece: Piece) -> list[Piece]:
        """What is ready of it and of what was fed before."""
        import numpy as np

        if self._rest is not None:
            joined = np.concatenate([self._rest.samples, piece.samples], axis=1)
            piece = Piece(self._rest.start_ms, joined)
        whole = piece.samples.shape[1] // self._frame
        samples = piece.samples[:, : whole * self._frame].reshape(len(piece.samples), whole, self._frame)
        self._rest = Piece(self._place(piece, whole), piece.samples[:, whole * self._frame :])
        power = np.einsum("cfs,cfs->cf", samples, samples) / self._frame
        levels_db = np.clip(10 * np.log10(power + 1e-10), _FLOOR_DB, 0).astype(np.float32)
        self._levels.add(levels_db)
        quiet = (levels_db < self._levels.silence_db()[:, None]).all(axis=0)
        kept: list[Piece] = []
        for at in range(whole):
            frame = Piece(self._place(piece, at), samples[:, at])
            if quiet[at] and not self._is_guarded(frame.start_ms):
                self._hold(frame, float(levels_db[:, at].max()), kept)
            else:
                kept += self._released()
                kept.append(frame)
        return _joined(kept)

    def finish(self) -> list[Piece]:
        """What was held back; the sound ends here."""
        rest = [] if self._rest is None or not self._rest.samples.shape[1] else [self._rest]
        self._rest = None
        return _joined([*self._released(), *rest])

    def _place(self, piece: Piece, frames: int) -> float:
        return piece.start_ms + frames * self._frame * 1_000 / self._rate

    def _is_guarded(self, start_ms: float) -> bool:
        at = bisect_left(self._guarded, start_ms - GUARD_MS)
        return at < len(self._guarded) and self._guarded[at] <= start_ms + FRAME_MS + GUARD_MS

    def _hold(self, frame: Piece, level_db: float, kept: list[Piece]) -> None:
        """Keep a quiet frame back until it is known whether sound follows soon."""
        self._quiet_frames += 1
        if self._quiet_frames * FRAME_MS <= KEPT_AFTER_MS:
            kept.append(frame)
            return
        self._held.append((frame, level_db))
        before = KEPT_BEFORE_MS // FRAME_MS
        if self._dropped is None and len(self._held) < before + LEAST_DROPPED_MS // FRAME_MS:
            return
        while len(self._held) > before:
            gone, gone_db = self._held.pop(0)
            end_ms = self._held[0][0].start_ms
            if self._dropped is None:
                self._dropped = Skipped(gone.start_ms, end_ms, gone_db)
            else:
                self._dropped = replace(self._dropped, end_ms=end_ms, level_db=max(self._dropped.level_db, gone_db))

    def _released(self) -> list[Piece]:
        """Sound again: what was held back goes before it."""
        held = [frame for frame, _ in self._held]
        if held and self._dropped is not None:
            held[0] = replace(held[0], skipped=self._dropped)
        self._quiet_frames, self._held, self._dropped = 0, [], None
        return held


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Frames that follow one another as one piece."""
    import numpy as np

    runs: list[list[Piece]] = []
    for piece in pieces:
        if not runs or piece.skipped is not None:
            runs.append([])
        runs[-1].append(piece)
    return [
        Piece(run[0].start_ms, np.concatenate([piece.samples for piece in run], axis=1), run[0].skipped) for run in runs
    ]
