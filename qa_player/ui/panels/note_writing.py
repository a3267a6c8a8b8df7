"""Words that are being written on a note: kept while they are typed, and back when the note is opened again."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from qa_player.model.unfinished import UnfinishedWords
from qa_player.services.unfinished import UnfinishedWork
from qa_player.services.verification.service import Verification
from qa_player.ui.panels.unfinished_keeping import AFTER_MS, SAVE
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.words_editor import WordsEditor


class NoteWriting(QObject):
    """Whatever is begun on several statements waits side by side. ``changed`` when something waits or no more,
    ``came_back(subject)`` for what is to be in its editor again.

    The digest of the note is part of what it is about: another note of the same session begins anew.
    """

    changed = Signal()
    came_back = Signal(str)

    def __init__(self, *editors: WordsEditor, parent: QObject) -> None:
        super().__init__(parent)
        self._editors = editors
        self._verification: Verification | None = None
        self._work: UnfinishedWork | None = None
        self._tasks: Tasks | None = None
        self._note: tuple[str, str, str] | None = None
        self._words: dict[str, str] = {}
        self._typed: set[str] = set()
        self._saving: set[str] = set()
        self._soon = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._soon.timeout.connect(self.settle)
        for editor in editors:
            editor.changed.connect(lambda subject, editor=editor: self._changed(editor, subject))

    def attach(self, verification: Verification, work: UnfinishedWork, tasks: Tasks) -> None:
        """Work with these from now on."""
        self._verification, self._work, self._tasks = verification, work, tasks
        verification.changed.connect(self._look)

    def waiting(self, subject: str) -> str:
        """What was written about it, is not kept, and stands in no editor; empty for nothing."""
        seen = subject in self._saving or any(one.subject == subject and not one.isHidden() for one in self._editors)
        return "" if seen else self._words.get(subject, "")

    def begin(self, editor: WordsEditor, subject: str, *, heading: str, before: str) -> None:
        """Open the editor on what stands there, or on what was being written; nothing is lost that is in it."""
        editor.begin(subject, heading=heading, before=before, words=self._words.get(subject, before))
        self.changed.emit()

    def put_away(self, editor: WordsEditor) -> None:
        """Close the editor; what is written in it waits."""
        editor.hide()
        self.changed.emit()

    def save(self, subject: str, work: Callable[[], Coroutine[Any, Any, object]]) -> Coroutine[Any, Any, None]:
        """``work`` keeps the words for good, after which they wait no more; where it is refused, they wait on."""

        async def saved() -> None:
            note = self._note
            try:
                await work()
                if note == self._note:
                    self.forget(subject)
            finally:
                self._saving.discard(subject)
                self.changed.emit()

        self._saving.add(subject)
        return saved()

    def forget(self, subject: str) -> None:
        """They were kept or thrown away."""
        self._words.pop(subject, None)
        self._typed.discard(subject)
        if self._work is not None and self._note is not None:
            self._start(self._work.forget(_unfinished(self._note, subject, "")))
        self.changed.emit()

    def settle(self) -> None:
        """Keep at once what was typed last."""
        self._soon.stop()
        for subject in sorted(self._typed):
            if self._work is not None and self._note is not None:
                words = self._words.get(subject)
                written = _unfinished(self._note, subject, words or "")
                self._start(self._work.forget(written) if words is None else self._work.keep(written))
        self._typed.clear()

    def _changed(self, editor: WordsEditor, subject: str) -> None:
        if editor.isHidden() or self._note is None:
            return
        if editor.touched():
            self._words[subject] = editor.written()
        else:
            self._words.pop(subject, None)
        self._typed.add(subject)
        if not self._soon.isActive():
            self._soon.start()

    def _look(self) -> None:
        checked = None if self._verification is None else self._verification.checked
        kept = None if checked is None else checked.kept
        note = None if kept is None else (kept.connection, kept.note.session_id, kept.note.digest)
        if note == self._note:
            return
        self.settle()
        self._note = note
        self._words.clear()
        for editor in self._editors:
            editor.hide()
        if note is not None and self._work is not None:
            self._start(self._bring_back(self._work, note))

    async def _bring_back(self, work: UnfinishedWork, note: tuple[str, str, str]) -> None:
        waiting = await work.of_note(*note)
        if note != self._note or not waiting:
            return
        for one in waiting:
            self._words.setdefault(one.subject, one.text)
        self.changed.emit()
        self.came_back.emit(waiting[-1].subject)

    def _start(self, work: Coroutine[Any, Any, object]) -> None:
        """One after the other; what cannot be kept now is in the editor still, and told when it is to be kept."""
        if self._tasks is None:
            work.close()
        else:
            self._tasks.then(SAVE, work, trouble=lambda _error: None)


def _unfinished(note: tuple[str, str, str], subject: str, text: str) -> UnfinishedWords:
    return UnfinishedWords(
        connection=note[0],
        session_id=note[1],
        note_digest=note[2],
        subject=subject,
        text=text[:4_000_000],
        written_at=datetime.now(UTC),
    )
