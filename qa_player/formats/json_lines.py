"""JSON Lines: one annotation a line, its fields those of the table, unchanged."""

from __future__ import annotations

import json

from qa_player.formats.annotation_row import annotation_row
from qa_player.model.review import Review


def write(review: Review) -> bytes:
    """UTF-8, one object a line, each line ended; no annotations give an empty file."""
    return b"".join(
        json.dumps(annotation_row(annotation), ensure_ascii=False, allow_nan=False).encode() + b"\n"
        for annotation in review.annotations
    )
