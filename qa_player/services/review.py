"""The review of the open session: annotations added, edited, deleted, undone; each saved with its audit event."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import ValidationError

from qa_player.errors import NotFoundError, UsageError
from qa_player.model.annotation import Annotation, AnnotationKind, Severity
from qa_player.model.transcript import turn_under
from qa_player.services.library import OpenSession
from qa_player.services.trail import Trail
from qa_player.signal import Signal

if TYPE_CHECKING:
    from qa_player.store.database import Database, Transaction


@dataclass(frozen=True)
class Change:
    """One step that can be taken back: null before is an addition, null after a deletion."""

    annotation_id: str
    before: Annotation | None
    after: Annotation | None


class Review:
    """``saved`` tells the moment of a commit and is emitted after it, never before."""

    def __init__(self, *, database: Database, trail: Trail) -> None:
        self.annotations_changed: Signal[()] = Signal()
        self.saved: Signal[datetime] = Signal()
        self._database = database
        self._trail = trail
        self._open: OpenSession | None = None
        self._annotations: tuple[Annotation, ...] = ()
        self._done: list[Change] = []
        self._undone: list[Change] = []
        self._one_at_a_time = asyncio.Lock()

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """Those of the open session by start; the ones without a time last."""
        return self._annotations

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    async def load(self, session: OpenSession) -> None:
        """Work on ``session`` from now on; what could be undone in another is forgotten."""
        self._open, self._done, self._undone = session, [], []
        await self.reload()

    def moved(self, session: OpenSession) -> None:
        """The open session's turns were placed anew; annotations are audio time and stay."""
        self._open = session

    async def reload(self) -> None:
        """Read the annotations again, as after another process wrote some."""
        session = self._session()
        self._annotations = await self.of_session(session.connection.name, session.session_id)
        self.annotations_changed.emit()

    async def of_session(self, connection: str, session_id: str) -> tuple[Annotation, ...]:
        """What was said of any session so far, by start; opens nothing."""
        from qa_player.store import annotations

        return await self._database.read(
            lambda transaction: annotations.of_session(transaction, connection, session_id)
        )

    async def annotate(
        self,
        *,
        start_ms: int | None,
        end_ms: int | None = None,
        turn_index: int | None = None,
        tag: str,
        severity: Severity | None = None,
        text: str = "",
    ) -> Annotation:
        """Add one: on a turn when ``turn_index`` is given and no start, else on a span or a moment.

        Raises UsageError for times that cannot be, DiskFullError and DatabaseError when it could not be saved.
        """
        now = self._trail.now()
        annotation = self._validated(
            {
                "annotation_id": uuid.uuid4().hex,
                "connection": self._session().connection.name,
                "session_id": self._session().session_id,
                "author": self._trail.actor.shown,
                "created_at": now,
                "updated_at": now,
                "tag": tag.strip(),
                "severity": severity,
                "text": text,
            }
            | self._anchored(start_ms, end_ms, turn_index)
        )
        await self._change(Change(annotation.annotation_id, None, annotation), "annotation.added")
        return annotation

    async def edit(
        self,
        annotation_id: str,
        *,
        tag: str,
        severity: Severity | None,
        text: str,
        start_ms: int | None,
        end_ms: int | None,
    ) -> Annotation:
        """Change one; its turn and quote follow its times. Raises NotFoundError, UsageError."""
        before = self._known(annotation_id)
        anchor: dict[str, object] = {}
        if (start_ms, end_ms) != (before.start_ms, before.end_ms):
            anchor = self._anchored(start_ms, end_ms, before.turn_index)
        after = self._validated(before.model_dump() | {"tag": tag.strip(), "severity": severity, "text": text} | anchor)
        await self._change(Change(annotation_id, before, after), "annotation.changed")
        return self._known(annotation_id)

    async def delete(self, annotation_id: str) -> None:
        """Take one away; undo brings it back."""
        await self._change(Change(annotation_id, self._known(annotation_id), None), "annotation.deleted")

    async def undo(self) -> None:
        """Take the last change back; nothing to undo is no error."""
        async with self._one_at_a_time:
            if self._done:
                change = self._done[-1]
                await self._become(change.annotation_id, change.before, "annotation.undone")
                self._undone.append(self._done.pop())
                self.annotations_changed.emit()

    async def redo(self) -> None:
        """Make the last change that was undone again."""
        async with self._one_at_a_time:
            if self._undone:
                change = self._undone[-1]
                await self._become(change.annotation_id, change.after, "annotation.redone")
                self._done.append(self._undone.pop())
                self.annotations_changed.emit()

    async def _change(self, change: Change, action: str) -> None:
        async with self._one_at_a_time:
            await self._become(change.annotation_id, change.after, action)
            self._done.append(change)
            self._undone.clear()
            self.annotations_changed.emit()

    async def _become(self, annotation_id: str, wanted: Annotation | None, action: str) -> None:
        """Make the annotation what is ``wanted`` (null: gone). Memory follows the commit, even when the caller is
        cancelled in between: what was saved is never shown as unsaved."""
        current = next((entry for entry in self._annotations if entry.annotation_id == annotation_id), None)
        if wanted is not None and current is not None:
            wanted = wanted.model_copy(update={"revision": current.revision + 1, "updated_at": self._trail.now()})
        await asyncio.shield(self._saved(current, wanted, action))

    async def _saved(self, current: Annotation | None, wanted: Annotation | None, action: str) -> None:
        await self._database.write(lambda transaction: self._write(transaction, current, wanted, action))
        touched = wanted or current
        kept = [entry for entry in self._annotations if touched and entry.annotation_id != touched.annotation_id]
        if wanted is not None:
            kept.append(wanted)
        self._annotations = tuple(sorted(kept, key=_by_start))
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
            detail={
                "kind": touched.kind.value,
                "start_ms": touched.start_ms,
                "end_ms": touched.end_ms,
                "revision": touched.revision,
                "exists": wanted is not None,
            },
            content=None if wanted is None else annotations.evidence(wanted),
        )

    def _anchored(self, start_ms: int | None, end_ms: int | None, turn_index: int | None) -> dict[str, object]:
        turns = self._session().turns
        if start_ms is None:
            turn = next((turn for turn in turns if turn.index == turn_index), None)
            if turn is None:
                raise UsageError("There is no such turn in this session.", "Choose a turn or give a time.")
            kind, start_ms, end_ms = AnnotationKind.TURN, turn.start_ms, turn.end_ms
        else:
            kind = AnnotationKind.MOMENT if end_ms is None else AnnotationKind.SPAN
            self._refuse_impossible(start_ms, end_ms, self._session().recording_ms)
            turn = turn_under(turns, start_ms, end_ms)
        return {
            "kind": kind,
            "start_ms": start_ms,
            "end_ms": end_ms,
            "turn_index": None if turn is None else turn.index,
            "role": None if turn is None else turn.role,
            "quote": "" if turn is None else turn.text,
        }

    @staticmethod
    def _refuse_impossible(start_ms: int, end_ms: int | None, recording_ms: int | None) -> None:
        if start_ms < 0:
            raise UsageError("An annotation cannot start before the recording.", "Give a start of 0 or later.")
        if end_ms is not None and end_ms <= start_ms:
            raise UsageError("A span must end after it starts.", "Give a later end, or none for a moment.")
        if recording_ms is not None and start_ms > recording_ms:
            raise UsageError("An annotation cannot start after the recording ends.", "Give an earlier start.")

    def _validated(self, fields: dict[str, object]) -> Annotation:
        try:
            return Annotation.model_validate(fields)
        except ValidationError as refused:
            field = ".".join(str(part) for part in refused.errors(include_input=False)[0]["loc"]) or "time"
            raise UsageError(
                f"The annotation's {field.replace('_', ' ')} cannot be used.",
                "A tag has 1 to 200 characters, a comment up to 100,000, and a span ends after it starts.",
            ) from None

    def _known(self, annotation_id: str) -> Annotation:
        for annotation in self._annotations:
            if annotation.annotation_id == annotation_id:
                return annotation
        raise NotFoundError("This annotation does not exist any more.", "Read the list again.")

    def _session(self) -> OpenSession:
        if self._open is None:
            raise UsageError("No session is open.", "Open a session first.")
        return self._open


def _by_start(annotation: Annotation) -> tuple[bool, int, datetime, str]:
    return (
        annotation.start_ms is None,
        annotation.start_ms or 0,
        annotation.created_at,
        annotation.annotation_id,
    )
