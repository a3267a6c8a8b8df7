"""Scorecards, each whole with the version of the form it was answered on."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete, insert, select, update

from qa_player.canonical import canonical_json
from qa_player.errors import ConflictError
from qa_player.model.scorecard import Scorecard
from qa_player.store.payloads import from_json
from qa_player.store.review_tables import SCORECARDS


def add(db: Transaction, card: Scorecard) -> None:
    """Keep a new one."""
    db.execute(
        insert(SCORECARDS).values(
            scorecard_id=card.scorecard_id,
            connection=card.connection,
            session_id=card.session_id,
            revision=card.revision,
            payload=card.model_dump_json(),
        )
    )


def replace(db: Transaction, card: Scorecard, *, expected_revision: int) -> None:
    """Put ``card`` in place of the one that was read; raises ConflictError when another was written meanwhile."""
    changed = db.execute(
        update(SCORECARDS)
        .where(SCORECARDS.c.scorecard_id == card.scorecard_id, SCORECARDS.c.revision == expected_revision)
        .values(revision=card.revision, payload=card.model_dump_json())
    )
    if changed.rowcount != 1:
        raise _changed()


def delete_draft(db: Transaction, card: Scorecard) -> None:
    """Take a draft away; raises ConflictError when it was written meanwhile."""
    gone = db.execute(
        delete(SCORECARDS).where(SCORECARDS.c.scorecard_id == card.scorecard_id, SCORECARDS.c.revision == card.revision)
    )
    if gone.rowcount != 1:
        raise _changed()


def of_session(db: Transaction, connection: str, session_id: str) -> tuple[Scorecard, ...]:
    """Those of one session in the order in which they were begun."""
    payloads = db.execute(
        select(SCORECARDS.c.payload).where(SCORECARDS.c.connection == connection, SCORECARDS.c.session_id == session_id)
    ).scalars()
    return _sorted(payloads)


def everything(db: Transaction) -> tuple[Scorecard, ...]:
    """Those of all sessions in the order in which they were begun."""
    return _sorted(db.execute(select(SCORECARDS.c.payload)).scalars())


def evidence(card: Scorecard) -> bytes:
    """The one spelling of a scorecard that an audit event proves (``AuditAct.content``). What cards had no word for at
    first is left out where it says nothing, so that old events still prove old cards."""
    told = card.model_dump(mode="json")
    if card.replaces is None:
        del told["replaces"]
    return canonical_json(told)


def _sorted(payloads: Iterable[str]) -> tuple[Scorecard, ...]:
    cards = (from_json(Scorecard, payload) for payload in payloads)
    return tuple(sorted(cards, key=lambda card: (card.created_at, card.scorecard_id)))


def _changed() -> ConflictError:
    return ConflictError(
        "This scorecard was changed by somebody else since; nothing was overwritten.", "Look at it again."
    )
