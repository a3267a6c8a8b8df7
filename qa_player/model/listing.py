"""What a list of sessions is asked for and what one of its rows holds."""

from __future__ import annotations

from enum import StrEnum

from qa_player.model.review_state import ReviewProgress
from qa_player.model.session import Session
from qa_player.model.value import Count, CountFromOne, Instant, Name, OpaqueId, ShortText, Value


class SessionOrder(StrEnum):
    """How rows are sorted; sessions without a start come last."""

    NEWEST = "newest"
    OLDEST = "oldest"
    LONGEST = "longest"
    TITLE = "title"
    QUEUE = "queue"
    """As the queue is worked: what is lost first comes first, then what is due first; all others after it."""


class SessionChip(StrEnum):
    """The filters a person switches on and off; several together narrow."""

    TO_REVIEW = "to_review"
    """Nobody began: it has no annotation and no scorecard."""
    IN_REVIEW = "in_review"
    DONE = "done"
    DISPUTED = "disputed"
    QUEUED = "queued"
    """Is in the queue and neither done nor disputed."""
    ANNOTATED = "annotated"
    WITH_RECORDING = "with_recording"
    IN_PROGRESS = "in_progress"


class SessionFilter(Value):
    """Which stored sessions to list. ``connection`` null means all; ``text`` is sought in title, agent and id;
    ``agent`` leaves the sessions of that agent, ``sample_id`` those that were drawn in that sample."""

    connection: Name | None = None
    text: ShortText = ""
    chips: frozenset[SessionChip] = frozenset()
    order: SessionOrder = SessionOrder.NEWEST
    sample_id: OpaqueId | None = None
    agent: ShortText | None = None


class SessionRow(Value):
    """One row: the session, its number in the store, how many annotations it has, and how far its review is; null
    for one that nobody began. ``queued``: it is in the queue, ``due_at`` the queue's own deadline, apart from how far
    the review is; null where it has none."""

    number: CountFromOne
    session: Session
    annotations: Count
    review: ReviewProgress | None = None
    queued: bool = False
    due_at: Instant | None = None


class NamedSession(Value):
    """A session as somebody names it: by its id, with what a table or a message tells of it besides."""

    session_id: OpaqueId
    title: ShortText | None = None
    agent: ShortText | None = None
    party: ShortText | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
