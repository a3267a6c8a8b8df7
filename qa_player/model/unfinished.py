"""What somebody is writing about a session and has not kept yet."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qa_player.model.annotation import Severity
from qa_player.model.value import Count, Instant, LongText, Milliseconds, Name, OpaqueId, Value


class Unfinished(Value):
    """An annotation as it stood in the editor at ``written_at``. ``annotation_id`` is empty for a new one; what it is
    about is a place in audio time or a turn. A tag may still be missing; ``corrects`` says that the text is what was
    truly said in the turn."""

    connection: Name
    session_id: OpaqueId
    annotation_id: Annotated[str, Field(max_length=500)]
    start_ms: Milliseconds | None
    end_ms: Milliseconds | None
    turn_index: Count | None
    tag: Annotated[str, Field(max_length=200)]
    severity: Severity | None
    text: LongText
    private: bool
    corrects: bool
    written_at: Instant

    @property
    def about(self) -> str:
        """Its name among what one person writes about one session."""
        place = (self.start_ms, self.end_ms, self.turn_index, self.corrects)
        return f"annotation:{self.annotation_id or ':'.join(map(str, place))}"


class UnfinishedWords(Value):
    """Other words for a statement of the note with that digest, or for a turn that is added to it (``subject`` as in
    `Verdict`), as they stood at ``written_at``."""

    connection: Name
    session_id: OpaqueId
    note_digest: Annotated[str, Field(max_length=200)]
    subject: OpaqueId
    text: LongText
    written_at: Instant

    @property
    def about(self) -> str:
        """Its name among what one person writes about one session."""
        return f"note:{self.note_digest}:{self.subject}"
