"""Undo and redo for the whole window: what was done last, be it on an annotation or on the note."""

from __future__ import annotations

from qa_player.services.review import Review
from qa_player.services.verification.service import Verification
from qa_player.ui.panels.annotation_keeping import SAVE
from qa_player.ui.panels.annotations import AnnotationsPanel
from qa_player.ui.tasks import Tasks


class Undoing:
    """Which of the two it is, is asked once everything that was begun before is saved."""

    def __init__(self, review: Review, verification: Verification, tasks: Tasks, annotations: AnnotationsPanel) -> None:
        self._review, self._verification, self._tasks = review, verification, tasks
        self._annotations = annotations

    def undo(self) -> None:
        """Take back what was done last."""
        self._annotations.about_to_change.emit()
        self._tasks.then(SAVE, self._undone())

    def redo(self) -> None:
        """Make again what was taken back last."""
        self._annotations.about_to_change.emit()
        self._tasks.then(SAVE, self._redone())

    async def _undone(self) -> None:
        if self._verification.next_undo > self._review.next_undo:
            await self._verification.undo()
        else:
            await self._review.undo()

    async def _redone(self) -> None:
        noted, marked = self._verification.next_redo, self._review.next_redo
        if noted and (not marked or noted < marked):
            await self._verification.redo()
        else:
            await self._review.redo()
