"""Our own JSON document: everything of a review, described by resources/schemas/review.schema.json."""

from __future__ import annotations

import json

from qa_player.formats.annotation_row import annotation_row
from qa_player.formats.session_object import (
    instant_text,
    recording_object,
    session_object,
    timing_object,
    turn_object,
)
from qa_player.model.review import Review

DOCUMENT = "qa-player-review"
DOCUMENT_VERSION = 1


def write(review: Review) -> bytes:
    """UTF-8 JSON with two spaces of indent; ends with a newline."""
    document = {
        "session": session_object(review.session, timing=review.timing, transcript_digest=review.transcript_digest)
        | {"recordings": [recording_object(part) for part in review.recordings]},
        "turns": [turn_object(turn) for turn in review.turns],
        "annotations": [
            annotation_row(annotation) | {"revision": annotation.revision} for annotation in review.annotations
        ],
        "scorecards": [],
        "coverage": [],
        "export": {
            "document": DOCUMENT,
            "version": DOCUMENT_VERSION,
            "tool": review.tool,
            "exported_at": instant_text(review.exported_at),
            "exported_by": review.exported_by,
            "transcript_digest": review.transcript_digest,
            "timing": timing_object(review.timing),
        },
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2).encode() + b"\n"
