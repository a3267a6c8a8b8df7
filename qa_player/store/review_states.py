"""How far the review of each session is."""

from __future__ import annotations

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete, insert, select

from qa_player.model.review_state import ReviewProgress
from qa_player.store.payloads import from_json
from qa_player.store.review_tables import REVIEW_STATES


def save(db: Transaction, progress: ReviewProgress) -> None:
    """Keep it in place of what was kept of the session."""
    key = {"connection": progress.connection, "session_id": progress.session_id}
    db.execute(delete(REVIEW_STATES).where(*(REVIEW_STATES.c[name] == value for name, value in key.items())))
    db.execute(insert(REVIEW_STATES).values(**key, state=progress.state.value, payload=progress.model_dump_json()))


def of_session(db: Transaction, connection: str, session_id: str) -> ReviewProgress | None:
    """Null for a session that nobody began."""
    payload = db.execute(
        select(REVIEW_STATES.c.payload).where(
            REVIEW_STATES.c.connection == connection, REVIEW_STATES.c.session_id == session_id
        )
    ).scalar()
    return None if payload is None else from_json(ReviewProgress, payload)


def everywhere(db: Transaction) -> tuple[ReviewProgress, ...]:
    """Of every session that was begun, by connection and id."""
    payloads = db.execute(
        select(REVIEW_STATES.c.payload).order_by(REVIEW_STATES.c.connection, REVIEW_STATES.c.session_id)
    ).scalars()
    return tuple(from_json(ReviewProgress, payload) for payload in payloads)
