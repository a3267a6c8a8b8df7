"""The playback engine: one recording from bytes to an output, its position, and nothing that waits.

A thread decodes from the wanted place through `Shape` into `Playout`; an output pulls from there. Every method returns
at once, whatever the network does: it leaves word of what is wanted, and the thread's reads are cancelled when their
answer is no longer wanted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from qa_player.errors import QaPlayerError
from qa_player.media.cache.reader import ReadCancelled
from qa_player.media.container.headers import MediaFile
from qa_player.media.decode.decoder import Block, Decoder
from qa_player.media.engine.playout import Output, Playout
from qa_player.media.engine.shape import Shape
from qa_player.model.playback import MAX_SPEED, MIN_SPEED, Channels, Heard

__all__ = ["Engine", "EngineSnapshot", "Output"]

OpenReader = Callable[[Callable[[], bool]], MediaFile]
"""Gives the recording as a blocking file whose reads end when the function it is handed says true."""

_SAME_LENGTH_MS = 100.0
"""Decoding to the end confirms a stated length that differs by less: codecs pad their last block."""

_LEAVE_S = 0.04


@dataclass(frozen=True)
class EngineSnapshot:
    """``position_ms`` is what is heard now, in milliseconds from audio zero; ``duration_ms`` null while unknown.

    ``duration_exact`` is false for a length that is only stated or estimated. ``buffering``: sound is wanted and is not
    there yet. ``ended``: played to the end. ``error`` is why nothing (more) is played; `Engine.play` tries again.
    """

    position_ms: float
    duration_ms: int | None
    duration_exact: bool
    playing: bool
    buffering: bool
    ended: bool
    error: QaPlayerError | None
    speed: float


class Engine:
    """Plays one recording. Any thread may call any method; none takes longer than a lock's short hold.

    ``notify`` is called, on any thread, when a snapshot differs for another reason than time or a call of yours.
    ``latency_ms`` is how long after the output's count a sample is heard.
    """

    def __init__(self, output: Output, *, latency_ms: float, notify: Callable[[], None] = lambda: None) -> None:
        self._playout = Playout(output, latency_ms=latency_ms)
        self._notify = notify
        self._lock = self._playout.changed
        self._open_reader: OpenReader | None = None
        self._thread: threading.Thread | None = None
        self._decoder: Decoder | None = None
        self._from_ms = 0.0
        self._speed = 1.0
        self._channels = Channels.BOTH
        self._duration_ms: float | None = None
        self._duration_exact = False
        self._error: QaPlayerError | None = None
        self._pass = 0

    def open(self, reader_factory: OpenReader) -> None:
        """Begin to decode, paused at zero or where `seek` said. Once for each engine."""
        with self._lock:
            self._open_reader = reader_factory
            self._restart(self._from_ms)
            self._thread = threading.Thread(target=self._work, name="decode")
            self._thread.start()

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
            if self._duration_ms is not None and self._duration_exact:
                position_ms = min(position_ms, self._duration_ms)
            self._restart(max(position_ms, 0.0))

    def set_speed(self, speed: float) -> None:
        """Play ``speed`` times as fast, 0.5 to 3, at the same pitch, from what is heard now."""
        with self._lock:
            speed = min(max(speed, MIN_SPEED), MAX_SPEED)
            if speed != self._speed:
                self._speed = speed
                self._restart_where_it_is()

    def set_channels(self, channels: Channels) -> None:
        """Hear both sides, or one on both ears."""
        with self._lock:
            if channels is not self._channels:
                self._channels = channels
                self._restart_where_it_is()

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
            if self._duration_ms is not None and self._duration_exact:
                position_ms = min(position_ms, self._duration_ms)
            return EngineSnapshot(
                position_ms=position_ms,
                duration_ms=None if self._duration_ms is None else round(self._duration_ms),
                duration_exact=self._duration_exact,
                playing=self._playout.playing,
                buffering=self._playout.buffering(),
                ended=self._playout.ended,
                error=self._error,
                speed=self._speed,
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

    def _restart(self, position_ms: float) -> None:
        self._from_ms = position_ms
        self._error = None
        self._playout.begin(position_ms)

    def _restart_where_it_is(self) -> None:
        if not self._playout.ended:
            self._restart(self._playout.position_ms())

    def _unwanted(self) -> bool:
        """Whether the decoder's read is for nothing. Opening goes on through a seek: it is needed in any case."""
        if self._decoder is None:
            return not self._playout.is_current(self._playout.current_pass)
        return not self._playout.is_current(self._pass)

    def _work(self) -> None:
        try:
            while self._playout.wait_for_work(self._pass):
                if self._playout.settle(failed=self._error is not None):
                    self._notify()
                else:
                    self._try_pass()
        finally:
            if self._decoder is not None:
                self._decoder.close()

    def _try_pass(self) -> None:
        with self._lock:
            self._pass = self._playout.current_pass
            from_ms, speed, channels = self._from_ms, self._speed, self._channels
        error: QaPlayerError | None = None
        try:
            self._decode(from_ms, speed, channels)
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

    def _decode(self, from_ms: float, speed: float, channels: Channels) -> None:
        """One pass: from ``from_ms`` to the end, or until another begins."""
        decoder = self._decoder or self._opened()
        decoder.seek(from_ms)
        rate = decoder.facts.sample_rate
        shape: Shape | None = None
        while (block := decoder.read()) is not None:
            if shape is None:
                shape = Shape(start_ms=block.start * 1_000 / rate, sample_rate=rate, speed=speed, channels=channels)
            if not self._written(shape, block):
                return
        if shape is None or self._written(shape, None):
            self._learn_length(decoder)
            self._playout.finish(self._pass)
            self._notify()

    def _written(self, shape: Shape, block: Block | None) -> bool:
        stretches = shape.finish() if block is None else shape.feed(block)
        return all(self._playout.write(self._pass, stretch) for stretch in stretches)

    def _opened(self) -> Decoder:
        open_reader = self._open_reader
        if open_reader is None:
            raise RuntimeError("an engine decodes only what was opened")
        decoder = Decoder(lambda: open_reader(self._unwanted))
        with self._lock:
            self._decoder = decoder
            self._duration_ms = decoder.facts.duration_ms
            self._duration_exact = decoder.facts.duration_exact
        self._notify()
        return decoder

    def _learn_length(self, decoder: Decoder) -> None:
        if decoder.end is None:
            return
        end_ms = decoder.end * 1_000 / decoder.facts.sample_rate
        with self._lock:
            if self._duration_ms is None or abs(self._duration_ms - end_ms) > _SAME_LENGTH_MS:
                self._duration_ms = end_ms
            self._duration_exact = True
