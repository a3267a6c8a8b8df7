"""Sittings: what each person heard of each session, one row for each time it was open."""

from __future__ import annotations

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete, insert, select

from qa_player.canonical import canonical_json
from qa_player.model.coverage import Sitting
from qa_player.store.payloads import from_json
from qa_player.store.tables import SITTINGS


def save(db: Transaction, sitting: Sitting) -> None:
    """Keep ``sitting`` in place of what was kept of it."""
    db.execute(delete(SITTINGS).where(SITTINGS.c.sitting_id == sitting.sitting_id))
    db.execute(
        insert(SITTINGS).values(
            sitting_id=sitting.sitting_id,
            connection=sitting.connection,
            session_id=sitting.session_id,
            payload=sitting.model_dump_json(),
        )
    )


def of_session(db: Transaction, connection: str, session_id: str) -> tuple[Sitting, ...]:
    """Every sitting over one session, in the order in which they began."""
    rows = db.execute(
        select(SITTINGS.c.payload).where(SITTINGS.c.connection == connection, SITTINGS.c.session_id == session_id)
    ).scalars()
    return tuple(
        sorted((from_json(Sitting, payload) for payload in rows), key=lambda one: (one.began_at, one.sitting_id))
    )


def evidence(sitting: Sitting) -> bytes:
    """The one spelling of a sitting that an audit event proves; speeds and levels as whole thousandths."""
    return canonical_json(
        {
            "sitting_id": sitting.sitting_id,
            "actor": sitting.actor,
            "stretches": [
                [
                    one.start_ms,
                    one.end_ms,
                    one.manner.value,
                    round(one.speed * 1_000),
                    None if one.level_db is None else round(one.level_db * 1_000),
                ]
                for one in sitting.stretches
            ],
        }
    )
