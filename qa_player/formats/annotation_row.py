"""One annotation as the flat row that `jsonl`, `csv` and the command line share."""

from __future__ import annotations

from qa_player.formats.session_object import instant_text
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


def annotation_row(annotation: Annotation) -> dict[str, str | int | None]:
    """The row of one annotation, its keys in the order of `COLUMNS`."""
    return {
        "session_id": annotation.session_id,
        "annotation_id": annotation.annotation_id,
        "kind": annotation.kind.value,
        "start_ms": annotation.start_ms,
        "end_ms": annotation.end_ms,
        "turn_index": annotation.turn_index,
        "role": None if annotation.role is None else annotation.role.value,
        "quote": annotation.quote,
        "tag": annotation.tag,
        "severity": None if annotation.severity is None else annotation.severity.value,
        "text": annotation.text,
        "author": annotation.author,
        "created_at": instant_text(annotation.created_at),
        "updated_at": instant_text(annotation.updated_at),
    }
