"""An AI-written note as a plain JSON object: the shape that `note --json` and the native export share."""

from __future__ import annotations

from qa_player.formats.session_object import instant_text
from qa_player.model.loinc import loinc_title
from qa_player.model.note import KeptNote


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
