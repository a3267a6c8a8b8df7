"""Where in the recording the ears are: frames the output has played, smoothed, mapped to the recording's time.

An output counts frames in steps of some 10 ms and tells of them late; between its reports the count runs on with the
monotonic clock and is drawn to what is reported, so the position is even to a fraction of a millisecond. The first
reports of a run are averaged, so it is soon right after a seek too.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from qa_player.media.engine.passed import Passed
from qa_player.media.engine.ring import OUTPUT_RATE, Skipped, Stretch

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
    audible: bool
    skipped: Skipped | None

    def media_at(self, frame: float) -> float:
        """Where in the recording ``frame`` is, at most its own end."""
        return self.media_ms + min(frame, self.end) * self.ms_per_frame - self.first * self.ms_per_frame


class Clock:
    """One run of an output after another. Not thread-safe: its owner holds a lock around every call.

    ``latency_ms`` is how long after the output's count a frame is heard; ``passed`` what has been heard so far.
    """

    def __init__(self, latency_ms: float) -> None:
        self.latency_ms = latency_ms
        self.passed = Passed()
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
        self._shown = 0.0

    def pulled(self, stretch: Stretch, *, audible: bool = True) -> None:
        """The output took ``stretch``; ``audible`` is false when it is played at no volume."""
        self._append(stretch.frames, stretch.media_ms, stretch.ms_per_frame, audible=audible, skipped=stretch.skipped)

    def silence(self, frames: int) -> None:
        """The output took ``frames`` of padding: time stands still in the recording."""
        self._append(frames, self.end_ms(), 0.0, audible=False, skipped=None)

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
        """What is heard at ``now_ns``; the sound that is heard never goes back within a run."""
        self._hear(self._run_on(now_ns) - self.latency_ms * OUTPUT_RATE / 1_000)
        return self._media_ms(self._shown)

    def play_out(self) -> None:
        """All that was pulled has been heard."""
        self._hear(self._pulled)

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

    def _append(
        self, frames: int, media_ms: float, ms_per_frame: float, *, audible: bool, skipped: Skipped | None
    ) -> None:
        self._pieces.append(_Piece(self._pulled, self._pulled + frames, media_ms, ms_per_frame, audible, skipped))
        self._pulled += frames
        while self._pieces[0].end < min(self._frames - _KEPT_FRAMES, self._shown) and len(self._pieces) > 1:
            self._pieces.popleft()

    def _hear(self, until: float) -> None:
        """Keep in mind what sounds up to the frame ``until``."""
        before, self._shown = self._shown, max(self._shown, min(until, self._pulled))
        new = []
        for piece in reversed(self._pieces):
            if piece.end <= before:
                break
            if piece.first < self._shown:
                new.append(piece)
        for piece in reversed(new):
            if piece.skipped is not None and piece.first >= before:
                self.passed.skipped(piece.skipped, piece.ms_per_frame)
            start_ms, end_ms = piece.media_at(max(before, piece.first)), piece.media_at(self._shown)
            self.passed.sounded(start_ms, end_ms, piece.ms_per_frame, audible=piece.audible)

    def _media_ms(self, frame: float) -> float:
        for piece in reversed(self._pieces):
            if frame >= piece.first:
                return piece.media_at(frame)
        return self._rest_ms
