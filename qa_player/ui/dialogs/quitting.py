"""Before the program ends: streams that run on are billed on, which nobody should find out from the bill."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from qa_player.errors import QaPlayerError
from qa_player.model.live import StreamInfo
from qa_player.services.live import Live
from qa_player.ui.dialogs.streams import stop_all, stream_words
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.text import Label
from qa_player.ui.widgets.times import counted

_TASK = "save-stop-streams"
"""What it began is ended, whatever else ends."""


class QuitDialog(QDialog):
    """``settled`` when the program may end."""

    settled = Signal()

    def __init__(self, live: Live, tasks: Tasks, streams: Sequence[StreamInfo], parent: QWidget) -> None:
        super().__init__(parent)
        self._live, self._tasks, self._streams = live, tasks, streams
        self._open = True
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Streams are still running")
        self.setMinimumWidth(520)
        verb = "runs" if len(streams) == 1 else "run"
        self.words = Label(
            f"{counted(len(streams), 'stream')} still {verb}, and will be billed by the minute.", wrap=True
        )
        self.words.setProperty("kind", "heading")
        which = Label("\n".join(stream_words(one, with_call=True) for one in streams), wrap=True, kind="muted")
        self.trouble = Label(wrap=True)
        self.trouble.setProperty("tone", "critical")
        self.trouble.setAccessibleName("Trouble")
        self.trouble.hide()
        self.buttons = QDialogButtonBox()
        role = QDialogButtonBox.ButtonRole
        self.stop = self.buttons.addButton("Stop them and quit", role.ActionRole)
        self.stop.setProperty("kind", "primary")
        self.leave = self.buttons.addButton("Quit and let them run", role.ActionRole)
        self.stay = self.buttons.addButton("Stay", role.RejectRole)
        self.stop.clicked.connect(self._stop_them)
        self.leave.clicked.connect(self._go)
        self.buttons.rejected.connect(self.reject)
        self.finished.connect(self._closed)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 18)
        column.setSpacing(12)
        for widget in (self.words, which, self.trouble, self.buttons):
            column.addWidget(widget)
        self.stop.setDefault(True)

    def _stop_them(self) -> None:
        self.stop.setEnabled(False)
        self._tasks.then(_TASK, self._stopped(), trouble=self._tell)

    async def _stopped(self) -> None:
        await stop_all(self._live, list(self._streams))
        self._go()

    def _go(self) -> None:
        if self._open:
            self.accept()
            self.settled.emit()

    def _tell(self, error: QaPlayerError) -> None:
        if self._open:
            self.trouble.show_text(f"{error.message} {error.next_step}")
            self.trouble.show()
            self.stop.setEnabled(True)

    def _closed(self, _result: int) -> None:
        self._open = False
