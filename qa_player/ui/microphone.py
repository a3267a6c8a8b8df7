"""The microphone, while somebody speaks into a call: 8 kHz sound as it comes, and nothing before or after."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from qa_player.errors import UsageError
from qa_player.ui import sound_sink as _quiet  # noqa: F401 -- it has told the library to be quiet

# isort: split
from PySide6.QtMultimedia import QAudioFormat, QAudioSource, QMediaDevices, QtAudio

RATE = 8_000
BUFFER_MS = 100


class Microphone(QObject):
    """``heard`` takes 16-bit samples of one channel in the machine's byte order, on the window's thread."""

    def __init__(self, heard: Callable[[bytes], object], parent: QObject) -> None:
        super().__init__(parent)
        self._heard = heard
        self._source: QAudioSource | None = None

    def open(self) -> None:
        """Listen from now on. Raises UsageError where there is nothing that hears."""
        self.close()
        device = QMediaDevices.defaultAudioInput()
        if device.isNull() or not device.isFormatSupported(_format()):
            raise UsageError("There is no microphone here that can be used.", "Connect one, then hold the key again.")
        source = QAudioSource(device, _format(), self)
        source.setBufferSize(BUFFER_MS * RATE * 2 // 1_000)
        stream = source.start()
        if source.error() != QtAudio.Error.NoError or stream is None:
            raise UsageError("The microphone cannot be used just now.", "See whether another program has it.")
        stream.readyRead.connect(lambda: self._take(bytes(stream.readAll().data())))
        self._source = source

    def close(self) -> None:
        """Listen no more; twice is no error."""
        source, self._source = self._source, None
        if source is not None:
            source.stop()
            source.deleteLater()

    def _take(self, data: bytes) -> None:
        if self._source is not None and data:
            self._heard(data[: len(data) // 2 * 2])


def _format() -> QAudioFormat:
    wanted = QAudioFormat()
    wanted.setSampleRate(RATE)
    wanted.setChannelCount(1)
    wanted.setSampleFormat(QAudioFormat.SampleFormat.Int16)
    return wanted
