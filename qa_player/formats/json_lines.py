"""JSON Lines: one annotation a line, its fields those of the table, unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from qa_player.formats.annotation_row import annotation_row
from qa_player.model.review import Review


def write(review: Review) -> bytes:
    """UTF-8, one object a line, each line ended; no annotations give an empty file."""
    return lines(annotation_row(annotation) for annotation in review.annotations)


def lines(rows: Iterable[Mapping[str, object]]) -> bytes:
    """One object a line."""
    return b"".join(json.dumps(row, ensure_ascii=False, allow_nan=False).encode() + b"\n" for row in rows)
