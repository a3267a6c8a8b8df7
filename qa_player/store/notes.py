"""AI-written notes and what a person judged of them; each is kept under the digest of the note it belongs to."""

from __future__ import annotations

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete, insert, select

from qa_player.model.note import KeptNote
from qa_player.store.payloads import from_json
from qa_player.store.tables import NOTES


def save(db: Transaction, kept: KeptNote) -> None:
    """Keep a note; the same one received again takes the place of the first."""
    key = {"connection": kept.connection, "session_id": kept.note.session_id, "digest": kept.note.digest}
    db.execute(delete(NOTES).where(*(NOTES.c[name] == value for name, value in key.items())))
    payload = kept.model_dump_json()
    db.execute(insert(NOTES).values(**key, received_at=kept.received_at.isoformat(), payload=payload))


def latest(db: Transaction, connection: str, session_id: str) -> KeptNote | None:
    """The note of a session that was received last; null when it has none."""
    payload = db.execute(
        select(NOTES.c.payload)
        .where(NOTES.c.connection == connection, NOTES.c.session_id == session_id)
        .order_by(NOTES.c.received_at.desc(), NOTES.c.digest)
        .limit(1)
    ).scalar()
    return None if payload is None else from_json(KeptNote, payload)
