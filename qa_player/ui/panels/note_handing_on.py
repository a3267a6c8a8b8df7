"""The corrected note on its way out: copied, written, signed."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QWidget

from qa_player.files import safe_name
from qa_player.services.verification.service import Verification
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.sure import SureDialog
from qa_player.ui.widgets.times import counted

_TASK = "save-note-out"


class HandingOn(QWidget):
    """``told(words)`` is for the message bar."""

    told = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._verification: Verification | None = None
        self._tasks: Tasks | None = None
        self.copy = QPushButton("Copy corrected note")
        self.copy.setToolTip("Onto the clipboard, with what was attested")
        self.save = QPushButton("Save it…")
        self.save.setAccessibleName("Save corrected note")
        self.save.setToolTip("Write the corrected note to a file")
        self.attest = QPushButton("Attest")
        self.attest.setToolTip("Sign what was compared; a later change takes the signature away")
        self.attest.setProperty("kind", "primary")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for button in (self.copy, self.save, self.attest):
            row.addWidget(button)
        self.copy.clicked.connect(lambda _=False: self._start(self._copied()))
        self.save.clicked.connect(lambda _=False: self._choose())
        self.attest.clicked.connect(lambda _=False: self._sign())

    def attach(self, verification: Verification, tasks: Tasks) -> None:
        """Work with these from now on."""
        self._verification, self._tasks = verification, tasks

    def _choose(self) -> None:
        checked = None if self._verification is None else self._verification.checked
        if checked is None:
            return
        session_id = checked.kept.note.session_id
        place = Path.home() / f"{safe_name('note', session_id)}.txt"
        chooser = QFileDialog(self, "Where to write the corrected note", str(place), "Text (*.txt)")
        chooser.setDefaultSuffix("txt")
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.fileSelected.connect(self.write_to)
        chooser.open()

    def write_to(self, path: str) -> None:
        """Write the corrected note into a file."""
        self._start(self._written(Path(path)))

    def _sign(self) -> None:
        """Sign; where something doubtful was not decided, only after asking."""
        left = 0 if self._verification is None or not self._verification.verdicts else self._verification.undecided
        if not left:
            self._start(self._attested())
            return
        verb = "is" if left == 1 else "are"
        sure = SureDialog(
            f"{counted(left, 'doubtful statement')} {verb} undecided. Sign all the same?",
            f"What is signed will say how many were left. F8 goes to {'it' if left == 1 else 'the first of them'}.",
            "Sign all the same",
            self.window(),
        )
        sure.agreed.connect(lambda: self._start(self._attested()))
        sure.open()

    async def _copied(self) -> None:
        if self._verification is not None:
            QGuiApplication.clipboard().setText(await self._verification.hand_on("copied"))
            self.told.emit("The corrected note is on the clipboard.")

    async def _written(self, path: Path) -> None:
        if self._verification is not None:
            await self._verification.write(path)
            self.told.emit(f"{path.name} is written.")

    async def _attested(self) -> None:
        if self._verification is not None:
            self.told.emit((await self._verification.attest()).text)

    def _start(self, work: Coroutine[Any, Any, object]) -> None:
        if self._tasks is None:
            work.close()
        else:
            self._tasks.then(_TASK, work)
