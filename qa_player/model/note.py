"""An AI-written note of a conversation, as a provider gives it: to be held against what was really said."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field, JsonValue

from qa_player.model.value import Instant, LongText, Name, OpaqueId, Sha256, ShortText, Value


class NoteSection(Value):
    """One section. ``loinc_code`` names its kind in LOINC (11450-4: problem list) or is null; ``evidence`` are the
    snippets of transcript that the provider says the text rests on: claims, to be checked like the text itself."""

    title: ShortText
    loinc_code: ShortText | None
    text: LongText
    evidence: tuple[LongText, ...] = ()


class Note(Value):
    """A note as received. ``structured`` is what was extracted beside it (diagnoses, orders), as plain JSON within
    bounds; ``digest`` is over titles, codes, texts and evidence, so that a verdict can say on which note it was given.
    """

    session_id: OpaqueId
    sections: tuple[NoteSection, ...]
    structured: Mapping[str, JsonValue] = Field(default_factory=dict)
    digest: Sha256


class NoteOrigin(StrEnum):
    """Where a note came from."""

    PROVIDER = "provider"
    FILE = "file"
    PASTED = "pasted"


class KeptNote(Value):
    """A note as it is kept: which session of which connection it is of, where it came from and when."""

    connection: Name
    note: Note
    origin: NoteOrigin
    received_at: Instant
