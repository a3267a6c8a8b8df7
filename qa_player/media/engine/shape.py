"""From decoded sound to what the output takes: a side or both, levelled, 48 kHz, another speed at the same pitch.

A sample's place at other speeds is a straight line through what was fed. atempo's sound lies about it by a few
milliseconds either way, depending on the sound (measured: centres of bursts -2..+6, envelopes of tones -2..+4, of noise
-14..+12), so there is no constant to take off.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from qa_player.media.engine.ring import FRAME_BYTES, OUTPUT_RATE, Skipped, Stretch
from qa_player.media.engine.silence import Piece
from qa_player.model.playback import Channels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


_LEVELLER = "framelen=150:gausssize=5:peak=0.7:maxgain=10:threshold=0.005:coupling=0"
"""Each side is brought to one loudness within half a second, silence is left as it is; its places do not move."""

_SAME_PLACE_MS = 0.01

_TAIL_MS = 300


@dataclass(frozen=True)
class _Knot:
    """At the output's ``frame`` the recording is at ``media_ms``; ``skipped`` was left out there."""

    frame: float
    media_ms: float
    skipped: Skipped | None


class Shape:
    """One chain for one stretch of playing: made anew on every seek and change of speed or side."""

    def __init__(self, *, sample_rate: int, speed: float, channels: Channels, levelled: bool = False) -> None:
        self._sample_rate = sample_rate
        self._ms_per_frame = speed * 1_000 / OUTPUT_RATE
        self._channels = channels
        self._given = 0
        self._fed = 0
        self._last_frame: int | None = None
        self._next_ms: float | None = None
        self._knots: deque[_Knot] = deque()
        self._apart = False
        self._graph = _graph(sample_rate, speed, levelled=levelled)

    def feed(self, piece: Piece) -> list[Stretch]:
        """What of the output is ready now. What was left out before ``piece`` moves its place, and nothing else."""
        import av

        count = int(piece.samples.shape[1])
        if self._next_ms is None or abs(self._next_ms - piece.start_ms) > _SAME_PLACE_MS:
            fed_ms = self._fed * 1_000 / self._sample_rate
            self._knots.append(_Knot(fed_ms / self._ms_per_frame, piece.start_ms, piece.skipped))
        self._next_ms = piece.start_ms + count * 1_000 / self._sample_rate
        self._apart = len(piece.samples) == 2
        frame = av.AudioFrame.from_ndarray(_two_sides(piece.samples, self._channels), format="fltp", layout="stereo")
        frame.sample_rate = self._sample_rate
        frame.pts = self._fed
        self._fed += count
        self._graph.push(frame)
        return self._pulled()

    def finish(self) -> list[Stretch]:
        """What was held back; nothing can be fed after it.

        atempo keeps up to 50 ms of the end to itself (measured at 2 and 3 times). Silence behind it presses that out,
        and what comes of the silence is cut off.
        """
        self._last_frame = round(self._fed * 1_000 / self._sample_rate / self._ms_per_frame)
        if self._fed and self._ms_per_frame != 1_000 / OUTPUT_RATE:
            self._push_silence()
        self._graph.push(None)
        return self._pulled()

    def _push_silence(self) -> None:
        import av
        import numpy as np

        silence = np.zeros((2, self._sample_rate * _TAIL_MS // 1_000), np.float32)
        frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = self._sample_rate, self._fed
        self._graph.push(frame)

    def _pulled(self) -> list[Stretch]:
        import av

        stretches: list[Stretch] = []
        while True:
            try:
                frame = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return stretches
            count = frame.samples
            if self._last_frame is not None:
                count = min(count, max(self._last_frame - self._given, 0))
            stretches += self._placed(bytes(frame.planes[0])[: count * FRAME_BYTES])

    def _placed(self, samples: bytes) -> list[Stretch]:
        """``samples`` in their places, cut where something was left out."""
        placed = []
        while samples:
            knot = self._knots[0]
            frames = len(samples) // FRAME_BYTES
            if len(self._knots) > 1:
                frames = min(frames, max(math.ceil(self._knots[1].frame) - self._given, 0))
            if frames:
                media_ms = knot.media_ms + (self._given - knot.frame) * self._ms_per_frame
                at = frames * FRAME_BYTES
                placed.append(
                    Stretch(samples[:at], media_ms, self._ms_per_frame, skipped=knot.skipped, apart=self._apart)
                )
                self._knots[0] = replace(knot, skipped=None)
                self._given += frames
                samples = samples[at:]
            else:
                self._knots.popleft()
        return placed


def _two_sides(samples: NDArray[np.float32], channels: Channels) -> NDArray[np.float32]:
    """[2, count]: both sides of a stereo recording, or one side on both ears; of more than two, all mixed."""
    import numpy as np

    if channels is Channels.LEFT or len(samples) == 1:
        chosen = samples[0]
    elif channels is Channels.RIGHT:
        chosen = samples[1]
    elif len(samples) == 2:
        return samples
    else:
        chosen = samples.mean(axis=0)
    return np.stack([chosen, chosen])


def _graph(sample_rate: int, speed: float, *, levelled: bool) -> Any:
    """Resample first: atempo's window is then the same for every recording."""
    from fractions import Fraction

    import av.filter

    graph = av.filter.Graph()
    nodes = [
        graph.add_abuffer(sample_rate=sample_rate, format="fltp", layout="stereo", time_base=Fraction(1, sample_rate))
    ]
    if sample_rate != OUTPUT_RATE:
        nodes.append(graph.add("aresample", str(OUTPUT_RATE)))
    if levelled:
        nodes.append(graph.add("dynaudnorm", _LEVELLER))
    if speed != 1.0:
        nodes.append(graph.add("atempo", f"{speed:g}"))
    nodes.append(graph.add("aformat", "sample_fmts=s16:channel_layouts=stereo"))
    nodes.append(graph.add("abuffersink"))
    graph.link_nodes(*nodes).configure()
    return graph
