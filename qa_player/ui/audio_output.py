"""The sound device, on a thread of its own: fits `media.engine.Output`, and tells when there is none.

On the window's thread a stall of 300 ms would lose 240 ms of sound; here it loses none.
"""

from __future__ import annotations

import atexit
import time
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal, Slot

from qa_player import signal
from qa_player.ui.sound_sink import Pull, Sink, sound_server

# isort: split
# after the sink's module, which has told the library to be quiet
from PySide6.QtMultimedia import QAudioDevice, QMediaDevices

_LOOK_AGAIN_MS = 2_000


@dataclass(frozen=True)
class Device:
    """A sound device a person may choose; ``device_id`` is the system's own."""

    device_id: str
    name: str


class AudioOutput(QObject):
    """Made on the window's thread, used from any. `close` before the application ends.

    ``changed`` tells, on the window's thread, that there is sound now (true: give the engine this output anew) or that
    there is none (false: give it a `NullOutput`): a device came, went, or another is to be used.
    """

    _start = Signal(int, object, object, bool)
    _stop = Signal()
    _suspend = Signal()
    _resume = Signal()
    _shut_down = Signal()

    def __init__(self) -> None:
        super().__init__()
        sound_server()
        self.changed: signal.Signal[bool] = signal.Signal()
        self._run = 0
        self._chosen = ""
        self._refusing: set[str] = set()
        """Devices that did not take our sound: Qt goes on listing one that was unplugged (6.11.3, PulseAudio)."""
        self._broken = False
        self._devices = QMediaDevices()
        self._device = self._wanted_device()
        self._sink = Sink()
        self._thread = QThread()
        self._thread.setObjectName("sound")
        self._sink.moveToThread(self._thread)
        self._thread.started.connect(self._sink.begin)
        queued = Qt.ConnectionType.QueuedConnection
        self._start.connect(self._sink.start, queued)
        self._stop.connect(self._sink.stop, queued)
        self._suspend.connect(self._sink.suspend, queued)
        self._resume.connect(self._sink.resume, queued)
        self._shut_down.connect(self._sink.shut_down, queued)
        self._sink.failed.connect(self._lose, queued)
        self._sink.back.connect(self._try_again, queued)
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
        return [Device(_id_of(device), device.description()) for device in self._devices.audioOutputs()]

    def choose(self, device_id: str) -> None:
        """Use this device from now on, the system's own choice when empty or while it is absent."""
        self._chosen = device_id
        self._look()

    def start(self, pull: Pull, *, soon: bool = False) -> None:
        """Begin a run; `played` counts from zero at once. ``soon`` keeps less waiting."""
        self._run += 1
        self._start.emit(self._run, pull, self._device, soon)

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
        """The chosen one, else the system's choice, else any; one that refuses us only when there is no other."""
        there, preferred = self._devices.audioOutputs(), self._devices.defaultAudioOutput()
        chosen = [device for device in there if self._chosen and _id_of(device) == self._chosen]
        willing = [device for device in (*chosen, preferred, *there) if _id_of(device) not in self._refusing]
        return willing[0] if willing else preferred

    @Slot()
    def _look(self) -> None:
        """Follow the system's devices."""
        self._refusing.clear()
        before, was_available = self._device, self.available
        self._device = self._wanted_device()
        if self._device != before:
            self._broken = False
        if self.available != was_available or (self.available and self._device != before):
            self.changed.emit(self.available)

    @Slot()
    def _lose(self) -> None:
        """The device would not take our sound: another is used; without one, it is tried again soon, or when the sound
        server is known to be back."""
        if not self._sink.gone and not self._device.isNull():
            self._refusing.add(_id_of(self._device))
            self._device = self._wanted_device()
            if not self._broken and not self._device.isNull() and _id_of(self._device) not in self._refusing:
                self.changed.emit(True)
                return
        if not self._broken:
            self._broken = True
            self.changed.emit(False)
        if not self._sink.gone:
            self._again.start()

    @Slot()
    def _try_again(self) -> None:
        self._refusing.clear()
        self._device = self._wanted_device()
        if self._broken and not self._sink.gone and not self._device.isNull():
            self._broken = False
            self.changed.emit(True)


def _id_of(device: QAudioDevice) -> str:
    return bytes(device.id().data()).decode("utf-8", "replace")
