"""Handing a review on and taking a peer's in: which file, and what became of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from qa_player.services.exchange import Exchange, Exported
from qa_player.services.imports import Imported, Imports
from qa_player.services.playback import Playback
from qa_player.services.review import Review
from qa_player.ui.dialogs.export import ExportDialog
from qa_player.ui.dialogs.refused_lines import RefusedLinesDialog
from qa_player.ui.print_pdf import print_pdf
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.message_bar import MessageBar

SHORT = 3
"""So many refused lines are told in the message bar; more have a window of their own."""


class Exchanging:
    """Joins the services of exchange to the open session of one window."""

    def __init__(
        self,
        window: QWidget,
        *,
        exchange: Exchange,
        imports: Imports,
        playback: Playback,
        review: Review,
        messages: MessageBar,
        tasks: Tasks,
    ) -> None:
        self._window, self._tasks, self._messages = window, tasks, messages
        self._exchange, self._imports = exchange, imports
        self._playback, self._review = playback, review
        exchange.print_pdf = print_pdf

    def export(self) -> None:
        """Ask for a format and a file."""
        if self._playback.session is not None:
            dialog = ExportDialog(self._exchange, self._tasks, self._playback.session, self._window)
            dialog.written.connect(self._exported)
            dialog.open()

    def take_in(self) -> None:
        """Ask for a file and add its annotations to the open session."""
        if self._playback.session is not None:
            chooser = QFileDialog(self._window, "Which annotations")
            chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
            chooser.fileSelected.connect(lambda path: self.take_in_file(Path(path)))
            chooser.open()

    def take_in_file(self, path: Path) -> None:
        """Add the file's annotations to the open session, and say what became of each line."""
        session = self._playback.session
        if session is not None:
            work = self._take_in(session.connection.name, session.session_id, path)
            self._tasks.start("import-annotations", work)

    async def _take_in(self, connection: str, session_id: str, path: Path) -> None:
        imported = await self._imports.annotations(connection, session_id, path)
        session = self._playback.session
        if session is not None and (session.connection.name, session.session_id) == (connection, session_id):
            await self._review.reload()
        self._messages.done(imported_words(imported))
        if len(imported.refused) > SHORT:
            RefusedLinesDialog(imported.refused, self._window).open()

    def _exported(self, exported: Exported) -> None:
        lost = f" Not in it: {'; '.join(exported.lost)}." if exported.lost else ""
        self._messages.done(f"{exported.path.name} is written, {exported.bytes:,} bytes.{lost}")


def imported_words(imported: Imported) -> str:
    """What became of a file, in a sentence or two."""
    noun = "annotation was" if imported.added == 1 else "annotations were"
    words = [f"{imported.added} {noun} added."]
    if imported.already_there:
        words.append(f"{imported.already_there} had been there already.")
    if 0 < len(imported.refused) <= SHORT:
        words += imported.refused
    elif imported.refused:
        words.append(f"{len(imported.refused)} lines were refused.")
    if imported.not_carried:
        words.append(f"Not carried: {'; '.join(imported.not_carried)}.")
    return " ".join(words)
