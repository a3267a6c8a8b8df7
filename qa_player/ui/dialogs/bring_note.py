"""A note from somewhere else: pasted, or read from a file."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QPushButton, QWidget

from qa_player.errors import UsageError
from qa_player.files import storage_errors
from qa_player.model.note import NoteOrigin
from qa_player.services.library import OpenSession
from qa_player.services.notes import Notes
from qa_player.ui.dialogs.form import FormDialog
from qa_player.ui.tasks import Tasks


class BringNoteDialog(FormDialog):
    """The note takes the place of the one there was; that one stays kept under its digest, with what was judged."""

    def __init__(self, notes: Notes, tasks: Tasks, session: OpenSession, parent: QWidget) -> None:
        super().__init__("Bring a note", "Use this note", parent)
        self._notes, self._tasks, self._session = notes, tasks, session
        self._path = ""
        self.setMinimumWidth(560)
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        self.text.setMinimumHeight(220)
        self.text.setPlaceholderText("Plan:\nStart metoprolol 25 mg once daily.")
        choose = QPushButton("From a file…")
        choose.clicked.connect(self._choose)
        self.add_field("Note", self.text, hint="A line that ends with a colon begins a section.")
        self.add_field("", choose)

    def _choose(self) -> None:
        chooser = QFileDialog(self, "Which note")
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.fileSelected.connect(self._use_file)
        chooser.open()

    def _use_file(self, path: str) -> None:
        self._path = path
        self.go()

    def go(self) -> None:
        self.trouble.hide()
        if not self._path and not self.text.toPlainText().strip():
            self.tell(UsageError("There is no note yet.", "Paste one, or choose a file."))
            return
        self.busy(True)
        path, self._path = self._path, ""
        self._tasks.then("save-note", self._take(path), trouble=self.tell)

    async def _take(self, path: str) -> None:
        data = await asyncio.to_thread(_read, Path(path)) if path else self.text.toPlainText().encode()
        origin = NoteOrigin.FILE if path else NoteOrigin.PASTED
        await self._notes.take(self._session.connection.name, self._session.session_id, data, origin=origin)
        self.accept()


def _read(path: Path) -> bytes:
    with storage_errors():
        return path.read_bytes()
