"""The thread that feeds the sound device: a QAudioSink, what it reads from, and a watch over both.

Only queued calls reach it, and it only copies what the engine has ready.
"""

from __future__ import annotations

import atexit
import functools
import time
from collections.abc import Callable

from PySide6.QtCore import QIODevice, QLoggingCategory, QObject, Qt, QTimer, Signal, Slot

from qa_player.media.engine.ring import FRAME_BYTES, OUTPUT_RATE
from qa_player.ui.sound_server import SoundServer

# before the library is loaded: it tells standard error which of its own libraries it found
QLoggingCategory.setFilterRules("qt.multimedia.*=false")

from PySide6.QtMultimedia import QAudioDevice, QAudioFormat, QAudioSink, QtAudio  # noqa: E402

Pull = Callable[[int], bytes]

BUFFER_MS = 250
"""Less ran clean on an idle machine only; seeks do not wait for it, they drop it."""

SOON_MS = 120
"""Of a call that goes on: a gap now and then is less harm than being late."""

_REPORT_MS = 4
_PUT_ASIDE_NS = 1_000_000
"""A count that took longer to ask for belongs to no known moment: the thread was put aside in between."""

_WATCH_MS = 250
_STUCK_NS = 3_000_000_000
"""A running device that takes nothing for so long is gone, whatever Qt says; an idle one may take 2 s to begin."""

_PLENTY = 1 << 30


def _format() -> QAudioFormat:
    wanted = QAudioFormat()
    wanted.setSampleRate(OUTPUT_RATE)
    wanted.setChannelCount(2)
    wanted.setSampleFormat(QAudioFormat.SampleFormat.Int16)
    return wanted


@functools.cache
def sound_server() -> SoundServer:
    """One for the process, as Qt's connection to it is."""
    server = SoundServer()
    atexit.register(server.close)
    return server


class _Source(QIODevice):
    """What the sink reads: always exactly as much as it asks for."""

    def __init__(self, pull: Pull, read: Callable[[], None]) -> None:
        super().__init__()
        self._pull = pull
        self._read = read
        self.open(QIODevice.OpenModeFlag.ReadOnly | QIODevice.OpenModeFlag.Unbuffered)

    def isSequential(self) -> bool:
        return True

    def bytesAvailable(self) -> int:
        # without it the sink believes that there is nothing, and never reads
        return _PLENTY

    def readData(self, maxlen: int, /) -> bytes:
        self._read()
        return self._pull(maxlen // FRAME_BYTES)

    def writeData(self, _data: bytes | bytearray | memoryview[int], _length: int, /) -> int:
        return -1


class Sink(QObject):
    """Lives on the sink's thread; everything arrives by queued signals."""

    failed = Signal()
    back = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.progress = (0, 0, 0)
        """Run, frames played, monotonic nanoseconds: replaced whole, read from any thread."""
        self._run = 0
        self._device: QAudioDevice | None = None
        self._sink: QAudioSink | None = None
        self._source: _Source | None = None
        self._timer: QTimer | None = None
        self._watch: QTimer | None = None
        self._stopping = False
        self._suspended = False
        self.gone = False
        self._read_ns = 0

    @Slot()
    def begin(self) -> None:
        """First on the new thread: timers belong to the thread that makes them."""
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_REPORT_MS)
        self._timer.timeout.connect(self._report)
        self._watch = QTimer()
        self._watch.setInterval(_WATCH_MS)
        self._watch.timeout.connect(self._look)
        self._watch.start()

    @Slot(int, object, object, bool)
    def start(self, run: int, pull: Pull, device: QAudioDevice, soon: bool) -> None:
        self.stop()
        self._look()
        if self.gone:
            self.failed.emit()
            return
        sink = self._sink_for(device)
        sink.setBufferSize((SOON_MS if soon else BUFFER_MS) * OUTPUT_RATE * FRAME_BYTES // 1_000)
        self._run, self._suspended = run, False
        self._read_ns = time.monotonic_ns()
        self._source = _Source(pull, self._note_read)
        sink.start(self._source)
        if sink.error() != QtAudio.Error.NoError:
            self.failed.emit()
        elif self._timer is not None:
            self._timer.start()

    @Slot()
    def stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        if self._sink is not None and self._source is not None:
            self._stopping = True
            self._sink.stop()
            self._stopping = False
        self._source = None

    @Slot()
    def suspend(self) -> None:
        if self._sink is not None and self._source is not None:
            self._suspended = True
            self._sink.suspend()
            self._report()

    @Slot()
    def resume(self) -> None:
        if self._sink is not None and self._source is not None:
            self._suspended = False
            self._read_ns = time.monotonic_ns()
            self._sink.resume()

    @Slot()
    def shut_down(self) -> None:
        """Let the device go, on the thread that took it."""
        self.stop()
        self._sink = self._timer = self._watch = None
        self.thread().quit()

    def _sink_for(self, device: QAudioDevice) -> QAudioSink:
        if self._sink is not None and self._device == device:
            return self._sink
        self._device = device
        self._sink = sink = QAudioSink(device, _format())
        sink.stateChanged.connect(self._look_at_state)
        return sink

    def _note_read(self) -> None:
        # its count is not asked for here: in the middle of a read it is between two values
        self._read_ns = time.monotonic_ns()

    @Slot()
    def _look(self) -> None:
        """Whether the server is there and takes sound."""
        gone = not sound_server().alive()
        if gone != self.gone:
            self.gone = gone
            if gone:
                # what was connected to it is of no use any more, and Qt is not to touch it again
                self.stop()
                self._sink = None
            (self.failed if gone else self.back).emit()
        playing = self._source is not None and not self._suspended
        if playing and time.monotonic_ns() - self._read_ns > _STUCK_NS:
            self.stop()
            self.failed.emit()

    def _report(self) -> None:
        if self._sink is None:
            return
        before = time.monotonic_ns()
        frames = self._sink.processedUSecs() * OUTPUT_RATE // 1_000_000
        after = time.monotonic_ns()
        if after - before < _PUT_ASIDE_NS:
            self.progress = (self._run, frames, (before + after) // 2)

    @Slot(QtAudio.State)
    def _look_at_state(self, state: QtAudio.State) -> None:
        if state == QtAudio.State.StoppedState and not self._stopping:
            self.failed.emit()
