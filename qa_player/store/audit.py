"""The audit trail in the database: appending inside the transaction of the act, reading, verifying.

What is said or written reaches the trail only as an HMAC under a key of its session. While the key lives, the present
row of an annotation can be checked against its last event; once it is destroyed, the event says nothing of it any more.
"""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping, insert, select, update

from qa_player.canonical import NOTHING_BEFORE, keyed_digest
from qa_player.model.audit import AuditAct, AuditEvent
from qa_player.store import chain
from qa_player.store.failures import damaged
from qa_player.store.payloads import from_columns
from qa_player.store.tables import AUDIT, AUDIT_HEAD, SESSION_KEYS
from qa_player.store.verification import verify

__all__ = ["append", "events", "verify"]


def append(db: Transaction, act: AuditAct, at: datetime) -> AuditEvent:
    """Write the next link for ``act``; it holds when the caller's transaction is committed, and only then.

    Raises ValueError for a detail with fractions: two programs may spell them differently.
    """
    last = db.execute(select(AUDIT.c.sequence, AUDIT.c.digest).order_by(AUDIT.c.sequence.desc()).limit(1)).first()
    sequence, previous = (last.sequence + 1, last.digest) if last else (1, NOTHING_BEFORE)
    columns: dict[str, Any] = {
        "sequence": sequence,
        "at": chain.instant(at),
        "actor": act.actor,
        "action": act.action,
        "connection": act.connection,
        "session_id": act.session_id,
        "subject": act.subject,
        "detail": chain.detail_text(act.detail),
        "content_hmac": None if act.content is None else keyed_digest(_key(db, act), act.content),
        "previous": previous,
    }
    columns["digest"] = chain.link_digest(columns)
    db.execute(insert(AUDIT), columns)
    head = {"one": 1, "sequence": sequence, "digest": columns["digest"]}
    db.execute(insert(AUDIT_HEAD) if last is None else update(AUDIT_HEAD), head)
    return _event(columns)


def events(
    db: Transaction, *, connection: str | None = None, session_id: str | None = None, limit: int | None = None
) -> list[AuditEvent]:
    """Events in their order, of all or of one connection or session; with ``limit`` only the last ones.

    Raises IntegrityError for rows that are no events any more; `verify` names them.
    """
    query = select(AUDIT).order_by(AUDIT.c.sequence.desc()).limit(limit)
    if connection is not None:
        query = query.where(AUDIT.c.connection == connection)
    if session_id is not None:
        query = query.where(AUDIT.c.session_id == session_id)
    return [_event(row) for row in reversed(db.execute(query).mappings().all())]


def _key(db: Transaction, act: AuditAct) -> bytes:
    """The key of the act's session, made when it is first needed; acts without a session share one."""
    place = {"connection": act.connection or "", "session_id": act.session_id or ""}
    key = db.execute(
        select(SESSION_KEYS.c.key).where(*(SESSION_KEYS.c[name] == value for name, value in place.items()))
    ).scalar()
    if key is None:
        key = secrets.token_bytes(32)
        db.execute(insert(SESSION_KEYS).values(**place, key=key))
    return key


def _event(row: RowMapping | dict[str, Any]) -> AuditEvent:
    try:
        return from_columns(AuditEvent, dict(row) | {"detail": json.loads(row["detail"])})
    except (ValueError, RecursionError):
        raise damaged() from None
