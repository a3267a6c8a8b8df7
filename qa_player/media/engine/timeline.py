"""The sound of a programme, part after part: each decoded in its place, silence of the true length where there is none.

Parts may differ in container, codec, rate and channels. A part that cannot be had is silent for as long as it is known
to last, and the next one follows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qa_player.errors import QaPlayerError
from qa_player.media.cache.reader import ReadCancelled
from qa_player.media.decode.decoder import Block, Decoder
from qa_player.media.engine.programme import Placed, Programme
from qa_player.media.engine.ring import OUTPUT_RATE

_SILENCE_MS = 100.0
"""Silence comes in pieces of this length, so that a seek need not wait for all of it."""


@dataclass(frozen=True)
class Sound:
    """``block`` sounds from ``start_ms`` of the timeline on; its own ``start`` counts from its part's beginning."""

    start_ms: float
    sample_rate: int
    block: Block

    @property
    def end_ms(self) -> float:
        """The place after its last sample."""
        return self.start_ms + (self.block.end - self.block.start) * 1_000 / self.sample_rate

    def follows(self, before: Sound) -> bool:
        """Whether it goes on where ``before`` ends, to the sample and at the same rate."""
        apart_ms = abs(self.start_ms - before.end_ms)
        return self.sample_rate == before.sample_rate and apart_ms * self.sample_rate < 500


class Timeline:
    """One thread reads it. ``unwanted`` ends reads that nobody waits for any more, ``closed`` those of the survey.

    With a single part its errors are raised; of several, an error is raised only when no part is left.
    """

    def __init__(self, programme: Programme, *, unwanted: Callable[[], bool], closed: Callable[[], bool]) -> None:
        self._programme = programme
        self._unwanted = unwanted
        self._closed = closed
        self._decoder: tuple[int, Decoder] | None = None
        self._number = 0
        self._position_ms = 0.0
        self._entered = False
        """Whether sound of the current part was read since the last seek: its decoder stands where it goes on."""
        self._runs_on = False
        """Whether a part was heard to its end: then the next is heard from its first sample, whatever padding took."""
        self._asked_for = -1
        """The part that somebody sought: one that failed is tried again there, and not in passing."""

    def survey(self) -> None:
        """Read the lengths of all parts from their headers, on a thread of its own."""
        for number, segment in enumerate(self._programme.segments):
            open_reader = segment.open_reader
            if open_reader is None or self._programme.placed()[number].exact:
                continue
            try:
                decoder = Decoder(lambda open_reader=open_reader: open_reader(self._closed))  # type: ignore[misc]
            except ReadCancelled:
                return
            except QaPlayerError as error:
                # the sound that is heard before it is not to stop for it
                self._programme.fail(number, error)
            else:
                self._programme.learn_stated(number, decoder.facts.duration_ms, exact=decoder.facts.duration_exact)
                decoder.close()

    def seek(self, position_ms: float) -> None:
        """Let the next sound begin at ``position_ms``, at most the end."""
        self._position_ms = position_ms
        self._number, self._entered, self._runs_on = 0, False, False
        last = len(self._programme.segments) - 1
        while True:
            place = self._known_place()
            end_ms = self._end_of(place)
            if self._number == last or end_ms is None or position_ms < end_ms:
                break
            self._number += 1
        self._asked_for = self._number

    def read(self) -> Sound | None:
        """The next sound, null at the end."""
        while self._number < len(self._programme.segments):
            place = self._known_place()
            start_ms = place.start_ms or 0.0
            if self._position_ms < start_ms and self._apart():
                return self._silence(start_ms)
            if place.error is None or self._asked_for == self._number:
                sound = self._sound(start_ms)
                if sound is not None:
                    return sound
                place = self._programme.placed()[self._number]
            elif not self._programme.any_left():
                raise place.error
            end_ms = start_ms + (place.duration_ms or 0.0)
            if place.error is not None and self._position_ms < end_ms:
                return self._silence(end_ms)
            self._runs_on = self._runs_on or self._entered
            self._number, self._entered = self._number + 1, False
        return None

    def close(self) -> None:
        """Give the memory back."""
        if self._decoder is not None:
            self._decoder[1].close()
            self._decoder = None

    def _apart(self) -> bool:
        """Whether the current part has a place of its own: one that follows another begins where that one ended."""
        return self._programme.segments[self._number].start_ms is not None

    def _known_place(self) -> Placed:
        """Where the current part lies; its header is read for its length."""
        place = self._programme.placed()[self._number]
        if place.duration_ms is None and place.error is None:
            try:
                self._opened(self._number)
            except QaPlayerError as error:
                self._fail(error)
            place = self._programme.placed()[self._number]
        return place

    def _end_of(self, place: Placed) -> float | None:
        if place.start_ms is None or place.duration_ms is None:
            return None
        return place.start_ms + place.duration_ms

    def _sound(self, start_ms: float) -> Sound | None:
        """The next sound of the current part; null when it has ended, or failed."""
        try:
            decoder = self._opened(self._number)
            if not self._entered:
                decoder.seek(0.0 if self._runs_on else max(self._position_ms - start_ms, 0.0))
            block = decoder.read()
        except QaPlayerError as error:
            self._fail(error)
            return None
        rate = decoder.facts.sample_rate
        if block is None:
            if decoder.end is not None:
                self._programme.learn_end(self._number, decoder.end * 1_000 / rate)
            return None
        self._entered = True
        self._programme.recover(self._number)
        sound = Sound(start_ms + block.start * 1_000 / rate, rate, block)
        self._position_ms = sound.end_ms
        return sound

    def _silence(self, until_ms: float) -> Sound:
        import numpy as np

        missing_ms = until_ms - self._position_ms
        piece_ms = missing_ms if missing_ms < 2 * _SILENCE_MS else _SILENCE_MS
        start_ms = self._position_ms
        self._position_ms = until_ms if piece_ms == missing_ms else start_ms + piece_ms
        frames = max(round(piece_ms * OUTPUT_RATE / 1_000), 1)
        return Sound(start_ms, OUTPUT_RATE, Block(0, np.zeros((1, frames), np.float32)))

    def _fail(self, error: QaPlayerError) -> None:
        self._programme.fail(self._number, error)
        self._entered, self._asked_for = False, -1
        if not self._programme.any_left():
            raise error

    def _opened(self, number: int) -> Decoder:
        if self._decoder is not None and self._decoder[0] == number:
            return self._decoder[1]
        self.close()
        segment = self._programme.segments[number]
        open_reader = segment.open_reader
        if open_reader is None:
            raise segment.error or RuntimeError("a part without a file says why")
        # a single part is needed wherever a seek goes: its opening outlives it
        alone = len(self._programme.segments) == 1

        def unwanted() -> bool:
            return self._closed() if alone and self._decoder is None else self._unwanted()

        decoder = Decoder(lambda: open_reader(unwanted), landmarks=segment.landmarks)
        self._decoder = number, decoder
        self._programme.learn_stated(number, decoder.facts.duration_ms, exact=decoder.facts.duration_exact)
        return decoder
