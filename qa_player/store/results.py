"""What results across sessions are made of: scorecards with their sessions and sittings, and the population."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection as Transaction
from sqlalchemy import and_, exists, func, select

from qa_player.model.coverage import Sitting
from qa_player.model.form import Form
from qa_player.model.results import Known
from qa_player.model.scorecard import Scorecard
from qa_player.model.session import Session
from qa_player.store.payloads import from_json
from qa_player.store.review_tables import SCORECARDS
from qa_player.store.tables import SESSION_PAYLOADS, SESSIONS, SITTINGS

_DIGEST = func.json_extract(SCORECARDS.c.payload, "$.form_digest")

_SMALLEST = (
    '{"form_id":"none","version":1,"title":"","weighing":"nothing","sections":[{"section_id":"none","title":"",'
    '"questions":[{"question_id":"none","title":"","kind":"text"}]}]}'
)
"""Stands for a card's form while the card is read: most of a card is its form, and thousands have the same."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def scorecards(db: Transaction, connection: str | None) -> tuple[tuple[Scorecard, Session | None], ...]:
    """Every card, of one connection or all, in the order in which they were begun; with its session where that is
    kept here."""
    forms = {
        digest: from_json(Scorecard, payload).form
        for digest, payload in db.execute(select(_DIGEST, func.min(SCORECARDS.c.payload)).group_by(_DIGEST))
    }
    query = (
        select(func.json_set(SCORECARDS.c.payload, "$.form", func.json(_SMALLEST)), SESSION_PAYLOADS.c.payload)
        .outerjoin(
            SESSIONS,
            and_(SESSIONS.c.connection == SCORECARDS.c.connection, SESSIONS.c.session_id == SCORECARDS.c.session_id),
        )
        .outerjoin(SESSION_PAYLOADS, SESSION_PAYLOADS.c.number == SESSIONS.c.number)
    )
    if connection is not None:
        query = query.where(SCORECARDS.c.connection == connection)
    found = [
        (_with_form(from_json(Scorecard, card), forms), None if session is None else from_json(Session, session))
        for card, session in db.execute(query)
    ]
    return tuple(sorted(found, key=lambda one: (one[0].created_at, one[0].scorecard_id)))


def sittings(db: Transaction, connection: str | None) -> Iterable[Sitting]:
    """Those over sessions that have a scorecard."""
    judged = exists().where(
        SCORECARDS.c.connection == SITTINGS.c.connection, SCORECARDS.c.session_id == SITTINGS.c.session_id
    )
    query = select(SITTINGS.c.payload).where(judged)
    if connection is not None:
        query = query.where(SITTINGS.c.connection == connection)
    return [from_json(Sitting, payload) for payload in db.execute(query).scalars()]


def population(
    db: Transaction, connection: str | None, since: datetime | None, until: datetime | None
) -> tuple[Known, ...]:
    """The sessions that are kept here, within the bounds, both included."""
    query = select(
        SESSIONS.c.connection,
        SESSIONS.c.session_id,
        func.json_extract(SESSION_PAYLOADS.c.payload, "$.agent").label("agent"),
        SESSIONS.c.started_at_ms,
    ).join(SESSION_PAYLOADS, SESSION_PAYLOADS.c.number == SESSIONS.c.number)
    if connection is not None:
        query = query.where(SESSIONS.c.connection == connection)
    if since is not None:
        query = query.where(SESSIONS.c.started_at_ms >= _ms(since))
    if until is not None:
        query = query.where(SESSIONS.c.started_at_ms <= _ms(until))
    return tuple(
        Known(row.connection, row.session_id, row.agent, _instant(row.started_at_ms)) for row in db.execute(query)
    )


def _with_form(card: Scorecard, forms: Mapping[str, Form]) -> Scorecard:
    return card.model_copy(update={"form": forms[card.form_digest]})


def _ms(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def _instant(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else _EPOCH + timedelta(milliseconds=milliseconds)
