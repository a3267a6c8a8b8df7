"""An AI-written note as a plain JSON object: the shape that `note --json` and the native export share."""

from __future__ import annotations

from collections.abc import Iterable

from qa_player.formats.session_object import instant_text
from qa_player.model.loinc import loinc_title
from qa_player.model.note import KeptNote
from qa_player.model.statement import Attestation, Verdict, statements_of


def note_object(kept: KeptNote) -> dict[str, object]:
    """Sections in their order; ``loinc_title`` is null for a code that is missing or unknown."""
    return {
        "digest": kept.note.digest,
        "origin": kept.origin.value,
        "received_at": instant_text(kept.received_at),
        "sections": [
            {
                "title": section.title,
                "loinc_code": section.loinc_code,
                "loinc_title": loinc_title(section.loinc_code),
                "text": section.text,
                "evidence": list(section.evidence),
            }
            for section in kept.note.sections
        ],
        "structured": dict(kept.note.structured),
    }


def judged_note_object(
    kept: KeptNote, verdicts: Iterable[Verdict], attestation: Attestation | None
) -> dict[str, object]:
    """`note_object`, what was judged of each statement, of turns that stand in none, and what was signed.

    ``verdict`` is supported, partly, contradicted or not_said: by the conversation, which is all it is held against.
    """
    known = {verdict.subject: verdict for verdict in verdicts}
    statements = [
        {"section": one.section, "start": one.start, "end": one.end, "text": one.text}
        | _verdict_object(known.get(one.subject))
        for one in statements_of(kept.note)
    ]
    turns = [
        {"turn_index": int(subject.removeprefix("turn:"))} | _verdict_object(verdict)
        for subject, verdict in known.items()
        if subject.startswith("turn:")
    ]
    signed = None
    if attestation is not None:
        signed = {"text": attestation.text, "author": attestation.author, "at": instant_text(attestation.at)}
    return note_object(kept) | {"statements": statements, "turns_judged": turns, "attestation": signed}


def _verdict_object(verdict: Verdict | None) -> dict[str, object]:
    return {
        "verdict": verdict.word.value if verdict is not None and verdict.word is not None else None,
        "amended": None if verdict is None else verdict.amended,
        "struck": verdict is not None and verdict.struck,
        "author": None if verdict is None else verdict.author,
        "updated_at": None if verdict is None else instant_text(verdict.updated_at),
    }
