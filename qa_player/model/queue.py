"""The queue: sessions somebody wants reviewed, whenever they are due."""

from __future__ import annotations

from qa_player.model.review_state import ReviewState
from qa_player.model.session import Session
from qa_player.model.value import Instant, Name, OpaqueId, ShortText, Value


class QueueItem(Value):
    """One session in the queue. ``sample_id`` is the sample it was drawn in, null when a person put it there;
    ``due_at`` is a deadline of its own, apart from how far the review is."""

    connection: Name
    session_id: OpaqueId
    added_at: Instant
    added_by: ShortText
    sample_id: OpaqueId | None = None
    due_at: Instant | None = None


class Queued(Value):
    """An item with what is known of its session (null where it is not kept here) and how far its review is."""

    item: QueueItem
    session: Session | None
    state: ReviewState

    @property
    def lost_at(self) -> Instant | None:
        """When its recording is lost; null where nobody knows of such a time."""
        return None if self.session is None else self.session.retention_deadline
