"""Handing a review on: which format, and where to."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from qa_player.errors import QaPlayerError
from qa_player.files import safe_name
from qa_player.services.exchange import Exchange
from qa_player.services.library import OpenSession
from qa_player.ui.dialogs.form import FormDialog
from qa_player.ui.tasks import Tasks

_TASK = "export"
WIDTH = 640


class ExportDialog(FormDialog):
    """``written(Exported)`` once the file is whole under its name."""

    written = Signal(object)

    def __init__(self, exchange: Exchange, tasks: Tasks, session: OpenSession, parent: QWidget) -> None:
        super().__init__("Export this review", "Write the file", parent)
        self._exchange, self._tasks, self._session = exchange, tasks, session
        self.setMinimumWidth(WIDTH)
        self.format = QComboBox()
        for one in exchange.formats:
            self.format.addItem(f"{one.holds[:1].upper()}{one.holds[1:]} ({one.name})", one)
        self.path = QLineEdit()
        choose = QPushButton("Choose…")
        choose.clicked.connect(self._choose)
        where = QWidget()
        row = QHBoxLayout(where)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.path, 1)
        row.addWidget(choose)
        self.path.setAccessibleName("File")
        self.add_field("Format", self.format)
        self.add_field("File to write", where)
        name = safe_name(session.detail.session.title or session.session_id, session.session_id)
        self.path.setText(str(Path.home() / f"{name}{self.format.currentData().ending}"))
        self.format.currentIndexChanged.connect(lambda _: self._follow_format())
        self.rejected.connect(lambda: tasks.cancel(_TASK))

    def _follow_format(self) -> None:
        path = Path(self.path.text().strip())
        if self.format.currentData() is None:
            return  # a box that is being taken down chooses nothing on its way
        if path.suffix in {one.ending for one in self._exchange.formats}:
            self.path.setText(str(path.with_suffix(self.format.currentData().ending)))

    def _choose(self) -> None:
        chooser = QFileDialog(self, "Where to write the review", self.path.text().strip())
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.fileSelected.connect(self.path.setText)
        chooser.open()

    def go(self) -> None:
        self.trouble.hide()
        text = self.path.text().strip()
        if not text:
            self.tell(QaPlayerError("The export needs a file.", "Name the file to write."))
            return
        self.busy(True)
        self._tasks.start(_TASK, self._write(Path(text).expanduser()), trouble=self.tell)

    async def _write(self, path: Path) -> None:
        exported = await self._exchange.export(
            self._session.connection.name, self._session.session_id, format=self.format.currentData().name, path=path
        )
        self.written.emit(exported)
        self.accept()
