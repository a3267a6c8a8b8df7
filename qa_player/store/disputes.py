"""Disputes over scorecards, each whole with what was decided once it was applied."""

from __future__ import annotations

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete, insert, select

from qa_player.canonical import canonical_json
from qa_player.model.dispute import Dispute
from qa_player.store.payloads import from_json
from qa_player.store.review_tables import DISPUTES


def save(db: Transaction, dispute: Dispute) -> None:
    """Keep it in place of what was kept of it."""
    db.execute(delete(DISPUTES).where(DISPUTES.c.dispute_id == dispute.dispute_id))
    db.execute(
        insert(DISPUTES).values(
            dispute_id=dispute.dispute_id,
            scorecard_id=dispute.scorecard.scorecard_id,
            payload=dispute.model_dump_json(),
        )
    )


def named(db: Transaction, dispute_id: str) -> Dispute | None:
    """Null where none of that id was opened here."""
    payload = db.execute(select(DISPUTES.c.payload).where(DISPUTES.c.dispute_id == dispute_id)).scalar()
    return None if payload is None else from_json(Dispute, payload)


def unsettled(db: Transaction, scorecard_id: str) -> tuple[Dispute, ...]:
    """Those over a card that nobody applied yet."""
    payloads = db.execute(select(DISPUTES.c.payload).where(DISPUTES.c.scorecard_id == scorecard_id)).scalars()
    found = (from_json(Dispute, payload) for payload in payloads)
    return tuple(one for one in found if one.settled_at is None)


def evidence(dispute: Dispute) -> bytes:
    """The one spelling of a dispute that an audit event proves (``AuditAct.content``)."""
    return canonical_json(dispute.model_dump(mode="json"))
