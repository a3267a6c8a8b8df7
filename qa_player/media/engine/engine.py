"""The playback engine: one recording, in one part or many, from bytes to an output, and nothing that waits.

A thread decodes from the wanted place through `Shape` into `Playout`; an output pulls from there. Every method returns
at once, whatever the network does: it leaves word of what is wanted, and the thread's reads are cancelled when their
answer is no longer wanted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from qa_player.errors import QaPlayerError
from qa_player.media.cache.reader import ReadCancelled
from qa_player.media.decode.landmarks import Landmarks
from qa_player.media.engine.course import Course, Replay
from qa_player.media.engine.growing import MakeGrowing, Places, Soundtrack
from qa_player.media.engine.playout import DEEP, Depth, Output, Playout
from qa_player.media.engine.programme import OpenReader, Placed, Programme, Segment
from qa_player.media.engine.ring import Stretch
from qa_player.media.engine.silence import Levels
from qa_player.media.engine.timeline import Timeline
from qa_player.model.playback import MAX_SPEED, MIN_SPEED, Channels, Heard, Listening

__all__ = ["Engine", "EngineSnapshot", "Output"]

_LEAVE_S = 0.04


@dataclass(frozen=True)
class EngineSnapshot:
    """``position_ms`` is what is heard now, in milliseconds from audio zero; ``duration_ms`` null while unknown.

    ``duration_exact`` is false for a length that is only stated or estimated. ``buffering``: sound is wanted and is not
    there yet. ``ended``: played to the end. ``error`` is why nothing (more) is played; `Engine.play` tries again.
    ``speed`` is that of what is heard now. ``apart``: the recording keeps its two sides on two channels.
    """

    position_ms: float
    duration_ms: int | None
    duration_exact: bool
    playing: bool
    buffering: bool
    ended: bool
    error: QaPlayerError | None
    speed: float
    apart: bool = False


class Engine:
    """Plays one recording. Any thread may call any method; none takes longer than a lock's short hold.

    ``notify`` is called, on any thread, when a snapshot differs for another reason than time or a call of yours.
    ``latency_ms`` is how long after the output's count a sample is heard, ``depth`` how much of it waits.
    """

    def __init__(
        self, output: Output, *, latency_ms: float, notify: Callable[[], None] = lambda: None, depth: Depth = DEEP
    ) -> None:
        self._playout = Playout(output, latency_ms=latency_ms, depth=depth)
        self._notify = notify
        self._lock = self._playout.changed
        self._programme: Places | None = None
        self._thread: threading.Thread | None = None
        self._from_ms = 0.0
        self._wanted = Listening()
        self._replay: Replay | None = None
        self._guarded: tuple[int, ...] = ()
        self._levels = Levels()
        self._apart = False
        self._error: QaPlayerError | None = None
        self._pass = 0

    def open(self, reader_factory: OpenReader, *, landmarks: Callable[[], Landmarks | None] = lambda: None) -> None:
        """`open_parts` with a single one."""
        self.open_parts((Segment(reader_factory, landmarks=landmarks),))

    def open_parts(self, segments: Sequence[Segment]) -> None:
        """Begin to decode, paused at zero or where `seek` said. Once for each engine."""
        programme = Programme(segments, self._notify)
        timeline = Timeline(programme, unwanted=self._unwanted, closed=self._closed)
        self._begin(programme, timeline)
        if len(segments) > 1:
            threading.Thread(target=timeline.survey, name="lengths of parts").start()

    def open_growing(self, make: MakeGrowing) -> None:
        """As `open_parts`, with what still comes in."""
        growing = make(self._unwanted)
        self._begin(growing, growing)

    def placed(self) -> tuple[Placed, ...]:
        """Every part with its place and its trouble."""
        return () if self._programme is None else tuple(self._programme.placed())

    def play(self) -> None:
        """Go on from the position; from the start when it had ended."""
        with self._lock:
            if self._playout.ended:
                self._restart(0.0)
            elif self._error is not None:
                self._restart(self._playout.position_ms())
            self._playout.play()

    def pause(self) -> None:
        """Silence; the position stays."""
        self._playout.pause()

    def seek(self, position_ms: float) -> None:
        """Go to ``position_ms``, at most the end; plays on from there if it plays."""
        with self._lock:
            duration_ms, exact = self._length()
            if duration_ms is not None and exact:
                position_ms = min(position_ms, duration_ms)
            self._replay = None
            self._restart(max(position_ms, 0.0))

    def replay(self, start_ms: float, end_ms: float, speed: float) -> None:
        """Go to ``start_ms`` and play at ``speed`` up to ``end_ms``, then on as usual; a seek ends it."""
        with self._lock:
            self.seek(start_ms)
            self._replay = Replay(start_ms, end_ms, speed)

    def listen(self, wanted: Listening) -> None:
        """Play as ``wanted`` says from what is heard now; speeds are 0.5 to 3, at the same pitch."""
        with self._lock:
            before = self._wanted
            self._wanted = replace(wanted, speed=min(max(wanted.speed, MIN_SPEED), MAX_SPEED))
            self._playout.gains = wanted.gains
            if self._wanted.speed != before.speed:
                self._replay = None
            if replace(self._wanted, volumes=before.volumes) != before:
                self._restart_where_it_is()

    def set_speed(self, speed: float) -> None:
        """Play ``speed`` times as fast."""
        self.listen(replace(self._wanted, speed=speed))

    def set_channels(self, channels: Channels) -> None:
        """Hear both sides, or one on both ears."""
        self.listen(replace(self._wanted, channels=channels))

    def guard(self, edges_ms: Iterable[int]) -> None:
        """Where turns and words begin and end: silence near them is never left out. In force from the next seek on."""
        with self._lock:
            self._guarded = tuple(sorted(set(edges_ms)))

    def set_latency(self, latency_ms: float) -> None:
        """A sample is heard so long after the output's count, from now on."""
        self._playout.set_latency(latency_ms)

    def set_output(self, output: Output) -> None:
        """Send sound to another output from what is heard now."""
        with self._lock:
            position_ms, ended = self._playout.position_ms(), self._playout.ended
            self._playout.use(output)
            if not ended:
                self._restart(position_ms)

    def snapshot(self) -> EngineSnapshot:
        """How it stands now."""
        with self._lock:
            position_ms = self._playout.position_ms()
            duration_ms, exact = self._length()
            if duration_ms is not None and exact:
                position_ms = min(position_ms, duration_ms)
            return EngineSnapshot(
                position_ms=position_ms,
                duration_ms=None if duration_ms is None else round(duration_ms),
                duration_exact=exact,
                playing=self._playout.playing,
                buffering=self._playout.buffering(),
                ended=self._playout.ended,
                error=self._error,
                speed=self._speed_at(position_ms),
                apart=self._apart,
            )

    def heard(self) -> list[Heard]:
        """What has gone past the ear since this was last asked, in the order in which it was heard."""
        return self._playout.heard()

    def close(self) -> None:
        """Silence, and let the thread go; it is gone once its read has noticed."""
        self._playout.close()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(_LEAVE_S)

    def _begin(self, places: Places, soundtrack: Soundtrack) -> None:
        with self._lock:
            self._programme = places
            self._restart(self._from_ms)
            self._thread = threading.Thread(target=self._work, args=(soundtrack,), name="decode")
            self._thread.start()

    def _restart(self, position_ms: float) -> None:
        self._from_ms = position_ms
        self._error = None
        self._playout.begin(position_ms)

    def _restart_where_it_is(self) -> None:
        if not self._playout.ended:
            self._restart(self._playout.position_ms())

    def _length(self) -> tuple[float | None, bool]:
        return (None, False) if self._programme is None else self._programme.length()

    def _speed_at(self, position_ms: float) -> float:
        if self._replay is not None and self._replay.holds(position_ms):
            return self._replay.speed
        return self._wanted.speed

    def _unwanted(self) -> bool:
        return not self._playout.is_current(self._pass)

    def _closed(self) -> bool:
        return not self._playout.is_current(self._playout.current_pass)

    def _work(self, timeline: Soundtrack) -> None:
        try:
            while self._playout.wait_for_work(self._pass):
                if self._playout.settle(failed=self._error is not None):
                    self._notify()
                else:
                    self._try_pass(timeline)
        finally:
            timeline.close()

    def _try_pass(self, timeline: Soundtrack) -> None:
        with self._lock:
            self._pass = self._playout.current_pass
            from_ms, wanted, replay, guarded = self._from_ms, self._wanted, self._replay, self._guarded
        error: QaPlayerError | None = None
        try:
            course = Course(
                timeline, from_ms=from_ms, wanted=wanted, replay=replay, levels=self._levels, guarded=guarded
            )
            self._decode(course)
        except ReadCancelled:
            return
        except QaPlayerError as known:
            error = known
        except BaseException:
            self._fail(QaPlayerError("The recording could not be played on.", "Open the session again."))
            raise
        if error is not None:
            self._fail(error)

    def _fail(self, error: QaPlayerError) -> None:
        """Keep why, and let what was decoded be heard to its end."""
        with self._lock:
            if self._playout.is_current(self._pass):
                self._error = error
        self._playout.finish(self._pass)
        self._notify()

    def _decode(self, course: Course) -> None:
        """One pass: to the end, or until another begins."""
        for stretches in course.stretches():
            if not self._playout.is_current(self._pass) or not all(map(self._written, stretches)):
                return
        self._playout.finish(self._pass)
        self._notify()

    def _written(self, stretch: Stretch) -> bool:
        if stretch.apart != self._apart:
            self._apart = stretch.apart
            self._notify()
        return self._playout.write(self._pass, stretch)
