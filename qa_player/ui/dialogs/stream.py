"""A call that is to be sent here: the carrier is told to, or the call's own XML is, which is made to be copied."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from qa_player.errors import NotReadyError, QaPlayerError, UsageError
from qa_player.model.live import Codec, StreamWish, Track
from qa_player.services.live import Live
from qa_player.ui.dialogs.form import FormDialog
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.text import one_line
from qa_player.ui.widgets.times import short_time

_TASK = "start-stream"
_TRACKS = (
    ("Both sides", Track.BOTH),
    ("What the caller says", Track.INBOUND),
    ("What the caller hears", Track.OUTBOUND),
)
_CODECS = (
    ("16 bits, 8 kHz", Codec.L16_8K),
    ("16 bits, 16 kHz", Codec.L16_16K),
    ("µ-law, 8 kHz", Codec.MULAW),
)


class StreamDialog(FormDialog):
    """``started(str)`` names the call that the carrier sends from now on."""

    started = Signal(str)

    def __init__(self, live: Live, tasks: Tasks, carriers: Sequence[str], parent: QWidget) -> None:
        super().__init__("Listen to a call", "Start the stream", parent)
        self._live, self._tasks = live, tasks
        self.setMinimumWidth(560)
        self.connection = QComboBox()
        for name in carriers:
            self.connection.addItem(one_line(name), name)
        self.call_id = QLineEdit()
        self.call_id.setMaxLength(480)
        self.track, self.codec = QComboBox(), QComboBox()
        for words, track in _TRACKS:
            self.track.addItem(words, track)
        for words, codec in _CODECS:
            self.codec.addItem(words, codec)
        self.both_ways = QCheckBox("One may speak into the call; then only the caller is heard")
        self.both_ways.toggled.connect(self._fit_track)
        self.xml = QPlainTextEdit()
        self.xml.setReadOnly(True)
        self.xml.setTabChangesFocus(True)
        self.xml.setMaximumHeight(96)
        self.xml.setPlaceholderText("Made for one call: it works once, within five minutes.")
        self.add_field("Carrier", self.connection)
        self.add_field("Call", self.call_id, hint="The call's id, as the carrier names it.")
        self.add_field("Sides", self.track)
        self.add_field("Sound", self.codec)
        self.add_field("Speaking", self.both_ways)
        self.add_field("XML element", self.xml, hint="For a call that starts its stream itself.")
        self.make_xml = self._button("Make the XML")
        self.make_xml.clicked.connect(lambda: self._ask(self._make_xml()))
        self.copy = self._button("Copy it")
        self.copy.setEnabled(False)
        self.copy.clicked.connect(lambda: QApplication.clipboard().setText(self.xml.toPlainText()))
        self.rejected.connect(lambda: tasks.cancel(_TASK))

    def go(self) -> None:
        self._ask(self._start())

    def tell(self, error: QaPlayerError) -> None:
        if isinstance(error, NotReadyError):
            error = NotReadyError("The relay is not running.", "Start it under Calls, Relay….")
        super().tell(error)

    def _button(self, words: str) -> QPushButton:
        button = QPushButton(words)
        self.buttons.addButton(button, self.buttons.ButtonRole.ActionRole)
        return button

    def _fit_track(self, both_ways: bool) -> None:
        """The carriers' rule: with sound both ways only what the caller says is sent."""
        if both_ways:
            self.track.setCurrentIndex(self.track.findData(Track.INBOUND))
        self.track.setEnabled(not both_ways)

    def _ask(self, work: object) -> None:
        self.trouble.hide()
        self.busy(True)
        self._tasks.start(_TASK, work, trouble=self.tell)  # type: ignore[arg-type]

    def _wanted(self) -> tuple[str, str, StreamWish]:
        """Raises UsageError while something is not said."""
        connection, call_id = self.connection.currentData(), self.call_id.text().strip()
        if not connection or not call_id:
            raise UsageError("No call is named yet.", "Give the call's id as the carrier names it.")
        wish = StreamWish(
            track=Track(self.track.currentData()),
            codec=Codec(self.codec.currentData()),
            bidirectional=self.both_ways.isChecked(),
        )
        return connection, call_id, wish

    async def _start(self) -> None:
        connection, call_id, wish = self._wanted()
        await self._live.start(connection, call_id, wish)
        self.started.emit(call_id)
        self.accept()

    async def _make_xml(self) -> None:
        invitation = await self._live.expect(*self._wanted())
        self.busy(False)
        self.xml.setPlainText(invitation.xml)
        self.xml.setAccessibleDescription(f"Good once, until {short_time(invitation.expires_at)}")
        self.copy.setEnabled(True)
