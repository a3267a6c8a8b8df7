"""Annotations that leave as lines of JSON: the database looks through each row and spells it, so that a million of them
need not become a million values first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select
from sqlalchemy import Connection as Transaction

from qa_player.model.annotation import AnnotationKind, Severity
from qa_player.model.transcript import Role
from qa_player.model.value import MAX_MS
from qa_player.store.tables import ANNOTATIONS

_ROW = ANNOTATIONS.c
_DIGIT = "[0-9]"
_SECOND = f"{_DIGIT * 4}-[01]{_DIGIT}-[0-3]{_DIGIT}T[0-2]{_DIGIT}:[0-5]{_DIGIT}:[0-5]{_DIGIT}"
_TO_THE_SECOND, _TO_THE_MILLISECOND = len("2026-05-28T14:31:07Z"), len("2026-05-28T14:31:07.123")


@dataclass(frozen=True)
class Spelled:
    """The annotations of one session by start, each an ended line of JSON; and how many they are."""

    lines: bytes
    count: int


def annotation_lines(
    db: Transaction, connection: str, session_ids: Sequence[str], columns: Sequence[str]
) -> dict[str, Spelled]:
    """The annotations of each of these sessions that are not private, as objects of ``columns`` in this order; instants
    to the millisecond, as `annotations.of_session` sorts them.

    A session with a row that needs a closer look is left out: whether that row is damaged is told by reading its value.
    """
    asked = _statement(columns)
    found = {}
    for session_id in session_ids:
        result = db.execute(asked, {"of_connection": connection, "of_session": session_id})
        rows = result.cursor.fetchall()
        result.close()
        if all(sound for _, sound in rows):
            found[session_id] = Spelled("".join([f"{line}\n" for line, _ in rows]).encode(), len(rows))
    return found


def _statement(columns: Sequence[str]) -> Select[tuple[str, int]]:
    """Each row as a line, and whether it is sound."""
    named = [part for name in columns for part in (name, _as_spelled(name))]
    return (
        select(func.json_object(*named), _sound())
        .where(_ROW.connection == bindparam("of_connection"), _ROW.session_id == bindparam("of_session"))
        .where(_ROW.private != 1)
        # without its Z, a whole second comes before its own fractions
        .order_by(_ROW.start_ms.is_(None), _ROW.start_ms, func.rtrim(_ROW.created_at, "Z"), _ROW.annotation_id)
    )


def _as_spelled(name: str) -> ColumnElement[object]:
    column = _ROW[name]
    if name not in ("created_at", "updated_at"):
        return column
    shorter = func.substr(column, 1, _TO_THE_MILLISECOND).concat("Z")
    return case((func.octet_length(column) == _TO_THE_SECOND, column), else_=shorter)


def _sound() -> ColumnElement[bool]:
    """True only for a row that `Annotation` takes. Lengths are in bytes: never less than those in characters."""
    start, end, turn = _ROW.start_ms, _ROW.end_ms, _ROW.turn_index
    span, moment, correction = AnnotationKind.SPAN, AnnotationKind.MOMENT, AnnotationKind.CORRECTION
    return and_(
        _ROW.kind.in_(list(AnnotationKind)),
        or_(_ROW.role.is_(None), _ROW.role.in_(list(Role))),
        or_(_ROW.severity.is_(None), _ROW.severity.in_(list(Severity))),
        func.ifnull(start, 0).between(0, MAX_MS),
        func.ifnull(end, 0).between(0, MAX_MS),
        func.ifnull(turn, 0).between(0, 2**53 - 1),
        _ROW.revision.between(1, 2**53 - 1),
        or_(start.is_(None), end.is_(None), end >= start),
        or_(_ROW.kind != span, and_(start.is_not(None), end.is_not(None))),
        or_(_ROW.kind != moment, and_(start.is_not(None), end.is_(None))),
        or_(_ROW.kind != correction, turn.is_not(None)),
        func.octet_length(_ROW.annotation_id).between(1, 500),
        func.octet_length(_ROW.connection).between(1, 200),
        func.octet_length(_ROW.session_id).between(1, 500),
        func.octet_length(_ROW.tag).between(1, 200),
        func.octet_length(_ROW.author) <= 2_000,
        func.octet_length(_ROW.text) <= 100_000,
        func.octet_length(_ROW.quote) <= 4_000_000,
        _ROW.extra == "{}",
        _ROW.private == 0,
        _instant(_ROW.created_at),
        _instant(_ROW.updated_at),
    )


def _instant(column: ColumnElement[str]) -> ColumnElement[bool]:
    """A day that there is, and a second of it, in UTC as `Annotation` spells it."""
    shape = or_(column.op("GLOB")(f"{_SECOND}Z"), column.op("GLOB")(f"{_SECOND}.{_DIGIT * 6}Z"))
    day, hour = func.substr(column, 1, len("2026-05-28")), func.substr(column, len("2026-05-28T") + 1, 2)
    return and_(shape, func.date(column) == day, day >= "0001", hour < "24")
