"""Samples as they were drawn, and the queue of sessions to be reviewed."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection as Transaction
from sqlalchemy import and_, delete, insert, select, update

from qa_player.model.queue import Queued, QueueItem
from qa_player.model.review_state import ReviewProgress, ReviewState
from qa_player.model.sample import Sample
from qa_player.model.session import Session
from qa_player.store.payloads import from_json
from qa_player.store.review_tables import QUEUE, REVIEW_STATES, SAMPLES
from qa_player.store.tables import SESSION_PAYLOADS, SESSIONS

_NEVER = datetime.max.replace(tzinfo=UTC)


def save_sample(db: Transaction, sample: Sample) -> None:
    """Keep a sample as it was drawn."""
    db.execute(insert(SAMPLES).values(sample_id=sample.sample_id, payload=sample.model_dump_json()))


def samples(db: Transaction) -> tuple[Sample, ...]:
    """All that were drawn, the oldest first."""
    found = [from_json(Sample, payload) for payload in db.execute(select(SAMPLES.c.payload)).scalars()]
    return tuple(sorted(found, key=lambda sample: (sample.drawn_at, sample.sample_id)))


def put(db: Transaction, item: QueueItem) -> bool:
    """Put a session into the queue; false where it is there already, which is left as it is."""
    there = select(QUEUE.c.payload).where(QUEUE.c.connection == item.connection, QUEUE.c.session_id == item.session_id)
    if db.execute(there).first() is not None:
        return False
    db.execute(
        insert(QUEUE).values(connection=item.connection, session_id=item.session_id, payload=item.model_dump_json())
    )
    return True


def item(db: Transaction, connection: str, session_id: str) -> QueueItem | None:
    """What the queue holds of a session; null where it is not in it."""
    query = select(QUEUE.c.payload).where(QUEUE.c.connection == connection, QUEUE.c.session_id == session_id)
    payload = db.execute(query).scalar()
    return None if payload is None else from_json(QueueItem, payload)


def change(db: Transaction, item: QueueItem) -> None:
    """Keep ``item`` in the place of what the queue held of its session."""
    there = and_(QUEUE.c.connection == item.connection, QUEUE.c.session_id == item.session_id)
    db.execute(update(QUEUE).where(there).values(payload=item.model_dump_json()))


def take_out(db: Transaction, connection: str, session_id: str) -> bool:
    """Take a session out of the queue; false where it was not in it."""
    gone = db.execute(delete(QUEUE).where(QUEUE.c.connection == connection, QUEUE.c.session_id == session_id))
    return gone.rowcount == 1


def everything(db: Transaction) -> tuple[Queued, ...]:
    """The queue in the order of work: what is lost first comes first, then what is due first, then the oldest."""
    place = (QUEUE.c.connection, QUEUE.c.session_id)
    rows = db.execute(
        select(QUEUE.c.payload, SESSION_PAYLOADS.c.payload, REVIEW_STATES.c.payload)
        .outerjoin(SESSIONS, and_(*(SESSIONS.c[column.name] == column for column in place)))
        .outerjoin(SESSION_PAYLOADS, SESSION_PAYLOADS.c.number == SESSIONS.c.number)
        .outerjoin(REVIEW_STATES, and_(*(REVIEW_STATES.c[column.name] == column for column in place)))
    )
    found = [
        Queued(
            item=from_json(QueueItem, item),
            session=None if session is None else from_json(Session, session),
            state=ReviewState.TO_REVIEW if state is None else from_json(ReviewProgress, state).state,
        )
        for item, session, state in rows
    ]
    return tuple(sorted(found, key=lambda one: (one.lost_at or _NEVER, one.item.due_at or _NEVER, one.item.added_at)))
