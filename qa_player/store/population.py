"""The sessions that a sample is drawn from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection as Transaction
from sqlalchemy import select

from qa_player.model.listing import SessionFilter
from qa_player.model.sample import Population
from qa_player.model.session import Session
from qa_player.store import listing
from qa_player.store.payloads import from_json
from qa_player.store.tables import SESSION_PAYLOADS

_AT_ONCE = 1_000


def population(db: Transaction, wanted: Population) -> list[Session]:
    """The sessions that are kept here and that ``wanted`` leaves."""
    listed = SessionFilter(
        connection=wanted.connection,
        text=wanted.text,
        chips=frozenset(wanted.chips),
        sample_id=wanted.sample_id,
    )
    return [session for session in _sessions(db, listing.numbers(db, listed)) if _is_of(session, wanted)]


def _sessions(db: Transaction, numbers: Sequence[int]) -> Iterator[Session]:
    for start in range(0, len(numbers), _AT_ONCE):
        some = SESSION_PAYLOADS.c.number.in_(numbers[start : start + _AT_ONCE])
        for payload in db.execute(select(SESSION_PAYLOADS.c.payload).where(some)).scalars():
            yield from_json(Session, payload)


def _is_of(session: Session, wanted: Population) -> bool:
    started = session.started_at
    if (wanted.since or wanted.until) is not None and started is None:
        return False
    return (
        (wanted.agent is None or session.agent == wanted.agent)
        and (wanted.since is None or started is None or started >= wanted.since)
        and (wanted.until is None or started is None or started <= wanted.until)
    )
