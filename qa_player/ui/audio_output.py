"""The sound device: a QAudioSink on a thread of its own, which only copies what the engine has ready.

On the window's thread a stall of 300 ms would lose 240 ms of sound; here it loses none. Fits `media.engine.Output`.
"""

from __future__ import annotations

import atexit
import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QIODevice, QLoggingCategory, QObject, Qt, QThread, QTimer, Signal, Slot

from qa_player import signal
from qa_player.media.ring import FRAME_BYTES, OUTPUT_RATE

# before the library is loaded: it tells standard error which of its own libraries it found
QLoggingCategory.setFilterRules("qt.multimedia.*=false")

from PySide6.QtMultimedia import QAudioDevice, QAudioFormat, QAudioSink, QMediaDevices, QtAudio  # noqa: E402

Pull = Callable[[int], bytes]

BUFFER_MS = 250
"""Less ran clean on an idle machine only; seeks do not wait for it, they drop it."""

_REPORT_MS = 4
_LOOK_AGAIN_MS = 2_000
_PLENTY = 1 << 30


@dataclass(frozen=True)
class Device:
    """A sound device a person may choose; ``device_id`` is the system's own."""

    device_id: bytes
    name: str


def _format() -> QAudioFormat:
    wanted = QAudioFormat()
    wanted.setSampleRate(OUTPUT_RATE)
    wanted.setChannelCount(2)
    wanted.setSampleFormat(QAudioFormat.SampleFormat.Int16)
    return wanted


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
        samples = self._pull(maxlen // FRAME_BYTES)
        self._read()
        return samples

    def writeData(self, _data: bytes | bytearray | memoryview[int], _length: int, /) -> int:
        return -1


class _Sink(QObject):
    """Lives on the sink's thread; everything arrives by queued signals."""

    failed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.progress = (0, 0, 0)
        """Run, frames played, monotonic nanoseconds: replaced whole, read from any thread."""
        self._run = 0
        self._device: QAudioDevice | None = None
        self._sink: QAudioSink | None = None
        self._source: _Source | None = None
        self._timer: QTimer | None = None
        self._stopping = False

    @Slot(int, object, object)
    def start(self, run: int, pull: Pull, device: QAudioDevice) -> None:
        self.stop()
        sink = self._sink_for(device)
        self._run = run
        self._source = _Source(pull, self._report)
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
            self._sink.suspend()
            self._report()

    @Slot()
    def resume(self) -> None:
        if self._sink is not None and self._source is not None:
            self._sink.resume()

    @Slot()
    def shut_down(self) -> None:
        """Let the device go, on the thread that took it."""
        self.stop()
        self._sink = self._timer = None
        self.thread().quit()

    def _sink_for(self, device: QAudioDevice) -> QAudioSink:
        if self._sink is not None and self._device == device:
            return self._sink
        self._device = device
        self._sink = sink = QAudioSink(device, _format())
        sink.setBufferSize(BUFFER_MS * OUTPUT_RATE * FRAME_BYTES // 1_000)
        sink.stateChanged.connect(self._look_at_state)
        if self._timer is None:
            self._timer = QTimer()
            self._timer.setTimerType(Qt.TimerType.PreciseTimer)
            self._timer.setInterval(_REPORT_MS)
            self._timer.timeout.connect(self._report)
        return sink

    def _report(self) -> None:
        if self._sink is not None:
            frames = self._sink.processedUSecs() * OUTPUT_RATE // 1_000_000
            self.progress = (self._run, frames, time.monotonic_ns())

    @Slot(QtAudio.State)
    def _look_at_state(self, state: QtAudio.State) -> None:
        if state == QtAudio.State.StoppedState and not self._stopping:
            self.failed.emit()


class AudioOutput(QObject):
    """Made on the window's thread, used from any. `close` before the application ends.

    ``changed`` tells, on the window's thread, that there is sound now (true: give the engine this output anew) or that
    there is none (false: give it a `NullOutput`): a device came, went, or another is to be used.
    """

    _start = Signal(int, object, object)
    _stop = Signal()
    _suspend = Signal()
    _resume = Signal()
    _shut_down = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.changed: signal.Signal[bool] = signal.Signal()
        self._run = 0
        self._chosen: bytes | None = None
        self._broken = False
        self._devices = QMediaDevices()
        self._device = self._wanted_device()
        self._sink = _Sink()
        self._thread = QThread()
        self._thread.setObjectName("sound")
        self._sink.moveToThread(self._thread)
        queued = Qt.ConnectionType.QueuedConnection
        self._start.connect(self._sink.start, queued)
        self._stop.connect(self._sink.stop, queued)
        self._suspend.connect(self._sink.suspend, queued)
        self._resume.connect(self._sink.resume, queued)
        self._shut_down.connect(self._sink.shut_down, queued)
        self._sink.failed.connect(self._lose, queued)
        self._devices.audioOutputsChanged.connect(self._look)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_LOOK_AGAIN_MS)
        self._again.timeout.connect(self._try_again)
        self._thread.start(QThread.Priority.TimeCriticalPriority)
        atexit.register(self.close)

    @property
    def available(self) -> bool:
        """Whether there is a device that takes our sound."""
        return not self._broken and not self._device.isNull()

    def devices(self) -> list[Device]:
        """The sound devices there are."""
        return [Device(bytes(device.id().data()), device.description()) for device in self._devices.audioOutputs()]

    def choose(self, device_id: bytes | None) -> None:
        """Use this device from now on, the system's own choice when null or while it is absent."""
        self._chosen = device_id
        self._look()

    def start(self, pull: Pull) -> None:
        """Begin a run; `played` counts from zero at once."""
        self._run += 1
        self._start.emit(self._run, pull, self._device)

    def stop(self) -> None:
        """End the run and drop what was not played."""
        self._run += 1
        self._stop.emit()

    def suspend(self) -> None:
        """Silence; keep what was not played."""
        self._suspend.emit()

    def resume(self) -> None:
        """Go on after `suspend`."""
        self._resume.emit()

    def played(self) -> tuple[int, int]:
        """Frames of this run that left the sink's buffer, and when (monotonic nanoseconds)."""
        run, frames, at_ns = self._sink.progress
        return (frames, at_ns) if run == self._run else (0, time.monotonic_ns())

    def close(self) -> None:
        """Let the device and the thread go; twice is no error."""
        atexit.unregister(self.close)
        if self._thread.isRunning():
            self._again.stop()
            self._shut_down.emit()
            self._thread.wait(5_000)

    def _wanted_device(self) -> QAudioDevice:
        for device in self._devices.audioOutputs():
            if self._chosen is not None and bytes(device.id().data()) == self._chosen:
                return device
        return self._devices.defaultAudioOutput()

    @Slot()
    def _look(self) -> None:
        """Follow the system's devices."""
        before, was_available = self._device, self.available
        self._device = self._wanted_device()
        if self._device != before:
            self._broken = False
        if self.available != was_available or (self.available and self._device != before):
            self.changed.emit(self.available)

    @Slot()
    def _lose(self) -> None:
        """The device would not take our sound: none until it does."""
        if not self._broken:
            self._broken = True
            self.changed.emit(False)
        self._again.start()

    @Slot()
    def _try_again(self) -> None:
        self._device = self._wanted_device()
        if self._broken and not self._device.isNull():
            self._broken = False
            self.changed.emit(True)
