"""What was measured of who speaks when, one row for each session whose recording was listened to."""

from __future__ import annotations

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete, insert, select

from qa_player.model.speech import Speech
from qa_player.store.payloads import from_json
from qa_player.store.review_tables import SPEECH


def load(db: Transaction, connection: str, session_id: str) -> Speech | None:
    """What was measured of a session; null while nobody listened to it."""
    payload = db.execute(
        select(SPEECH.c.payload).where(SPEECH.c.connection == connection, SPEECH.c.session_id == session_id)
    ).scalar()
    return None if payload is None else from_json(Speech, payload)


def save(db: Transaction, connection: str, session_id: str, speech: Speech) -> None:
    """Keep ``speech`` in place of what was measured before."""
    db.execute(delete(SPEECH).where(SPEECH.c.connection == connection, SPEECH.c.session_id == session_id))
    db.execute(insert(SPEECH).values(connection=connection, session_id=session_id, payload=speech.model_dump_json()))
