"""Our own JSON document: everything of a review, described by resources/schemas/review.schema.json."""

from __future__ import annotations

import json

from qa_player.formats.annotation_row import annotation_row
from qa_player.formats.coverage_row import coverage_rows
from qa_player.formats.delay_rows import delays_object
from qa_player.formats.note_object import judged_note_object
from qa_player.formats.scorecard_object import scorecard_object
from qa_player.formats.session_object import (
    arrangement_object,
    instant_text,
    recording_object,
    session_object,
    timing_object,
    turn_object,
)
from qa_player.formats.transcript_file import (
    Transcript,
    TurnsBeingRead,
    json_of,
    mapping,
    objects,
    text,
    unreadable,
    whole_ms,
)
from qa_player.model.correction import corrected_texts
from qa_player.model.review import Review
from qa_player.model.transcript import TimeSource, Turn

DOCUMENT = "qa-player-review"
DOCUMENT_VERSION = 1


def write(review: Review) -> bytes:
    """UTF-8 JSON with two spaces of indent; ends with a newline."""
    corrected = corrected_texts(review.turns, review.annotations)
    document = {
        "session": session_object(review.session, timing=review.timing, transcript_digest=review.transcript_digest)
        | {
            "recordings": [recording_object(part) for part in review.recordings],
            "arrangement": arrangement_object(review.arranged),
        },
        "turns": [_turn(turn, corrected.get(turn.index)) for turn in review.turns],
        "annotations": [
            annotation_row(annotation) | {"revision": annotation.revision, "extra": dict(annotation.extra)}
            for annotation in review.annotations
        ],
        "note": None
        if review.note is None
        else judged_note_object(review.note, review.note_verdicts, review.note_attestation),
        "scorecards": [scorecard_object(card) for card in review.scorecards],
        "coverage": coverage_rows(review.coverage),
        "delays": delays_object(review.delays),
        "export": {
            "document": DOCUMENT,
            "version": DOCUMENT_VERSION,
            "tool": review.tool,
            "exported_at": instant_text(review.exported_at),
            "exported_by": review.exported_by,
            "transcript_digest": review.transcript_digest,
            "private_annotations_left_out": review.private_left_out,
            "timing": timing_object(review.timing),
        },
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2).encode() + b"\n"


def _turn(turn: Turn, corrected: str | None) -> dict[str, object]:
    """What the provider heard stays ``text``; a person's correction stands beside it."""
    return turn_object(turn) | ({} if corrected is None else {"corrected_text": corrected})


def is_ours(document: object) -> bool:
    """Whether a JSON document is one of these: turns, and a session or an export that they belong to."""
    told = mapping(document)
    return isinstance(told.get("turns"), list) and bool({"session", "export", "document"} & told.keys())


def read(data: bytes) -> Transcript:
    """The turns of a document in audio time, the times that were in force when it was written. Raises UsageError."""
    document = json_of(data)
    if not is_ours(document):
        unreadable("it holds no turns of a session")
    reading = TurnsBeingRead()
    reading.of_session(text(mapping(document.get("session")).get("session_id")))
    for turn in objects(document["turns"]):
        start, end = (
            whole_ms(turn.get(f"{side}_ms") if turn.get(f"{side}_ms") is not None else turn.get(f"raw_{side}_ms"))
            for side in ("start", "end")
        )
        source = str(turn.get("time_source"))
        reading.add(
            text(turn.get("text")),
            speaker=text(turn.get("speaker")),
            role=text(turn.get("role")),
            start_ms=start,
            end_ms=end,
            source=TimeSource(source) if source in set(TimeSource) - {TimeSource.NONE} else TimeSource.TURN_STAMP,
        )
    reading.lost_of(document)
    return reading.done()
