"""How a person said that the parts of a session's recording belong together; guesses are made anew each time."""

from __future__ import annotations

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete, insert, select

from qa_player.model.arrangement import Arranged
from qa_player.store.payloads import from_json
from qa_player.store.tables import ARRANGEMENTS


def load(db: Transaction, connection: str, session_id: str) -> Arranged | None:
    """What was chosen for a session, null while nobody did."""
    payload = db.execute(
        select(ARRANGEMENTS.c.payload).where(
            ARRANGEMENTS.c.connection == connection, ARRANGEMENTS.c.session_id == session_id
        )
    ).scalar()
    return None if payload is None else from_json(Arranged, payload)


def save(db: Transaction, connection: str, session_id: str, arranged: Arranged) -> None:
    """Keep the choice in place of the one before."""
    db.execute(
        delete(ARRANGEMENTS).where(ARRANGEMENTS.c.connection == connection, ARRANGEMENTS.c.session_id == session_id)
    )
    db.execute(
        insert(ARRANGEMENTS).values(connection=connection, session_id=session_id, payload=arranged.model_dump_json())
    )
