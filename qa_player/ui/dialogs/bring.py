"""Sessions that a provider does not list: pasted ids or links, a file of them, or a folder of webhook bodies."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from qa_player.errors import UsageError
from qa_player.services.bringing import Bringing, Brought
from qa_player.ui.dialogs.form import FormDialog
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.text import one_line
from qa_player.ui.widgets.times import counted

_TASK = "bring-sessions"


class BringDialog(FormDialog):
    """``brought(connection, Brought)`` once the sessions are listed."""

    brought = Signal(str, object)

    def __init__(
        self, bringing: Bringing, tasks: Tasks, connections: list[str], chosen: str | None, parent: QWidget
    ) -> None:
        super().__init__("Bring sessions by id", "List them", parent)
        self._bringing, self._tasks = bringing, tasks
        self.setMinimumWidth(560)
        self.connection = QComboBox()
        for name in connections:
            self.connection.addItem(one_line(name), name)
        self.connection.setCurrentIndex(max(0, self.connection.findData(chosen)))
        self.ids = QPlainTextEdit()
        self.ids.setPlaceholderText("One id or qa-player:// link a line, or a table with a column session_id")
        self.ids.setTabChangesFocus(True)
        self.ids.setMinimumHeight(120)
        self.path = QLineEdit()
        self.path.setAccessibleName("File or folder")
        where = QWidget()
        row = QHBoxLayout(where)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.path, 1)
        for words, folder in (("File…", False), ("Folder…", True)):
            button = QPushButton(words)
            button.clicked.connect(lambda _=False, folder=folder: self._choose(folder=folder))
            row.addWidget(button)
        self.add_field("From", self.connection)
        self.add_field("Ids or links", self.ids)
        self.add_field("Or read them from", where, hint="A CSV, a list of ids, or a folder of webhook bodies.")
        self.rejected.connect(lambda: tasks.cancel(_TASK))

    def _choose(self, *, folder: bool) -> None:
        chooser = QFileDialog(self, "Where the ids are", self.path.text().strip())
        chooser.setFileMode(QFileDialog.FileMode.Directory if folder else QFileDialog.FileMode.ExistingFile)
        chooser.fileSelected.connect(self.path.setText)
        chooser.open()

    def go(self) -> None:
        self.trouble.hide()
        connection, text, path = self.connection.currentData(), self.ids.toPlainText(), self.path.text().strip()
        if not connection or not (text.strip() or path):
            self.tell(UsageError("Nothing is named yet.", "Paste ids or links, or choose a file or a folder."))
            return
        self.busy(True)
        work = self._bring(connection, text) if text.strip() else self._bring_path(connection, Path(path).expanduser())
        self._tasks.start(_TASK, work, trouble=self.tell)

    async def _bring(self, connection: str, text: str) -> None:
        self._done(connection, await self._bringing.bring(connection, text))

    async def _bring_path(self, connection: str, path: Path) -> None:
        self._done(connection, await self._bringing.bring_path(connection, path))

    def _done(self, connection: str, brought: Brought) -> None:
        self.brought.emit(connection, brought)
        self.accept()


def brought_words(brought: Brought) -> str:
    """What came of it, in a sentence or two."""
    words = [f"{counted(len(brought.sessions), 'session')} listed."]
    if brought.refused:
        session_id, error = brought.refused[0]
        words.append(f"{len(brought.refused):,} refused, the first {one_line(session_id)[:60]}: {error.message}")
    if brought.nameless:
        words.append(f"{_entries(brought.nameless)} no session.")
    return " ".join(words)


def _entries(nameless: int) -> str:
    """How many entries named nothing: ``1 entry names``, ``3 entries name``."""
    return "1 entry names" if nameless == 1 else f"{nameless:,} entries name"
