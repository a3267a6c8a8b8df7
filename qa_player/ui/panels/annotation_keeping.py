"""Keeping what is marked: one change after the other, each of them told when it is kept or refused."""

from __future__ import annotations

from collections.abc import Callable

from qa_player.errors import QaPlayerError
from qa_player.services.review import Review
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.annotation_editor import Draft

SAVE = "save"


class AnnotationKeeping:
    """Changes queue: what a person saved is never overtaken by what they save next."""

    def __init__(self, review: Review, tasks: Tasks, *, kept: Callable[[str], object]) -> None:
        self._review, self._tasks, self._kept = review, tasks, kept

    def keep(self, draft: Draft) -> None:
        """Keep ``draft``; ``kept`` is told the id of what is new."""
        self._tasks.then(SAVE, self._write(draft))

    def save(self, draft: Draft, *, done: Callable[[], object], refused: Callable[[QaPlayerError], object]) -> None:
        """Keep ``draft`` and tell whether it was."""
        self._tasks.then(SAVE, self._save(draft, done), trouble=refused)

    def delete(self, annotation_id: str) -> None:
        """Take an annotation away; undo brings it back."""
        self._tasks.then(SAVE, self._review.delete(annotation_id))

    async def _save(self, draft: Draft, done: Callable[[], object]) -> None:
        await self._write(draft)
        done()

    async def _write(self, draft: Draft) -> None:
        if draft.annotation_id:
            await self._review.edit(
                draft.annotation_id,
                tag=draft.tag,
                severity=draft.severity,
                text=draft.text,
                start_ms=draft.start_ms,
                end_ms=draft.end_ms,
                private=draft.private,
            )
            return
        added = await self._review.annotate(
            start_ms=draft.start_ms,
            end_ms=draft.end_ms,
            turn_index=draft.turn_index,
            tag=draft.tag,
            severity=draft.severity,
            text=draft.text,
            private=draft.private,
            corrects=draft.corrects,
        )
        self._kept(added.annotation_id)
