"""Which sessions have what is to be handed on, and the annotations and scorecards of some of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection as Transaction
from sqlalchemy import Table, and_, func, select

from qa_player.model.annotation import Annotation
from qa_player.model.handed_on import What
from qa_player.model.scorecard import Scorecard
from qa_player.model.session import Session
from qa_player.store.annotations import of_session
from qa_player.store.payloads import from_json
from qa_player.store.review_tables import SCORECARDS
from qa_player.store.tables import ANNOTATIONS, SESSION_PAYLOADS, SESSIONS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OF: Mapping[What, Table] = {
    What.TRANSCRIPTS: SESSIONS,
    What.ANNOTATIONS: ANNOTATIONS,
    What.SCORES: SCORECARDS,
}


def session_ids(
    db: Transaction, connection: str, what: What, *, since: datetime | None, until: datetime | None
) -> tuple[list[str], int]:
    """The sessions that may have ``what``, the oldest first, and how many are left out because nobody knows when they
    were, while a date was asked for. The order depends on the sessions alone, not on when they came to be kept."""
    of = _OF[what]
    started = SESSIONS.c.started_at_ms
    ids = select(of.c.session_id).where(of.c.connection == connection).distinct().subquery()
    found = db.execute(
        select(ids.c.session_id, started)
        .outerjoin(SESSIONS, and_(SESSIONS.c.connection == connection, SESSIONS.c.session_id == ids.c.session_id))
        .order_by(started.asc().nulls_last(), ids.c.session_id)
    )
    first = None if since is None else (since - _EPOCH) // timedelta(milliseconds=1)
    last = None if until is None else (until - _EPOCH) // timedelta(milliseconds=1)
    wanted, undated = [], 0
    for session_id, at in found.cursor.fetchall():
        if at is None and (first is not None or last is not None):
            undated += 1
        elif at is None or ((first is None or at >= first) and (last is None or at <= last)):
            wanted.append(session_id)
    found.close()
    return wanted, undated


def listed(db: Transaction, connection: str, session_ids: Sequence[str]) -> dict[str, Session]:
    """These sessions as their provider last told of them; those that are not listed are left out."""
    rows = db.execute(
        select(SESSION_PAYLOADS.c.payload)
        .join(SESSIONS, SESSIONS.c.number == SESSION_PAYLOADS.c.number)
        .where(SESSIONS.c.connection == connection, SESSIONS.c.session_id.in_(session_ids))
    ).scalars()
    return {session.session_id: session for session in (from_json(Session, payload) for payload in rows)}


def annotations_of(db: Transaction, connection: str, session_ids: Sequence[str]) -> dict[str, tuple[Annotation, ...]]:
    """The annotations of each of these sessions, by start; a private one is handed on to nobody."""
    return {
        session_id: tuple(one for one in of_session(db, connection, session_id) if not one.private)
        for session_id in session_ids
    }


def private_of(db: Transaction, connection: str, session_ids: Sequence[str]) -> int:
    """How many annotations of these sessions are private."""
    counted = select(func.count()).where(
        ANNOTATIONS.c.connection == connection, ANNOTATIONS.c.session_id.in_(session_ids), ANNOTATIONS.c.private != 0
    )
    return int(db.execute(counted).scalar_one())


def scores_of(db: Transaction, connection: str, session_ids: Sequence[str]) -> dict[str, tuple[Scorecard, ...]]:
    """The scorecards of each of these sessions that were submitted, in the order in which they were begun."""
    found: dict[str, list[Scorecard]] = {}
    rows = db.execute(
        select(SCORECARDS.c.payload).where(
            SCORECARDS.c.connection == connection, SCORECARDS.c.session_id.in_(session_ids)
        )
    ).scalars()
    for card in (from_json(Scorecard, payload) for payload in rows):
        if card.submitted_at is not None:
            found.setdefault(card.session_id, []).append(card)
    return {
        session_id: tuple(sorted(cards, key=lambda card: (card.created_at, card.scorecard_id)))
        for session_id, cards in found.items()
    }
