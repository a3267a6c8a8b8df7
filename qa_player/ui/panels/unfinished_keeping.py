"""Keeping what stands in the annotation editor while it is typed, and bringing it back when its session is opened."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QObject, QTimer

from qa_player.model.annotation import Annotation
from qa_player.model.unfinished import Unfinished
from qa_player.services.playback import Playback
from qa_player.services.review import Review
from qa_player.services.unfinished import UnfinishedWork
from qa_player.ui.panels.annotations import AnnotationsPanel
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.annotation_editor import Draft, draft_of, same_thing

SAVE = "save-unfinished"

AFTER_MS = 800
"""So long after the first key that was not kept yet it is: who is killed at any moment loses less than two seconds."""


class UnfinishedKeeping(QObject):
    """Watches the editor of one panel; ``told`` is told when something came back."""

    def __init__(
        self,
        panel: AnnotationsPanel,
        *,
        work: UnfinishedWork,
        playback: Playback,
        review: Review,
        tasks: Tasks,
        told: Callable[[str], object],
    ) -> None:
        super().__init__(panel)
        self._panel, self._work, self._playback, self._review = panel, work, playback, review
        self._tasks = tasks
        self._place: tuple[str, str] | None = None
        self._soon = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._soon.timeout.connect(self._keep)
        panel.editor.changed.connect(self._changed)
        panel.about_to_begin.connect(self.settle)
        panel.done_with.connect(self._done)
        panel.came_back.connect(lambda: told("What you were writing here is back."))
        playback.closed.connect(self._closed)
        playback.opened.connect(lambda _session: self._opened())

    def _changed(self) -> None:
        if not self._panel.editor.isHidden() and self._place is not None and not self._soon.isActive():
            self._soon.start()

    def _keep(self) -> None:
        """What stands there now; where it is what was there before, there is nothing to be kept."""
        if self._place is None:
            return
        editor = self._panel.editor
        if editor.touched():
            self._start(self._work.keep(_unfinished(self._place, editor.draft())))
        else:
            self._start(self._work.forget(_unfinished(self._place, editor.before)))

    def _done(self, draft: Draft) -> None:
        """It was kept, or thrown away by Esc."""
        if self._place is not None:
            if same_thing(draft, self._panel.editor.before):
                self._soon.stop()
            self._start(self._work.forget(_unfinished(self._place, draft)))

    def settle(self) -> None:
        """Something else takes the place of what was typed last: it is kept at once."""
        if self._soon.isActive():
            self._soon.stop()
            self._keep()

    def _closed(self) -> None:
        """Another session comes: what was typed last belongs to this one."""
        self.settle()
        self._place = None

    def _opened(self) -> None:
        self._closed()
        session = self._playback.session
        if session is not None:
            self._place = (session.connection.name, session.session_id)
            self._start(self._bring_back(self._place))

    async def _bring_back(self, place: tuple[str, str]) -> None:
        waiting = await self._work.of_session(*place)
        if waiting:
            there = {one.annotation_id: one for one in await self._review.of_session(*place)}
            waiting = tuple([await self._at_home(written, there) for written in waiting])
            if place == self._place:
                self._panel.bring_back([_drafts(written, there.get(written.annotation_id)) for written in waiting])

    async def _at_home(self, written: Unfinished, there: Mapping[str, Annotation]) -> Unfinished:
        """A change of an annotation that is gone meanwhile waits as a new one."""
        if not written.annotation_id or written.annotation_id in there:
            return written
        anew = written.model_copy(update={"annotation_id": ""})
        await self._work.keep(anew)
        await self._work.forget(written)
        return anew

    def _start(self, work: Coroutine[Any, Any, object]) -> None:
        """One after the other. What cannot be kept now is in the editor still, and told when it is to be kept."""
        self._tasks.then(SAVE, work, trouble=lambda _error: None)


def _unfinished(place: tuple[str, str], draft: Draft) -> Unfinished:
    return Unfinished(
        connection=place[0],
        session_id=place[1],
        annotation_id=draft.annotation_id,
        start_ms=draft.start_ms,
        end_ms=draft.end_ms,
        turn_index=draft.turn_index,
        tag=draft.tag,
        severity=draft.severity,
        text=draft.text[:4_000_000],
        private=draft.private,
        corrects=draft.corrects,
        written_at=datetime.now(UTC),
    )


def _drafts(written: Unfinished, there: Annotation | None) -> tuple[Draft, Draft]:
    """What it was before, and as it was written. An annotation that is gone meanwhile is written as a new one."""
    of = Draft("", written.start_ms, written.end_ms, written.turn_index, corrects=written.corrects)
    before = of if there is None else draft_of(there)
    return before, replace(
        before, tag=written.tag, severity=written.severity, text=written.text, private=written.private
    )
