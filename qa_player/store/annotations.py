"""Annotations, one row each. What changes them writes the audit event in the same transaction (`evidence`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete as delete_from
from sqlalchemy import insert, select, update

from qa_player.canonical import canonical_json
from qa_player.errors import ConflictError, NotFoundError
from qa_player.model.annotation import Annotation
from qa_player.store import search
from qa_player.store.failures import damaged
from qa_player.store.payloads import from_columns
from qa_player.store.tables import ANNOTATIONS

_LATER = frozenset({"extra", "private"})


def add(db: Transaction, annotation: Annotation) -> None:
    """Keep a new annotation; raises ConflictError when its id is taken."""
    if _revision(db, annotation.annotation_id) is not None:
        raise ConflictError("This annotation is already there.", "Read the list again.")
    db.execute(insert(ANNOTATIONS), _columns(annotation))
    search.index_annotation(db, annotation)


def replace(db: Transaction, annotation: Annotation, *, expected_revision: int) -> None:
    """Put ``annotation``, whose revision is a later one, in the place of the revision its author has seen.

    Raises ConflictError when somebody changed it since, NotFoundError when it was deleted.
    """
    if annotation.revision <= expected_revision:
        raise ValueError("a changed annotation has a later revision")
    changed = db.execute(
        update(ANNOTATIONS)
        .where(ANNOTATIONS.c.annotation_id == annotation.annotation_id, ANNOTATIONS.c.revision == expected_revision)
        .values(_columns(annotation))
    )
    if changed.rowcount != 1:
        _refuse(db, annotation.annotation_id)
    search.index_annotation(db, annotation)


def delete(db: Transaction, annotation_id: str, *, expected_revision: int) -> None:
    """Take the revision its author has seen away; raises ConflictError, NotFoundError."""
    gone = db.execute(
        delete_from(ANNOTATIONS).where(
            ANNOTATIONS.c.annotation_id == annotation_id, ANNOTATIONS.c.revision == expected_revision
        )
    )
    if gone.rowcount != 1:
        _refuse(db, annotation_id)
    search.forget_annotation(db, annotation_id)


def of_session(db: Transaction, connection: str, session_id: str) -> tuple[Annotation, ...]:
    """Those of one session by start; the ones without a time last, equal ones in the order they were made."""
    rows = db.execute(
        select(ANNOTATIONS).where(ANNOTATIONS.c.connection == connection, ANNOTATIONS.c.session_id == session_id)
    ).mappings()
    return tuple(sorted((of_row(row) for row in rows), key=_by_start))


def of_row(row: Mapping[Any, Any]) -> Annotation:
    """The annotation of a row; raises IntegrityError for one that is none any more."""
    try:
        extra = json.loads(row["extra"])
    except ValueError:
        raise damaged() from None
    return from_columns(Annotation, {**row, "extra": extra})


def exists(db: Transaction, annotation_id: str) -> bool:
    """Whether any session has an annotation of that id."""
    return _revision(db, annotation_id) is not None


def evidence(annotation: Annotation) -> bytes:
    """The one spelling of an annotation that an audit event proves (``AuditAct.content``).

    Some fields came later than the first events: where they say nothing they are not spelled, so that those events
    still prove what they prove.
    """
    told = annotation.model_dump(mode="json")
    return canonical_json({name: value for name, value in told.items() if name not in _LATER or value})


def _columns(annotation: Annotation) -> dict[str, Any]:
    told = annotation.model_dump(mode="json")
    extra = json.dumps(told["extra"], ensure_ascii=True, allow_nan=False)
    return told | {"extra": extra, "private": int(annotation.private)}


def _by_start(annotation: Annotation) -> tuple[bool, int, datetime, str]:
    return (
        annotation.start_ms is None,
        annotation.start_ms or 0,
        annotation.created_at,
        annotation.annotation_id,
    )


def _revision(db: Transaction, annotation_id: str) -> int | None:
    return db.execute(select(ANNOTATIONS.c.revision).where(ANNOTATIONS.c.annotation_id == annotation_id)).scalar()


def _refuse(db: Transaction, annotation_id: str) -> None:
    if _revision(db, annotation_id) is None:
        raise NotFoundError("This annotation was deleted by somebody else.", "Read the list again.")
    raise ConflictError(
        "This annotation was changed by somebody else since it was read; nothing was overwritten.",
        "Read the list again and repeat the change.",
    )
