"""One annotation as the flat row that `jsonl`, `csv` and the command line share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from qa_player.formats.session_object import instant_text, instant_texts
from qa_player.model.annotation import Annotation

COLUMNS = (
    "session_id",
    "annotation_id",
    "kind",
    "start_ms",
    "end_ms",
    "turn_index",
    "role",
    "quote",
    "tag",
    "severity",
    "text",
    "author",
    "created_at",
    "updated_at",
)
"""In this order; others' programs read the table by it."""


Row = dict[str, str | int | None]

AT_ONCE = 1_000
"""Annotations whose instants are spelled together: one by one they take longer than all else."""


def annotation_row(annotation: Annotation) -> Row:
    """The row of one annotation, its keys in the order of `COLUMNS`."""
    return _row(annotation, instant_text(annotation.created_at), instant_text(annotation.updated_at))


def annotation_rows(annotations: Iterable[Annotation]) -> Iterator[Row]:
    """`annotation_row` of each, a thousand at a time."""
    for some, created, updated in with_instants(annotations):
        yield from map(_row, some, created, updated)


def with_instants(annotations: Iterable[Annotation]) -> Iterator[tuple[list[Annotation], list[str], list[str]]]:
    """Annotations, a thousand at a time, with the texts of when each was made and last changed."""
    left = iter(annotations)
    while some := list(islice(left, AT_ONCE)):
        yield some, instant_texts([one.created_at for one in some]), instant_texts([one.updated_at for one in some])


def _row(annotation: Annotation, created_at: str | None, updated_at: str | None) -> Row:
    role, severity = annotation.role, annotation.severity
    return {
        "session_id": annotation.session_id,
        "annotation_id": annotation.annotation_id,
        "kind": annotation.kind._value_,
        "start_ms": annotation.start_ms,
        "end_ms": annotation.end_ms,
        "turn_index": annotation.turn_index,
        "role": None if role is None else role._value_,
        "quote": annotation.quote,
        "tag": annotation.tag,
        "severity": None if severity is None else severity._value_,
        "text": annotation.text,
        "author": annotation.author,
        "created_at": created_at,
        "updated_at": updated_at,
    }
