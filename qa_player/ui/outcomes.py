"""Results across sessions in the window: the one place that opens them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from qa_player.services.results import Results
from qa_player.ui.actions import Command
from qa_player.ui.dialogs.results import ResultsDialog
from qa_player.ui.tasks import Tasks


class Outcomes:
    """Joins the service of results to one window."""

    def __init__(self, window: QWidget, results: Results, *, tasks: Tasks) -> None:
        self._window, self._results, self._tasks = window, results, tasks

    def show(self) -> None:
        """Open the page of results; it stays beside what one does."""
        dialog = ResultsDialog(self._results, self._tasks, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def commands(self, menu: str) -> list[Command]:
        """What leads there."""
        return [Command("results", "Results across sessions…", self.show, menu, keys=("Ctrl+Alt+R",))]
