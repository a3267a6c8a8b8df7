"""Samples in the window: drawn from what the list shows or from everything, told, and shown in the list alone."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from qa_player.formats.sample_words import RULES
from qa_player.model.listing import SessionFilter, SessionOrder
from qa_player.model.sample import Sample
from qa_player.services.queue import Queue
from qa_player.ui.actions import Command
from qa_player.ui.dialogs.draw import DrawDialog
from qa_player.ui.dialogs.samples import SamplesDialog
from qa_player.ui.panels.sessions import SessionsPanel
from qa_player.ui.tasks import Tasks


class Drawing:
    """Joins the queue's samples to one window."""

    def __init__(self, window: QWidget, queue: Queue, *, sessions: SessionsPanel, tasks: Tasks) -> None:
        self._window, self._queue, self._sessions, self._tasks = window, queue, sessions, tasks
        queue.changed.connect(self.look)
        self.look()

    def look(self) -> None:
        """There may be other samples than before: the list names the one that it shows."""
        self._tasks.start("samples-look", self._look())

    async def _look(self) -> None:
        samples = await self._queue.samples()
        self._sessions.asked.show_samples(
            {one.sample_id: one.seed if one.rule is None else RULES[one.rule] for one in samples}
        )

    def ask(self) -> None:
        """Ask what is to be drawn, and draw it."""
        dialog = DrawDialog(self._queue, self._tasks, self._sessions.filter(), self._window)
        dialog.drawn.connect(lambda sample: self._tasks.start("samples", self._show(sample.sample_id)))
        dialog.open()

    def show(self) -> None:
        """The samples there are."""
        self._tasks.start("samples", self._show(""))

    async def _show(self, chosen: str) -> None:
        dialog = SamplesDialog(await self._queue.samples(), self._window, chosen=chosen)
        dialog.show_wanted.connect(self._show_these)
        dialog.draw_wanted.connect(self.ask)
        dialog.open()

    def _show_these(self, sample: Sample) -> None:
        self._sessions.asked.show_filter(SessionFilter(sample_id=sample.sample_id, order=SessionOrder.QUEUE))
        self._sessions.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def commands(self, menu: str) -> list[Command]:
        """What leads there."""
        return [
            Command("sample.draw", "Draw a sample…", self.ask, menu),
            Command("sample.list", "Samples…", self.show, menu),
        ]
