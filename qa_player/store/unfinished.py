"""What is being written, one for each person and session: it is gone once it was kept or thrown away."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy import Connection as Transaction

from qa_player.model.unfinished import Unfinished
from qa_player.store.payloads import from_json
from qa_player.store.review_tables import UNFINISHED


def put(db: Transaction, login: str, written: Unfinished) -> None:
    """Keep it in place of what was being written there before."""
    forget(db, login, written.connection, written.session_id)
    db.execute(
        insert(UNFINISHED).values(
            login=login,
            connection=written.connection,
            session_id=written.session_id,
            payload=written.model_dump_json(),
        )
    )


def of_session(db: Transaction, login: str, connection: str, session_id: str) -> Unfinished | None:
    """What that person was writing there; null when nothing is."""
    payload = db.execute(select(UNFINISHED.c.payload).where(*_is(login, connection, session_id))).scalar()
    return None if payload is None else from_json(Unfinished, payload)


def forget(db: Transaction, login: str, connection: str, session_id: str) -> None:
    """It was kept, or thrown away."""
    db.execute(delete(UNFINISHED).where(*_is(login, connection, session_id)))


def _is(login: str, connection: str, session_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        UNFINISHED.c.login == login,
        UNFINISHED.c.connection == connection,
        UNFINISHED.c.session_id == session_id,
    )
