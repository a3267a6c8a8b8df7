"""A capture's frames laid out in time, as they come and again from the journal: the same frames, the same places.

Audio zero is the stream's own start where frames count from it, else the earliest of the first frames. It is settled
once `SETTLED_BY` of them are there, or when there will be no more; until then nothing has a place.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from qa_player.live.frames import Media, Start
from qa_player.live.markers import Markers
from qa_player.live.placing import LEAP_MS, TrackClock
from qa_player.live.samples import Format, OrderTest, format_told
from qa_player.model.live import MarkerKind

SETTLED_BY = 50
TRACKS = ("inbound", "outbound")
LONGEST_FRAME_S = 10
UNEVEN_MS = 60
RESTART_MS = 100
"""A stream that begins anew this long before its end, by its clock, has begun that anew, too."""

Ref = tuple[int, int]
"""Where the journal has a frame: the number of the record, and of the entry in it."""


@dataclass(frozen=True)
class Piece:
    """Part of a track: its place and length in samples of the capture's rate, and where its bytes are."""

    start: int
    length: int
    ref: Ref
    form: Format


class Index:
    """The pieces of one track by place, in as little memory as twelve hours of them allow.

    One thread adds, any may ask.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._starts, self._lengths = array("q"), array("l")
        self._records, self._entries, self._forms = array("l"), array("l"), array("B")
        self._known: list[Format] = []

    def add(self, piece: Piece) -> None:
        if piece.form not in self._known:
            self._known.append(piece.form)
        with self._turn:
            at = bisect_left(self._starts, piece.start)
            self._starts.insert(at, piece.start)
            self._lengths.insert(at, piece.length)
            self._records.insert(at, piece.ref[0])
            self._entries.insert(at, piece.ref[1])
            self._forms.insert(at, min(self._known.index(piece.form), 255))

    def __len__(self) -> int:
        return len(self._starts)

    def between(self, start: int, end: int) -> list[Piece]:
        """The pieces that have samples in [start, end), in order."""
        with self._turn:
            return list(self._between(start, end))

    def _between(self, start: int, end: int) -> Iterator[Piece]:
        at = max(bisect_left(self._starts, start) - 1, 0)
        while at < len(self._starts) and self._starts[at] < end:
            if self._starts[at] + self._lengths[at] > start:
                yield Piece(
                    self._starts[at],
                    self._lengths[at],
                    (self._records[at], self._entries[at]),
                    self._known[self._forms[at]],
                )
            at += 1


class Timeline:
    """Feed it frames in the order in which they came; `finish` it when no more will come."""

    def __init__(self, expected: Format) -> None:
        self.rate = expected.rate
        self.form = expected
        self.markers = Markers()
        self.tracks = (Index(), Index())
        self.frames = self.lost = 0
        self.stream_id = self.call_id = ""
        self.order = OrderTest()
        self._expected = expected
        self._clocks = (TrackClock(expected.rate), TrackClock(expected.rate))
        self._digests: dict[tuple[int, int | None], bytes] = {}
        self._waiting: list[tuple[Media, Ref]] | None = []
        self._zero_ms = self._shift_ms = 0
        self._restarted = False

    @property
    def settled(self) -> bool:
        """Whether frames have places by now."""
        return self._waiting is None

    @property
    def end(self) -> int:
        """Behind the last sample of either track."""
        return max(clock.end for clock in self._clocks)

    @property
    def end_ms(self) -> int:
        """`end` in whole milliseconds."""
        return self.end * 1_000 // self.rate

    @property
    def even_end(self) -> int:
        """Up to where both sides are there; one that is not sent, or is `UNEVEN_MS` behind, is not waited for."""
        ends = [clock.end for clock, track in zip(self._clocks, self.tracks, strict=True) if len(track)]
        return max(min(ends, default=0), self.end - UNEVEN_MS * self.rate // 1_000)

    def start(self, frame: Start) -> None:
        """The stream begins, or begins anew: then what follows comes behind what is there."""
        form = format_told(frame.encoding, frame.sample_rate, self._expected)
        if not self.stream_id and not self.frames:
            self.rate = form.rate
            self._clocks = (TrackClock(form.rate), TrackClock(form.rate))
        else:
            self.markers.add(MarkerKind.STREAM, "the stream began anew", at_ms=self.end_ms)
            self.finish()
            self._restarted = True
            for clock in self._clocks:
                clock.restart()
            self._digests.clear()
        if form.rate != self.rate:
            self.markers.add(MarkerKind.FORMAT, f"from here on {form.rate} samples a second", at_ms=self.end_ms)
        self.form = form
        self.stream_id, self.call_id = frame.stream_id, frame.call_id

    def media(self, frame: Media, ref: Ref) -> None:
        """One frame of sound, which the journal has at ``ref``."""
        self.frames += 1
        if not self.stream_id and self.frames == 1:
            self.markers.add(MarkerKind.STREAM, "sound came before the stream was announced", at_ms=0)
        if self.stream_id and frame.stream_id and frame.stream_id != self.stream_id:
            self._lose(frame, "frames of another stream on the same line")
        elif frame.track not in TRACKS:
            self._lose(frame, "frames of a track that is neither inbound nor outbound")
        elif frame.payload is None:
            self._lose(frame, "frames whose sound is not base64")
        elif self._waiting is not None:
            self._waiting.append((frame, ref))
            if len(self._waiting) >= SETTLED_BY:
                self.finish()
        else:
            self._place(frame, ref)

    def finish(self) -> None:
        """Settle with what is there; may be called again and again."""
        waiting, self._waiting = self._waiting, None
        if not waiting:
            if waiting is not None and not self.frames:
                self._waiting = waiting
            return
        told = [frame.timestamp_ms for frame, _ in waiting if frame.timestamp_ms is not None]
        low = min(told, default=0)
        self._zero_ms = 0 if low <= LEAP_MS else low
        self._halve_rate([frame for frame, _ in waiting])
        for frame, ref in waiting:
            self._place(frame, ref)

    def _halve_rate(self, frames: list[Media]) -> None:
        """A stream that says 16 kHz and sends 8 kHz: each frame lasts twice as long as its bytes."""
        steps: list[float] = []
        last: dict[str, Media] = {}
        for frame in frames:
            before = last.get(frame.track)
            last[frame.track] = frame
            if before is None or before.timestamp_ms is None or frame.timestamp_ms is None or not before.payload:
                continue
            lasts_ms = len(before.payload) / self.form.bytes_per_sample * 1_000 / self.form.rate
            steps.append((frame.timestamp_ms - before.timestamp_ms) / lasts_ms)
        halves = sum(1.9 <= step <= 2.1 for step in steps)
        if len(steps) >= 20 and halves > 0.9 * len(steps) and self.form.rate == self.rate == 16_000:
            self.form = Format(self.form.mulaw, 8_000)
            self.rate = 8_000
            self._clocks = (TrackClock(8_000), TrackClock(8_000))
            self.markers.add(MarkerKind.FORMAT, "said to be 16000 samples a second, and is 8000", at_ms=0)

    def _place(self, frame: Media, ref: Ref) -> None:
        payload = frame.payload or b""
        track = TRACKS.index(frame.track)
        clock = self._clocks[track]
        count = len(payload) // self.form.bytes_per_sample
        length = count * self.rate // self.form.rate
        if not 0 < count <= LONGEST_FRAME_S * self.form.rate:
            self._lose(frame, "frames without sound, or with too much of it")
            return
        if len(payload) % self.form.bytes_per_sample:
            text = "frames with half a sample at their end, which is left out of the sound"
            self.markers.add(MarkerKind.FORMAT, text, track=frame.track, at_ms=self._ms(clock.end))
        digest = blake2b(payload, digest_size=8).digest()
        place = clock.place(self._at(frame), frame.chunk, length)
        if place.start is None:
            same = self._digests.get((track, frame.chunk)) == digest
            text = "frames that came twice" if same else "frames for a place that has others already"
            self.markers.add(MarkerKind.REPEATED, text, track=frame.track, at_ms=self._near(frame))
            self.lost += 0 if same else 1
            return
        self._remember(track, frame.chunk, digest)
        self.tracks[track].add(Piece(place.start, length, ref, self.form))
        if not self.form.mulaw and self.order.big_endian is None:
            self.order.hear(payload)
        self._tell(frame.track, place.start, length, why=place.why, gap=place.gap, missing=place.missing)

    def _tell(
        self, track: str, start: int, length: int, *, why: str, gap: tuple[int, int] | None, missing: int
    ) -> None:
        if gap is not None:
            self.lost += missing
            text = f"{missing} frames did not come; silence stands for them" if missing else "nothing came; silence"
            self.markers.gap(text, track=track, start_ms=self._ms(gap[0]), end_ms=self._ms(gap[1]), count=missing)
        if why == "late":
            self.lost = max(0, self.lost - 1)
            self.markers.filled(track, self._ms(start), self._ms(start + length))
        elif why:
            self.markers.add(MarkerKind.CLOCK, why, track=track, at_ms=self._ms(start))

    def _at(self, frame: Media) -> int | None:
        """The sample at which the frame says it begins."""
        if frame.timestamp_ms is None:
            return None
        at_ms = frame.timestamp_ms - self._zero_ms + self._shift_ms
        if self._restarted:
            self._restarted = False
            if not self.end_ms - RESTART_MS <= at_ms <= self.end_ms + LEAP_MS:
                self._shift_ms += self.end_ms - at_ms
                at_ms = self.end_ms
        return at_ms * self.rate // 1_000

    def _near(self, frame: Media) -> int:
        """Milliseconds from audio zero, as far as the frame can be believed."""
        if frame.timestamp_ms is None:
            return self.end_ms
        return min(max(frame.timestamp_ms - self._zero_ms + self._shift_ms, 0), self.end_ms)

    def _lose(self, frame: Media, text: str) -> None:
        self.lost += 1
        track = frame.track if frame.track in TRACKS else ""
        at_ms = self.end_ms if self._waiting is not None else self._near(frame)
        self.markers.add(MarkerKind.LOST, text, track=track, at_ms=at_ms)

    def _remember(self, track: int, chunk: int | None, digest: bytes) -> None:
        if chunk is not None:
            self._digests[track, chunk] = digest
            if len(self._digests) > 4_000:
                del self._digests[next(iter(self._digests))]

    def _ms(self, sample: int) -> int:
        return sample * 1_000 // self.rate
