"""The queue: sessions somebody wants reviewed, whenever they are due."""

from __future__ import annotations

from collections.abc import Sequence

from qa_player.model.review_state import ReviewState
from qa_player.model.session import Session
from qa_player.model.value import MAX_MS, Count, CountFromOne, Instant, Milliseconds, Name, OpaqueId, ShortText, Value

FINISHED = frozenset({ReviewState.DONE, ReviewState.DISPUTED})
"""What nobody has to review any more."""


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

    @property
    def place(self) -> tuple[str, str]:
        """Its connection and its id there."""
        return self.item.connection, self.item.session_id


class QueueProgress(Value):
    """How far a queue is worked: the session that is open is number ``at`` of ``total``, and ``done`` says whether
    its own review is. ``left`` sessions are to be reviewed after it; they last ``left_ms``, as far as that is known:
    of ``untold`` ones nobody knows the length."""

    at: CountFromOne
    total: CountFromOne
    done: bool = False
    left: Count
    left_ms: Milliseconds
    untold: Count


def progress(queue: Sequence[Queued], connection: str, session_id: str) -> QueueProgress | None:
    """How far ``queue`` is worked while this session is open; null where it is not in it."""
    others = [one for one in queue if one.place != (connection, session_id)]
    if len(others) == len(queue):
        return None
    here = next(one for one in queue if one.place == (connection, session_id))
    left = [one.session for one in others if one.state not in FINISHED]
    lengths = [None if session is None else session.duration_ms for session in left]
    return QueueProgress(
        at=len(others) - len(left) + 1,
        total=len(queue),
        done=here.state in FINISHED,
        left=len(left),
        left_ms=min(sum(length for length in lengths if length is not None), MAX_MS),
        untold=sum(length is None for length in lengths),
    )


def following(queue: Sequence[Queued], connection: str, session_id: str) -> Queued | None:
    """What is to be reviewed after this session: the first that is left, in the order of work; null for none."""
    left = (one for one in queue if one.place != (connection, session_id) and one.state not in FINISHED)
    return next(left, None)
