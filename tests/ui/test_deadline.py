"""How long a recording is still to be had, as rows say it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from parts.stored import NOON, session
from qa_player.model.listing import SessionRow
from qa_player.model.recording import RecordingState
from qa_player.model.review_state import ReviewProgress, ReviewState
from qa_player.model.session import SessionState
from qa_player.ui.widgets.session_model import deadline_words, due_words, pill


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=6, hours=20), "lost in 6 d"),
        (timedelta(hours=47), "lost in 47 h"),
        (timedelta(hours=5), "lost in 5 h"),
        (timedelta(hours=-5), "may be lost"),
        (None, "kept until 2 Mar"),
    ],
)
def test_a_deadline_in_words(left: timedelta | None, words: str) -> None:
    now: datetime | None = None if left is None else NOON - left
    assert deadline_words(session(0, retention_deadline=NOON), now) == words
    assert deadline_words(session(0, retention_deadline=None), now) == ""
    gone = session(0, retention_deadline=NOON, recording_state=RecordingState.GONE)
    assert deadline_words(gone, now) == "", "the state says it"


@pytest.mark.parametrize(
    ("state", "review", "words"),
    [
        (SessionState.ABORTED, None, "Broken off"),
        (SessionState.ABORTED, ReviewState.IN_REVIEW, "In review"),
        (SessionState.ABORTED, ReviewState.DISPUTED, "Disputed"),
        (SessionState.EXPIRED, ReviewState.DONE, "Done"),
        (SessionState.IN_PROGRESS, ReviewState.IN_REVIEW, "In progress"),
        (SessionState.READY, None, "To review"),
    ],
)
def test_how_far_the_review_is_stands_before_how_the_session_ended(
    state: SessionState, review: ReviewState | None, words: str
) -> None:
    begun = review and ReviewProgress(
        connection="acme", session_id="sess_0", state=review, changed_at=NOON, changed_by="rita"
    )
    row = SessionRow(number=1, session=session(0, state=state), annotations=0, review=begun)
    assert pill(row)[0] == words


def test_a_row_of_the_queue_says_so_until_it_is_done() -> None:
    row = SessionRow(number=1, session=session(0), annotations=0, queued=True)
    assert due_words(row) == "queued"
    done = ReviewProgress(
        connection="acme", session_id="sess_0", state=ReviewState.DONE, changed_at=NOON, changed_by="rita"
    )
    assert due_words(row.model_copy(update={"review": done})) == ""


@pytest.mark.parametrize(
    ("state", "words"),
    [(None, "due 2 Mar"), (ReviewState.IN_REVIEW, "due 2 Mar"), (ReviewState.DONE, ""), (ReviewState.DISPUTED, "")],
)
def test_what_is_due_is_said_until_it_is_done(state: ReviewState | None, words: str) -> None:
    review = state and ReviewProgress(
        connection="acme", session_id="sess_0", state=state, changed_at=NOON, changed_by="rita"
    )
    row = SessionRow(number=1, session=session(0), annotations=0, review=review, due_at=NOON)
    assert due_words(row) == words
    assert due_words(row.model_copy(update={"due_at": None})) == ""
