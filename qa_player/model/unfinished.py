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
