"""Connections as they are kept; their keys lie in the keychain and never here."""

from __future__ import annotations

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete as delete_from
from sqlalchemy import insert, select

from qa_player.model.connection import Connection
from qa_player.store.payloads import from_json
from qa_player.store.tables import CONNECTIONS


def save(db: Transaction, connection: Connection) -> None:
    """Keep ``connection``, in place of one of the same name."""
    delete(db, connection.name)
    db.execute(insert(CONNECTIONS).values(name=connection.name, payload=connection.model_dump_json()))


def load(db: Transaction, name: str) -> Connection | None:
    """The connection of that name, null when there is none."""
    payload = db.execute(select(CONNECTIONS.c.payload).where(CONNECTIONS.c.name == name)).scalar()
    return None if payload is None else from_json(Connection, payload)


def load_all(db: Transaction) -> tuple[Connection, ...]:
    """Every connection, by name."""
    payloads = db.execute(select(CONNECTIONS.c.payload).order_by(CONNECTIONS.c.name)).scalars()
    return tuple(from_json(Connection, payload) for payload in payloads)


def delete(db: Transaction, name: str) -> None:
    """Forget the connection of that name; one that is not there is no error."""
    db.execute(delete_from(CONNECTIONS).where(CONNECTIONS.c.name == name))
