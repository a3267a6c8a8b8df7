"""Where in the recording the ears are: frames the output has played, smoothed, mapped to the recording's time.

An output counts frames in steps of some 10 ms and tells of them late; between its reports the count runs on with the
monotonic clock and is drawn to what is reported, so the position is even to a fraction of a millisecond. The first
reports of a run are averaged, so it is soon right after a seek too.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from qa_player.media.engine.ring import OUTPUT_RATE

_FRAMES_PER_NS = OUTPUT_RATE / 1e9
_SETTLE_NS = 500e6
"""Time in which two thirds of a difference to the reported count are made up."""

_RELOCK_FRAMES = 0.1 * OUTPUT_RATE
"""A larger difference is no jitter."""

_ASTRAY_REPORTS = 5
"""It is believed when so many reports in a row say so: a single one is a sink caught between two of its own counts."""

_BLIND_NS = 60_000_000
"""How long the count runs on when the output reports no progress: it stands still, so do we."""

_KEPT_FRAMES = 5 * OUTPUT_RATE


@dataclass(frozen=True)
class _Piece:
    first: int
    end: int
    media_ms: float
    ms_per_frame: float


class Clock:
    """One run of an output after another. Not thread-safe: its owner holds a lock around every call.

    ``latency_ms`` is how long after the output's count a frame is heard.
    """

    def __init__(self, latency_ms: float) -> None:
        self.latency_ms = latency_ms
        self._pieces: deque[_Piece] = deque()
        self.restart(0.0)

    def restart(self, media_ms: float) -> None:
        """A new run begins at ``media_ms``: the output counts from zero, nothing was pulled."""
        self._pieces.clear()
        self._pulled = 0
        self._rest_ms = media_ms
        self._frames = 0.0
        self._at_ns: int | None = None
        self._reported: tuple[int, int] = (0, 0)
        self._lead = 0.0
        self._reports = 0
        self._astray = 0
        self._moved_ns = 0
        self._shown_ms = -math.inf

    def pulled(self, frames: int, media_ms: float, ms_per_frame: float) -> None:
        """The output took ``frames`` more, the first of which sounds at ``media_ms``."""
        self._pieces.append(_Piece(self._pulled, self._pulled + frames, media_ms, ms_per_frame))
        self._pulled += frames
        while self._pieces[0].end < self._frames - _KEPT_FRAMES and len(self._pieces) > 1:
            self._pieces.popleft()

    def silence(self, frames: int) -> None:
        """The output took ``frames`` of padding: time stands still in the recording."""
        self.pulled(frames, self.end_ms(), 0.0)

    def observe(self, played: int, at_ns: int) -> None:
        """The output said at ``at_ns`` (monotonic) that it has played ``played`` frames of this run."""
        if played <= 0 or (played, at_ns) == self._reported:
            return
        moved = played != self._reported[0]
        self._reported = (played, at_ns)
        if moved:
            self._moved_ns = at_ns
        if self._at_ns is None:
            if moved:
                self._frames, self._at_ns = max(played + self._lead, 0.0), at_ns
                self._reports += 1
            return
        expected = self._run_on(at_ns)
        difference = played - expected
        if abs(difference) > _RELOCK_FRAMES:
            self._astray += 1
            if self._astray >= _ASTRAY_REPORTS:
                expected = float(played)
        else:
            self._astray = 0
            self._reports += 1
            settling = -math.expm1(-max(at_ns - self._at_ns, 0) / _SETTLE_NS)
            expected += difference * max(settling, 1 / self._reports)
        self._frames, self._at_ns = expected, max(at_ns, self._at_ns)

    def hold(self, now_ns: int) -> None:
        """The output was suspended: the count stands until it reports again."""
        self._frames = self._run_on(now_ns)
        self._lead = self._frames - self._reported[0]
        self._at_ns = None

    def position_ms(self, now_ns: int) -> float:
        """What is heard at ``now_ns``; never goes back within a run."""
        heard = self._run_on(now_ns) - self.latency_ms * OUTPUT_RATE / 1_000
        self._shown_ms = max(self._shown_ms, self._media_ms(min(heard, self._pulled)))
        return self._shown_ms

    @property
    def pulled_frames(self) -> int:
        """Frames that the output took in this run."""
        return self._pulled

    def end_ms(self) -> float:
        """The place after the last sound the output took."""
        return self._media_ms(self._pulled)

    def _run_on(self, now_ns: int) -> float:
        if self._at_ns is None:
            return self._frames
        until = min(now_ns, max(self._moved_ns + _BLIND_NS, self._at_ns))
        return self._frames + max(until - self._at_ns, 0) * _FRAMES_PER_NS

    def _media_ms(self, frame: float) -> float:
        for piece in reversed(self._pieces):
            if frame >= piece.first:
                return piece.media_ms + min(frame, piece.end) * piece.ms_per_frame - piece.first * piece.ms_per_frame
        return self._rest_ms
