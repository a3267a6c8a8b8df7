"""What is being written, one row for each person and thing it is about: gone once it was kept or thrown away."""

from __future__ import annotations

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete, insert, select

from qa_player.model.unfinished import Unfinished, UnfinishedWords
from qa_player.store.payloads import from_json
from qa_player.store.review_tables import UNFINISHED


def put(db: Transaction, login: str, written: Unfinished | UnfinishedWords) -> None:
    """Keep it in place of what was being written about the same thing before."""
    forget(db, login, written)
    db.execute(
        insert(UNFINISHED).values(
            login=login,
            connection=written.connection,
            session_id=written.session_id,
            about=written.about,
            payload=written.model_dump_json(),
        )
    )


def of_session(db: Transaction, login: str, connection: str, session_id: str) -> tuple[Unfinished, ...]:
    """The annotations that person was writing there, what was written last at the end."""
    found = (from_json(Unfinished, payload) for payload in _payloads(db, login, connection, session_id, "annotation:"))
    return tuple(sorted(found, key=lambda one: (one.written_at, one.about)))


def of_notes(db: Transaction, login: str, connection: str, session_id: str) -> tuple[UnfinishedWords, ...]:
    """The words that person was writing on the notes of that session, what was written last at the end."""
    found = (from_json(UnfinishedWords, payload) for payload in _payloads(db, login, connection, session_id, "note:"))
    return tuple(sorted(found, key=lambda one: (one.written_at, one.about)))


def forget(db: Transaction, login: str, written: Unfinished | UnfinishedWords) -> None:
    """It was kept, or thrown away."""
    db.execute(
        delete(UNFINISHED).where(
            UNFINISHED.c.login == login,
            UNFINISHED.c.connection == written.connection,
            UNFINISHED.c.session_id == written.session_id,
            UNFINISHED.c.about == written.about,
        )
    )


def _payloads(db: Transaction, login: str, connection: str, session_id: str, kind: str) -> list[str]:
    query = select(UNFINISHED.c.payload).where(
        UNFINISHED.c.login == login,
        UNFINISHED.c.connection == connection,
        UNFINISHED.c.session_id == session_id,
        UNFINISHED.c.about.startswith(kind),
    )
    return list(db.execute(query).scalars())
