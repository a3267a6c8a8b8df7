"""The review of the open session: annotations added, edited, deleted, undone; each saved with its audit event."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import TYPE_CHECKING, Any

from qa_player.errors import ConflictError, NotFoundError, UsageError
from qa_player.model.annotation import Annotation, AnnotationKind, Severity
from qa_player.services.anchoring import anchored, validated
from qa_player.services.book import Book, Change, same, told
from qa_player.services.library import OpenSession
from qa_player.services.reanchoring import Displaced, displaced, fields_at
from qa_player.services.trail import Trail
from qa_player.signal import Signal

if TYPE_CHECKING:
    from qa_player.store.database import Database, Transaction


class Review:
    """``saved`` tells the moment of a commit and is emitted after it, never before.

    A change that was begun is carried to its end even when its caller is cancelled or another session is loaded
    meanwhile: what was saved is never shown as unsaved, nor in another session's list.
    """

    def __init__(self, *, database: Database, trail: Trail) -> None:
        self.annotations_changed: Signal[()] = Signal()
        self.saved: Signal[datetime] = Signal()
        self._database = database
        self._trail = trail
        self._book: Book | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """Those of the open session by start; the ones without a time last."""
        return () if self._book is None else self._book.annotations

    @property
    def can_undo(self) -> bool:
        return self._book is not None and bool(self._book.done)

    @property
    def can_redo(self) -> bool:
        return self._book is not None and bool(self._book.undone)

    @property
    def next_undo(self) -> int:
        """The number of the step that undo takes back, 0 where there is none."""
        return self._book.done[-1].number if self._book is not None and self._book.done else 0

    @property
    def next_redo(self) -> int:
        """The number of the step that redo makes again, 0 where there is none."""
        return self._book.undone[-1].number if self._book is not None and self._book.undone else 0

    async def load(self, session: OpenSession) -> None:
        """Work on ``session`` from now on; what could be undone in another is forgotten."""
        self._book = Book(session)
        await self.reload()

    def moved(self, session: OpenSession) -> None:
        """The open session's turns were placed anew; annotations are audio time and stay."""
        if self._book is not None and self._book.session.detail is session.detail:
            self._book.session = session

    async def reload(self) -> None:
        """Read the annotations again, as after another process wrote some."""
        book = self._opened()
        async with self._one_at_a_time:
            book.annotations = await self.of_session(book.session.connection.name, book.session.session_id)
            self._tell(book)

    async def of_session(self, connection: str, session_id: str) -> tuple[Annotation, ...]:
        """What was said of any session so far, by start; opens nothing."""
        from qa_player.store import annotations

        return await self._database.read(
            lambda transaction: annotations.of_session(transaction, connection, session_id)
        )

    async def settled(self) -> None:
        """Return once everything that was begun is saved or refused."""
        async with self._one_at_a_time:
            return

    async def annotate(
        self,
        *,
        start_ms: int | None,
        end_ms: int | None = None,
        turn_index: int | None = None,
        tag: str,
        severity: Severity | None = None,
        text: str = "",
        private: bool = False,
        corrects: bool = False,
    ) -> Annotation:
        """Add one: on a turn when ``turn_index`` is given and no start, else on a span or a moment. A ``private`` one
        is in no export; with ``corrects``, ``text`` is what was truly said in that turn.

        Raises UsageError for times that cannot be, DiskFullError and DatabaseError when it could not be saved.
        """
        book, now = self._opened(), self._trail.now()
        added = validated(
            {
                "annotation_id": uuid.uuid4().hex,
                "connection": book.session.connection.name,
                "session_id": book.session.session_id,
                "author": self._trail.actor.shown,
                "created_at": now,
                "updated_at": now,
                "tag": tag.strip(),
                "severity": severity,
                "text": text,
                "private": private,
            }
            | anchored(book.session, start_ms=start_ms, end_ms=end_ms, turn_index=turn_index, corrects=corrects)
        )
        await self._change(book, lambda: Change(added.annotation_id, None, added), "annotation.added")
        return added

    async def edit(
        self,
        annotation_id: str,
        *,
        tag: str,
        severity: Severity | None,
        text: str,
        start_ms: int | None,
        end_ms: int | None,
        private: bool | None = None,
    ) -> Annotation:
        """Change one; its turn and quote follow its times, null for ``private`` leaves it as it is.

        Raises NotFoundError, UsageError, ConflictError.
        """
        book = self._opened()

        def change() -> Change:
            before = book.known(annotation_id)
            fields = before.model_dump() | {"tag": tag.strip(), "severity": severity, "text": text}
            fields |= {} if private is None else {"private": private}
            moved = (start_ms, end_ms) != (before.start_ms, before.end_ms)
            if moved and before.kind is not AnnotationKind.CORRECTION:
                turn_index = before.turn_index
                fields |= anchored(book.session, start_ms=start_ms, end_ms=end_ms, turn_index=turn_index)
            return Change(annotation_id, before, validated(fields))

        await self._change(book, change, "annotation.changed")
        return book.known(annotation_id)

    def displaced(self) -> tuple[Displaced, ...]:
        """The annotations of the open session that were made on words which its transcript has elsewhere or no more."""
        return () if self._book is None else displaced(self._book.session.turns, self._book.annotations)

    async def reanchor(self, annotation_id: str, turn_index: int) -> Annotation:
        """Let one belong to another turn, and to the words that are said there now; undo takes it back.

        Raises NotFoundError, UsageError for a turn that is not there, ConflictError.
        """
        book = self._opened()

        def change() -> Change:
            before = book.known(annotation_id)
            turn = next((one for one in book.session.turns if one.index == turn_index), None)
            if turn is None:
                raise UsageError("There is no such turn in this session.", "Look at the transcript again.")
            return Change(annotation_id, before, validated(before.model_dump() | fields_at(before, turn)))

        await self._change(book, change, "annotation.reanchored")
        return book.known(annotation_id)

    async def delete(self, annotation_id: str) -> None:
        """Take one away; undo brings it back. Raises NotFoundError, ConflictError."""
        book = self._opened()
        await self._change(book, lambda: Change(annotation_id, book.known(annotation_id), None), "annotation.deleted")

    async def undo(self) -> None:
        """Take the last change back; nothing to undo is no error.

        Raises ConflictError when somebody else changed the annotation since; that change can no more be undone.
        """
        if self._book is not None:
            await self._stepped(self._book, back=True)

    async def redo(self) -> None:
        """Make the last change that was undone again; raises as `undo` does."""
        if self._book is not None:
            await self._stepped(self._book, back=False)

    async def _change(self, book: Book, make: Callable[[], Change], action: str) -> None:
        async def work() -> None:
            change = make()
            await self._become(book, change.annotation_id, change.before, change.after, action)
            book.done.append(change)
            book.undone.clear()

        await self._to_its_end(book, work)

    async def _stepped(self, book: Book, *, back: bool) -> None:
        here, there = (book.done, book.undone) if back else (book.undone, book.done)
        action = "annotation.undone" if back else "annotation.redone"

        async def work() -> None:
            if not here:
                return
            change = here[-1]
            present, wanted = (change.after, change.before) if back else (change.before, change.after)
            try:
                await self._become(book, change.annotation_id, present, wanted, action)
            except (ConflictError, NotFoundError):
                here.remove(change)
                raise
            there.append(here.pop())

        await self._to_its_end(book, work)

    async def _to_its_end(self, book: Book, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do ``work`` alone, whoever is cancelled meanwhile, and tell what became of it."""

        async def alone() -> None:
            async with self._one_at_a_time:
                try:
                    await work()
                finally:
                    self._tell(book)

        await asyncio.shield(alone())

    async def _become(
        self, book: Book, annotation_id: str, present: Annotation | None, wanted: Annotation | None, action: str
    ) -> None:
        """Make the annotation, which has to be what is ``present``, what is ``wanted`` (null: gone)."""
        current = book.found(annotation_id)
        if not same(current, present):
            raise ConflictError(
                "This annotation was changed by somebody else since; nothing was overwritten.", "Look at it again."
            )
        if wanted is not None and current is not None:
            wanted = wanted.model_copy(update={"revision": current.revision + 1, "updated_at": self._trail.now()})
        await self._database.write(lambda transaction: self._write(transaction, current, wanted, action))
        book.put(annotation_id, wanted)
        self.saved.emit(self._trail.now())

    def _write(
        self, transaction: Transaction, current: Annotation | None, wanted: Annotation | None, action: str
    ) -> None:
        from qa_player.store import annotations

        touched = wanted or current
        if touched is None:
            return
        if wanted is None:
            annotations.delete(transaction, touched.annotation_id, expected_revision=touched.revision)
        elif current is None:
            annotations.add(transaction, wanted)
        else:
            annotations.replace(transaction, wanted, expected_revision=current.revision)
        self._trail.append(
            transaction,
            action,
            connection=touched.connection,
            session_id=touched.session_id,
            subject=touched.annotation_id,
            detail=told(touched, exists=wanted is not None),
            content=None if wanted is None else annotations.evidence(wanted),
        )

    def _tell(self, book: Book) -> None:
        if book is self._book:
            self.annotations_changed.emit()

    def _opened(self) -> Book:
        if self._book is None:
            raise UsageError("No session is open.", "Open a session first.")
        return self._book
