"""How far the review of a session is; when it is due is another matter and stands elsewhere."""

from __future__ import annotations

from enum import StrEnum

from qa_player.model.value import Instant, Name, OpaqueId, ShortText, Value


class ReviewState(StrEnum):
    """A session that nobody began is still to be reviewed."""

    TO_REVIEW = "to_review"
    IN_REVIEW = "in_review"
    DONE = "done"
    DISPUTED = "disputed"


class ReviewProgress(Value):
    """The state one session is in, since when, and who brought it there."""

    connection: Name
    session_id: OpaqueId
    state: ReviewState
    changed_at: Instant
    changed_by: ShortText
