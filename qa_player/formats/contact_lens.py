"""Amazon Connect Contact Lens and Transcribe Call Analytics: turns of participants in milliseconds.

Source: the Amazon Connect administrator guide, "Example Contact Lens output files", and the Transcribe developer guide,
"Post-call analytics output". Redacted words come as ``[PII]`` and stay so.
"""

from __future__ import annotations

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


def is_contact_lens(document: object) -> bool:
    """Whether a JSON document is one of these."""
    told = mapping(document)
    return isinstance(told.get("Transcript"), list) and bool(
        {"Participants", "ConversationCharacteristics"} & told.keys()
    )


def read(data: bytes) -> Transcript:
    """A turn for each entry of the transcript, under the participant's role. Raises UsageError."""
    document = json_of(data)
    if not is_contact_lens(document):
        unreadable("it has no transcript of participants")
    roles = {
        text(one.get("ParticipantId")): text(one.get("ParticipantRole"))
        for one in objects(document.get("Participants"))
    }
    reading = TurnsBeingRead()
    for said in objects(document["Transcript"]):
        named = text(said.get("ParticipantId"))
        reading.add(
            text(said.get("Content")),
            speaker=text(said.get("ParticipantRole")) or roles.get(named) or named,
            start_ms=whole_ms(said.get("BeginOffsetMillis")),
            end_ms=whole_ms(said.get("EndOffsetMillis")),
        )
    reading.lost_of(document)
    return reading.done()
