"""How far the review of a session is; when it is due is another matter and stands elsewhere."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from qa_player.model.value import Instant, Name, OpaqueId, ShortText, Value


class ReviewState(StrEnum):
    """A session that nobody began is still to be reviewed."""

    TO_REVIEW = "to_review"
    IN_REVIEW = "in_review"
    DONE = "done"
    DISPUTED = "disputed"


class ReviewProgress(Value):
    """The state one session is in, since when, and who brought it there; with what the scorecard that was submitted
    last came to: ``score`` in hundredths of a percent, ``passed`` null where nothing is asked to pass."""

    connection: Name
    session_id: OpaqueId
    state: ReviewState
    changed_at: Instant
    changed_by: ShortText
    score: Annotated[int, Field(ge=0, le=10_000)] | None = None
    passed: bool | None = None
