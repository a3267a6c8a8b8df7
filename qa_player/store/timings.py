"""Timings that a person set or a measurement found; what a provider says lies with the session's detail."""

from __future__ import annotations

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete, insert, select

from qa_player.canonical import canonical_json
from qa_player.model.timing import Timing
from qa_player.store.payloads import from_json
from qa_player.store.tables import TIMINGS


def load(db: Transaction, connection: str, session_id: str) -> Timing | None:
    """The timing kept for a session, null when its provider's own is in force."""
    payload = db.execute(
        select(TIMINGS.c.payload).where(TIMINGS.c.connection == connection, TIMINGS.c.session_id == session_id)
    ).scalar()
    return None if payload is None else from_json(Timing, payload)


def save(db: Transaction, connection: str, session_id: str, timing: Timing) -> None:
    """Keep ``timing`` for a session, in place of what was kept."""
    forget(db, connection, session_id)
    db.execute(insert(TIMINGS).values(connection=connection, session_id=session_id, payload=timing.model_dump_json()))


def forget(db: Transaction, connection: str, session_id: str) -> None:
    """Let the provider's own timing be in force again."""
    db.execute(delete(TIMINGS).where(TIMINGS.c.connection == connection, TIMINGS.c.session_id == session_id))


def evidence(timing: Timing) -> bytes:
    """The one spelling of a timing that an audit event proves; the drift in whole millionths of a millionth."""
    return canonical_json(
        {
            "quality": timing.quality.value,
            "origin": timing.origin.value,
            "offset_ms": timing.offset_ms,
            "drift_ppt": round(timing.drift_ppm * 1_000_000),
        }
    )
