"""A transcript that a person took in from a file, beside the provider's own."""

from __future__ import annotations

from enum import StrEnum

from qa_player.model.transcript import Turn
from qa_player.model.value import Instant, Name, OpaqueId, Sha256, ShortText, Value


class Use(StrEnum):
    """When it is the one that is shown, heard in step, searched and exported."""

    WITHOUT_OWN = "without_own"
    """While the provider has none."""
    CHOSEN = "chosen"
    """A person chose it over whatever else there is."""
    BESIDE = "beside"
    """Never: it is kept."""


class GivenTranscript(Value):
    """``sha256`` is the file's, ``transcript_digest`` that of its turns, whose raw times are audio time.

    ``problems`` are sentences about what could not be read; ``not_carried`` names each field of the file that turns
    have no place for: the file itself is kept for the way back.
    """

    connection: Name
    session_id: OpaqueId
    sha256: Sha256
    format: Name
    turns: tuple[Turn, ...]
    transcript_digest: Sha256
    problems: tuple[ShortText, ...] = ()
    not_carried: tuple[ShortText, ...] = ()
    taken_in_at: Instant
    taken_in_by: ShortText
    use: Use
