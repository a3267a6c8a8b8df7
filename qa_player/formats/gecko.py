"""Gecko's JSON: monologues of a speaker, made of terms.

Source: github.com/gong-io/gecko, its text formats: ``monologues`` of ``speaker{id, name}``, ``start``, ``end`` and
``terms[{start, end, text, type}]``, in seconds.
"""

from __future__ import annotations

from qa_player.formats.transcript_file import (
    Transcript,
    TurnsBeingRead,
    json_of,
    mapping,
    milliseconds,
    objects,
    text,
    unreadable,
)


def is_gecko(document: object) -> bool:
    """Whether a JSON document is one of these."""
    return isinstance(mapping(document).get("monologues"), list)


def read(data: bytes) -> Transcript:
    """A turn for each monologue, also for one that has no terms. Raises UsageError."""
    document = json_of(data)
    if not is_gecko(document):
        unreadable("it has no monologues")
    reading = TurnsBeingRead()
    for monologue in objects(document["monologues"]):
        terms = objects(monologue.get("terms"))
        speaker = mapping(monologue.get("speaker"))
        said = ""
        for term in terms:
            is_mark = str(term.get("type")).upper() == "PUNCTUATION"
            said += f"{'' if is_mark or not said else ' '}{text(term.get('text'))}"
        starts = [at for at in (milliseconds(one.get("start")) for one in (monologue, *terms)) if at is not None]
        ends = [at for at in (milliseconds(one.get("end")) for one in (monologue, *terms)) if at is not None]
        reading.add(
            said,
            speaker=text(speaker.get("name")) or text(speaker.get("id")) or text(monologue.get("speaker")),
            start_ms=min(starts, default=None),
            end_ms=max(ends, default=None),
        )
    reading.lost_of(document)
    return reading.done()
