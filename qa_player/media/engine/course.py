"""The way through a recording that a listener asked for: leg after leg, silences left out, shaped for the output."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qa_player.media.engine.growing import Soundtrack
from qa_player.media.engine.ring import Stretch
from qa_player.media.engine.shape import Shape
from qa_player.media.engine.silence import Cutter, Levels, Piece
from qa_player.media.engine.timeline import Sound
from qa_player.model.playback import Listening


@dataclass(frozen=True)
class Replay:
    """From ``start_ms`` to ``end_ms`` at another ``speed``; what follows is as usual."""

    start_ms: float
    end_ms: float
    speed: float

    def holds(self, position_ms: float) -> bool:
        """Whether ``position_ms`` is in it."""
        return self.start_ms <= position_ms < self.end_ms


@dataclass(frozen=True)
class Leg:
    """From ``start_ms`` to ``end_ms``, or to the end of the recording, at one speed."""

    start_ms: float
    end_ms: float | None
    speed: float


def legs(from_ms: float, wanted: Listening, replay: Replay | None) -> Iterator[Leg]:
    """The legs from ``from_ms`` on; a loop has no last one."""
    loop = wanted.loop if wanted.loop is not None and wanted.loop.holds(from_ms) else None
    end_ms = None if loop is None else float(loop.end_ms)
    if replay is not None and replay.holds(from_ms):
        until_ms = replay.end_ms if end_ms is None else min(replay.end_ms, end_ms)
        yield Leg(from_ms, until_ms, replay.speed)
        from_ms = until_ms
    if end_ms is None or from_ms < end_ms:
        yield Leg(from_ms, end_ms, wanted.speed)
    while loop is not None:
        yield Leg(float(loop.start_ms), end_ms, wanted.speed)


class Course:
    """One pass over ``timeline`` from ``from_ms`` on, as ``wanted`` says; made anew for every seek and every change.

    ``levels`` is what was measured of the recording so far; ``guarded`` are edges that silence is not cut near.
    """

    def __init__(
        self,
        timeline: Soundtrack,
        *,
        from_ms: float,
        wanted: Listening,
        replay: Replay | None,
        levels: Levels,
        guarded: tuple[int, ...],
    ) -> None:
        self._timeline = timeline
        self._legs = legs(from_ms, wanted, replay)
        self._wanted = wanted
        self._levels = levels
        self._guarded = guarded
        self._shape: Shape | None = None
        self._cutter: Cutter | None = None
        self._before: Sound | None = None

    def stretches(self) -> Iterator[list[Stretch]]:
        """What the output takes, in order. A list may be empty: a long silence is being left out."""
        for leg in self._legs:
            sounded = False
            for ready in self._leg(leg):
                sounded = sounded or bool(ready)
                yield ready
            if not sounded and leg.end_ms is not None:
                # a loop past the end of the recording would go round for ever
                return

    def _leg(self, leg: Leg) -> Iterator[list[Stretch]]:
        self._timeline.seek(leg.start_ms)
        while (sound := self._timeline.read()) is not None:
            until = _samples_until(sound, leg.end_ms)
            if until <= 0:
                break
            samples = sound.block.samples[:, :until]
            if self._shape is None or not self._follows(sound):
                yield self._finished()
                self._begin(sound.sample_rate, leg.speed)
            self._before = sound
            yield self._shaped([Piece(sound.start_ms, samples)])
            if until < sound.block.samples.shape[1]:
                break
        yield self._finished()

    def _follows(self, sound: Sound) -> bool:
        before = self._before
        same_sides = before is not None and len(before.block.samples) == len(sound.block.samples)
        return before is not None and same_sides and sound.follows(before)

    def _begin(self, rate: int, speed: float) -> None:
        self._shape = Shape(
            sample_rate=rate, speed=speed, channels=self._wanted.channels, levelled=self._wanted.levelled
        )
        if self._wanted.skips_silence:
            self._cutter = Cutter(rate, self._levels, self._guarded)

    def _shaped(self, pieces: list[Piece]) -> list[Stretch]:
        if self._cutter is not None:
            pieces = [kept for piece in pieces for kept in self._cutter.feed(piece)]
        return self._fed(pieces)

    def _fed(self, pieces: list[Piece]) -> list[Stretch]:
        shape = self._shape
        return [] if shape is None else [stretch for piece in pieces for stretch in shape.feed(piece)]

    def _finished(self) -> list[Stretch]:
        """What was held back; the next sound begins anew."""
        if self._shape is None:
            return []
        ready = self._fed(self._cutter.finish() if self._cutter is not None else [])
        ready += self._shape.finish()
        self._shape = self._cutter = None
        return ready


def _samples_until(sound: Sound, end_ms: float | None) -> int:
    """How many samples of ``sound`` lie before ``end_ms``."""
    count = int(sound.block.samples.shape[1])
    return count if end_ms is None else min(round((end_ms - sound.start_ms) * sound.sample_rate / 1_000), count)
