"""From a recording's bytes to samples at their exact place, from any position, in one thread.

Zero is the first decoded frame's timestamp, not what the container calls its start: an mp3 begins 23 ms "late" and an
opus stream in webm 7 ms.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qa_player.errors import MediaError
from qa_player.media.container.headers import MediaFile
from qa_player.media.decode.demuxer import not_sound
from qa_player.media.decode.landmarks import Landmark, Landmarks
from qa_player.media.decode.opening import Opened, StreamFacts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PRE_ROLLS = (0.5, 2.0, 10.0)
"""Seconds before a target at which decoding starts: opus and variable mp3 are bit-exact after 0.5, landings vary."""

_MOST_LANDMARKS = 3
"""So many are tried before the file's own way is taken."""

_HALVING_S = 60.0
"""Further than this from what was noted so far an ogg is better searched by halving."""

_JITTER_S = 0.005
"""Timestamps that are off by less are rounding (webm counts milliseconds); more is a hole in the sound."""

_LONGEST_HOLE_S = 60.0
"""A longer jump of the timestamps is a broken clock, not silence."""

_KEPT_S = 8.0
"""Decoded sound kept for short steps back and changes of speed: no byte is read again for them."""

_STEP_OVER_S = 2.0
"""A target this little ahead is reached by decoding on."""


@dataclass(frozen=True)
class Block:
    """``samples`` is float32 [channels, count] in -1..1; ``start`` its first sample's place, in samples from zero."""

    start: int
    samples: NDArray[np.float32]

    @property
    def end(self) -> int:
        """The place after the last sample."""
        return self.start + int(self.samples.shape[1])

    def cut_before(self, place: int) -> Block:
        """The part from ``place`` on."""
        return self if place <= self.start else Block(place, self.samples[:, place - self.start :])


class Decoder:
    """Reads forward from wherever `seek` was asked to go; opens the file anew when that is the way there.

    ``open_file`` gives the file at its start, ``landmarks`` the ways to far places that are known by now. Every method
    raises MediaError, and whatever the file raises; after that the decoder may be used again: it finds its place by
    itself.
    """

    def __init__(
        self, open_file: Callable[[], MediaFile], *, landmarks: Callable[[], Landmarks | None] = lambda: None
    ) -> None:
        self._open_file = open_file
        self._landmarks = landmarks
        self._opened: Opened | None = None
        self._frames: Iterator[Any] = iter(())
        self._origin_s: float | None = None
        self._first_origin_s: float | None = None
        self._next: int | None = 0
        self._grid: tuple[int, int] | None = None
        self._wanted = 0
        self._exact_from = 0
        """Sound before this place was decoded on the way only: what a codec remembers is not yet as it should be."""
        self._ahead: deque[Block] = deque()
        self._kept: deque[Block] = deque()
        self.end: int | None = None
        """The place after the last sample, once it was decoded."""
        self.facts: StreamFacts = self._reopen().facts
        first = self._decode()
        if first is None and not self._reopened_in_order():
            first = self._decode()
        if first is None:
            raise not_sound("No sound could be decoded from the recording.")
        self._ahead.append(first)
        second = self._decode()
        if second is not None:
            self._ahead.append(second)
            self._grid = (first.end, second.end - second.start)

    def seek(self, position_ms: float) -> None:
        """Let the next block begin at ``position_ms``, to the sample."""
        self._wanted = wanted = max(round(position_ms * self.facts.sample_rate / 1_000), 0)
        if self._kept and max(self._kept[0].start, self._exact_from) <= wanted <= self._kept[-1].end:
            self._ahead = deque(block for block in self._kept if block.end > wanted)
            return
        self._ahead.clear()
        opened = self._opened
        if opened is not None and self._next is not None and max(self._next, self._exact_from) <= wanted:
            near = wanted <= self._next + _STEP_OVER_S * self.facts.sample_rate
            if near or not (opened.seekable or opened.fragmented or self._landmarks()):
                return
        self._approach()

    def read(self) -> Block | None:
        """The next block, without holes or overlaps to the one before; null at the end."""
        while True:
            if not self._ahead and self._opened is None:
                self._approach()
            block = self._ahead.popleft() if self._ahead else self._decode()
            if block is None:
                return None
            if block.end > self._wanted:
                block = block.cut_before(self._wanted)
                self._wanted = block.end
                return block

    def close(self) -> None:
        """Give the memory back. The file is not closed; reading on opens it anew."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None
        self._frames = iter(())

    def _reopen(self, *, walk_fragments: bool = False) -> Opened:
        self.close()
        self._kept.clear()
        self._opened = Opened(self._open_file(), walk_fragments=walk_fragments)
        self._origin_s = self._first_origin_s
        self._exact_from = 0
        self._halved = self._opened.seekable and self._opened.facts.container == "ogg"
        self._frames = self._opened.frames()
        self._next = 0
        return self._opened

    def _reopened_in_order(self) -> bool:
        """Open anew a file that had to be read to its end before it could be had in any order (mp4, index last)."""
        opened = self._reopen(walk_fragments=True)
        self.facts = opened.facts
        return not opened.seekable

    def _approach(self) -> None:
        """Stand at or before the wanted sample, near enough for exact sound."""
        if self._from_landmark():
            return
        seconds = self._wanted / self.facts.sample_rate
        far = seconds > _PRE_ROLLS[0]
        opened = self._opened if self._opened is None or self._opened.at is None else None
        at_start = opened is None or (opened.fragmented and not opened.seekable and far)
        if opened is None or at_start:
            opened = self._reopen(walk_fragments=far)
        for pre_roll in _PRE_ROLLS:
            if seconds <= pre_roll or not opened.seekable or self._lands(opened, seconds - pre_roll):
                break
            at_start = False
        if self._ahead or self._next == self._wanted:
            return
        if not at_start:
            self._reopen(walk_fragments=opened.fragmented and opened.seekable)

    def _from_landmark(self) -> bool:
        """Decode one block from a known way in, if there is one that is nearer than where it stands."""
        landmarks = self._landmarks()
        near = self._wanted - round(_PRE_ROLLS[0] * self.facts.sample_rate)
        landmark = None if landmarks is None else landmarks.before(near)
        if landmark is None or (self._halved and near - landmark.place > _HALVING_S * self.facts.sample_rate):
            return False
        stands = None if self._opened is None else self._next
        if stands is not None and landmark.place <= stands and max(stands, self._exact_from) <= self._wanted:
            return True
        for _ in range(_MOST_LANDMARKS):
            if landmark is not None and self._decodes_from(landmark):
                return True
            landmark = None if landmark is None or landmarks is None else landmarks.before(landmark.place - 1)
        return False

    def _decodes_from(self, landmark: Landmark) -> bool:
        """Decode one block from there; false when there is no way from there."""
        try:
            self.close()
            self._opened = Opened(self._open_file(), at=landmark)
        except MediaError:
            return False
        self._origin_s = landmark.origin_s
        return self._begins_in_time(self._opened) and bool(self._kept)

    def _lands(self, opened: Opened, seconds: float) -> bool:
        """Decode one block after a seek to ``seconds``; whether it begins no later than what is wanted."""
        if not opened.seek(seconds + (self._first_origin_s or 0.0)):
            return False
        self._origin_s = self._first_origin_s
        return self._begins_in_time(opened)

    def _begins_in_time(self, opened: Opened) -> bool:
        self._frames = opened.frames()
        self._next = None
        self._kept.clear()
        self._ahead.clear()
        first = self._decode()
        if first is None:
            self._next = self._wanted
            return True
        if first.start <= self._wanted:
            self._exact_from = first.start + round(_PRE_ROLLS[0] * self.facts.sample_rate)
            self._ahead.append(first)
            return True
        return False

    def _decode(self) -> Block | None:
        """The next block in the file's order, kept for steps back."""
        try:
            frame = next(self._frames, None)
        except BaseException:
            # the library may be left in any state: the next use opens the file anew
            self.close()
            raise
        if frame is None:
            if self._kept:
                self.end = self._next
            return None
        block = self._placed(frame)
        self._keep(block)
        return block

    def _placed(self, frame: Any) -> Block:
        import numpy as np

        rate = self.facts.sample_rate
        samples = _planar(frame, self.facts.channels)
        if frame.sample_rate != rate:
            raise not_sound("The recording changes its sample rate on the way.")
        if frame.pts is None:
            stamp = (self._next or 0) / rate + (self._origin_s or 0)
        else:
            stamp = float(frame.pts * frame.time_base)
        if self._origin_s is None:
            self._origin_s = self._first_origin_s = stamp
        start = round((stamp - self._origin_s) * rate)
        if self._next is None:
            start = self._on_grid(start, float(frame.time_base) * rate)
        elif abs(start - self._next) <= _JITTER_S * rate:
            start = self._next
        elif self._next < start <= self._next + _LONGEST_HOLE_S * rate:
            samples = np.concatenate([np.zeros((len(samples), start - self._next), np.float32), samples], axis=1)
            start = self._next
        else:
            # a clock that runs back (files joined end to end) or off: the sound goes on where it was
            self._origin_s += (start - self._next) / rate
            start = self._next
        block = Block(start, samples)
        self._next = block.end
        return block

    def _on_grid(self, start: int, tick: float) -> int:
        """Where a block after a seek begins, to the sample, for containers that count in ticks of many samples."""
        if tick <= 1 or self._grid is None:
            return start
        first_end, size = self._grid
        likely = first_end + round((start - first_end) / size) * size
        return likely if abs(likely - start) <= tick else start

    def _keep(self, block: Block) -> None:
        self._kept.append(block)
        while self._kept[-1].end - self._kept[0].end > _KEPT_S * self.facts.sample_rate:
            self._kept.popleft()


def _planar(frame: Any, channels: int) -> NDArray[np.float32]:
    """The samples of a frame as float32 [channels, count]; missing channels repeat the last, surplus ones are left."""
    import numpy as np

    raw = frame.to_ndarray()
    if not frame.format.is_planar:
        raw = raw.reshape(-1, frame.layout.nb_channels).T
    if raw.dtype == np.uint8:
        samples = (raw.astype(np.float32) - 128) / 128
    elif raw.dtype.kind == "i":
        samples = raw.astype(np.float32) / np.float32(2 ** (raw.dtype.itemsize * 8 - 1))
    else:
        samples = raw.astype(np.float32)
    if len(samples) < channels:
        samples = np.concatenate([samples, np.repeat(samples[-1:], channels - len(samples), axis=0)])
    return np.ascontiguousarray(samples[:channels])
