"""From decoded blocks to what the output takes: one side or both, 48 kHz, another speed at the same pitch, int16.

A sample's place at other speeds is a straight line through what was fed. atempo's sound lies about it by a few
milliseconds either way, depending on the sound (measured: centres of bursts -2..+6, envelopes of tones -2..+4, of noise
-14..+12), so there is no constant to take off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qa_player.media.decode.decoder import Block
from qa_player.media.engine.ring import OUTPUT_RATE, Stretch
from qa_player.model.playback import Channels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Shape:
    """One chain for one stretch of playing: made anew on every seek and change of speed or side.

    ``start_ms`` is the place of the first sample it will be fed.
    """

    def __init__(self, *, start_ms: float, sample_rate: int, speed: float, channels: Channels) -> None:
        self._start_ms = start_ms
        self._sample_rate = sample_rate
        self._speed = speed
        self._channels = channels
        self._given = 0
        self._fed = 0
        self._graph = _graph(sample_rate, speed)

    def feed(self, block: Block) -> list[Stretch]:
        """What of the output is ready now."""
        import av

        frame = av.AudioFrame.from_ndarray(_two_sides(block.samples, self._channels), format="fltp", layout="stereo")
        frame.sample_rate = self._sample_rate
        frame.pts = self._fed
        self._fed += frame.samples
        self._graph.push(frame)
        return self._pulled()

    def finish(self) -> list[Stretch]:
        """What was held back; nothing can be fed after it."""
        self._graph.push(None)
        return self._pulled()

    def _pulled(self) -> list[Stretch]:
        import av

        stretches: list[Stretch] = []
        while True:
            try:
                frame = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return stretches
            stretches.append(self._stretch(bytes(frame.planes[0])[: frame.samples * 4], frame.samples))

    def _stretch(self, samples: bytes, frames: int) -> Stretch:
        ms_per_frame = self._speed * 1_000 / OUTPUT_RATE
        stretch = Stretch(samples, self._start_ms + self._given * ms_per_frame, ms_per_frame)
        self._given += frames
        return stretch


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


def _graph(sample_rate: int, speed: float) -> Any:
    """Resample first: atempo's window is then the same for every recording."""
    from fractions import Fraction

    import av.filter

    graph = av.filter.Graph()
    nodes = [
        graph.add_abuffer(sample_rate=sample_rate, format="fltp", layout="stereo", time_base=Fraction(1, sample_rate))
    ]
    if sample_rate != OUTPUT_RATE:
        nodes.append(graph.add("aresample", str(OUTPUT_RATE)))
    if speed != 1.0:
        nodes.append(graph.add("atempo", f"{speed:g}"))
    nodes.append(graph.add("aformat", "sample_fmts=s16:channel_layouts=stereo"))
    nodes.append(graph.add("abuffersink"))
    graph.link_nodes(*nodes).configure()
    return graph
