"""Lists of sessions: which rows a filter leaves and in which order, as numbers; and the rows of some numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy import Connection as Transaction

from qa_player.model.listing import SessionChip, SessionFilter, SessionOrder, SessionRow
from qa_player.model.queue import QueueItem
from qa_player.model.recording import RecordingState
from qa_player.model.review_state import ReviewProgress, ReviewState
from qa_player.model.session import Session, SessionState
from qa_player.store import queue
from qa_player.store.payloads import from_json
from qa_player.store.review_tables import QUEUE, REVIEW_STATES, SAMPLES
from qa_player.store.tables import ANNOTATIONS, SESSION_PAYLOADS, SESSIONS

MOST_AGENTS = 500

_AT_ONCE = 1_000
"""How many numbers go into one statement; databases bound them."""

_ORDERS: Mapping[SessionOrder, tuple[ColumnElement[Any], ...]] = {
    SessionOrder.NEWEST: (SESSIONS.c.started_at_ms.desc().nulls_last(), SESSIONS.c.number.desc()),
    SessionOrder.OLDEST: (SESSIONS.c.started_at_ms.asc().nulls_last(), SESSIONS.c.number.asc()),
    SessionOrder.LONGEST: (SESSIONS.c.duration_ms.desc().nulls_last(), SESSIONS.c.number.desc()),
    SessionOrder.QUEUE: (SESSIONS.c.started_at_ms.desc().nulls_last(), SESSIONS.c.number.desc()),
    SessionOrder.TITLE: (SESSIONS.c.title.asc(), SESSIONS.c.number.asc()),
}

_session = SESSIONS.alias()
_ANNOTATED = SESSIONS.c.number.in_(
    select(_session.c.number).join(
        ANNOTATIONS,
        and_(ANNOTATIONS.c.connection == _session.c.connection, ANNOTATIONS.c.session_id == _session.c.session_id),
    )
)


def _is(*states: ReviewState) -> ColumnElement[bool]:
    return SESSIONS.c.number.in_(
        select(_session.c.number)
        .join(
            REVIEW_STATES,
            and_(
                REVIEW_STATES.c.connection == _session.c.connection,
                REVIEW_STATES.c.session_id == _session.c.session_id,
            ),
        )
        .where(REVIEW_STATES.c.state.in_([state.value for state in states]))
    )


_REVIEWS: Mapping[SessionChip, ColumnElement[bool]] = {
    SessionChip.TO_REVIEW: ~_ANNOTATED & ~_is(ReviewState.IN_REVIEW, ReviewState.DONE, ReviewState.DISPUTED),
    SessionChip.IN_REVIEW: _is(ReviewState.IN_REVIEW),
    SessionChip.DONE: _is(ReviewState.DONE),
    SessionChip.DISPUTED: _is(ReviewState.DISPUTED),
    SessionChip.QUEUED: SESSIONS.c.number.in_(
        select(_session.c.number).join(
            QUEUE, and_(QUEUE.c.connection == _session.c.connection, QUEUE.c.session_id == _session.c.session_id)
        )
    )
    & ~_is(ReviewState.DONE, ReviewState.DISPUTED),
    SessionChip.ANNOTATED: _ANNOTATED,
}

_CHIPS: Mapping[SessionChip, ColumnElement[bool]] = {
    **_REVIEWS,
    SessionChip.WITH_RECORDING: SESSIONS.c.recording_state == RecordingState.AVAILABLE.value,
    SessionChip.IN_PROGRESS: SESSIONS.c.state == SessionState.IN_PROGRESS.value,
}

_BY_NUMBER: Mapping[SessionChip, ColumnElement[bool]] = {
    **_REVIEWS,
    # most have one: naming those that have none is the shorter list
    SessionChip.WITH_RECORDING: SESSIONS.c.number.not_in(
        select(_session.c.number).where(_session.c.recording_state != RecordingState.AVAILABLE.value)
    ),
}
"""Chips that are answered by a row's number alone, which every index holds."""


def numbers(db: Transaction, wanted: SessionFilter) -> list[int]:
    """The numbers of the sessions that ``wanted`` leaves, in its order."""
    conditions = [_BY_NUMBER[chip] for chip in wanted.chips & _BY_NUMBER.keys()]
    read = _text(wanted) + [_CHIPS[chip] for chip in wanted.chips - _BY_NUMBER.keys()]
    if read:
        # rows are read once in the order they lie in, not one by one in the order of an index: half the time
        conditions.append(
            SESSIONS.c.number.in_(select(SESSIONS.c.number).where(*_within(wanted), *read).correlate(None))
        )
    query = select(SESSIONS.c.number).where(*_within(wanted), *conditions)
    found = db.execute(query.order_by(*_ORDERS[wanted.order]))
    # plain numbers from the driver itself: making a row object of each takes longer than the search
    numbers = [number for (number,) in found.cursor.fetchall()]
    found.close()
    return _as_worked(db, numbers) if wanted.order is SessionOrder.QUEUE else numbers


def _as_worked(db: Transaction, numbers: list[int]) -> list[int]:
    """``numbers`` with those of the queue first, in its order."""
    found = db.execute(
        select(SESSIONS.c.connection, SESSIONS.c.session_id, SESSIONS.c.number).join(
            QUEUE, and_(QUEUE.c.connection == SESSIONS.c.connection, QUEUE.c.session_id == SESSIONS.c.session_id)
        )
    )
    known = {(connection, session_id): number for connection, session_id, number in found}
    worked = (known.get(one.place) for one in queue.everything(db))
    rank = {number: at for at, number in enumerate(number for number in worked if number is not None)}
    return sorted(numbers, key=lambda number: rank.get(number, len(rank)))


def counts(db: Transaction, wanted: SessionFilter) -> dict[SessionChip, int]:
    """How many sessions of ``wanted``'s connection and text each chip would show if it were the only one."""
    columns = [func.count().filter(condition).label(chip.value) for chip, condition in _CHIPS.items()]
    found = db.execute(select(*columns).select_from(SESSIONS).where(*_within(wanted), *_text(wanted))).one()
    return {chip: int(count) for chip, count in zip(_CHIPS, found, strict=True)}


def rows(db: Transaction, wanted: Sequence[int]) -> list[SessionRow]:
    """The rows of these numbers in the order given; numbers that are gone are left out."""
    found: dict[int, SessionRow] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        for row in _some_rows(db, wanted[start : start + _AT_ONCE]):
            found[row.number] = row
    return [found[number] for number in wanted if number in found]


def agents(db: Transaction, connection: str) -> list[str]:
    """The agents of a connection's sessions, by name, up to `MOST_AGENTS`."""
    agent = func.json_extract(SESSION_PAYLOADS.c.payload, "$.agent")
    found = db.execute(
        select(agent)
        .distinct()
        .join(SESSIONS, SESSIONS.c.number == SESSION_PAYLOADS.c.number)
        .where(SESSIONS.c.connection == connection, agent.is_not(None))
        .order_by(agent)
        .limit(MOST_AGENTS)
    )
    return [name for name in found.scalars() if name]


def searchable(text: str) -> str:
    """``text`` as it is sought: without case, one spelling per character, and without NUL, at which SQL stops."""
    return unicodedata.normalize("NFKC", text).casefold().replace("\x00", "\ufffd")


def _some_rows(db: Transaction, wanted: Sequence[int]) -> list[SessionRow]:
    made = (
        select(func.count())
        .select_from(ANNOTATIONS)
        .where(ANNOTATIONS.c.connection == SESSIONS.c.connection, ANNOTATIONS.c.session_id == SESSIONS.c.session_id)
        .scalar_subquery()
    )
    found = db.execute(
        select(SESSIONS.c.number, SESSION_PAYLOADS.c.payload, made, REVIEW_STATES.c.payload, QUEUE.c.payload)
        .join(SESSION_PAYLOADS, SESSION_PAYLOADS.c.number == SESSIONS.c.number)
        .outerjoin(
            REVIEW_STATES,
            and_(
                REVIEW_STATES.c.connection == SESSIONS.c.connection,
                REVIEW_STATES.c.session_id == SESSIONS.c.session_id,
            ),
        )
        .outerjoin(
            QUEUE, and_(QUEUE.c.connection == SESSIONS.c.connection, QUEUE.c.session_id == SESSIONS.c.session_id)
        )
        .where(SESSIONS.c.number.in_(wanted))
    )
    return [
        SessionRow(
            number=number,
            session=from_json(Session, payload),
            annotations=count,
            review=None if progress is None else from_json(ReviewProgress, progress),
            queued=item is not None,
            due_at=None if item is None else from_json(QueueItem, item).due_at,
        )
        for number, payload, count, progress, item in found
    ]


def _within(wanted: SessionFilter) -> list[ColumnElement[bool]]:
    """Of that connection, and of that sample."""
    found: list[ColumnElement[bool]] = []
    if wanted.connection is not None:
        found.append(SESSIONS.c.connection == wanted.connection)
    if wanted.sample_id is not None:
        drawn = func.json_each(SAMPLES.c.payload, "$.drawn").table_valued("value")
        of = {name: func.json_extract(drawn.c.value, f"$.{name}") for name in ("connection", "session_id")}
        found.append(
            SESSIONS.c.number.in_(
                select(_session.c.number)
                .select_from(SAMPLES)
                .join(drawn, true())
                .join(
                    _session,
                    and_(_session.c.connection == of["connection"], _session.c.session_id == of["session_id"]),
                )
                .where(SAMPLES.c.sample_id == wanted.sample_id)
            )
        )
    return found


def _text(wanted: SessionFilter) -> list[ColumnElement[bool]]:
    """What is sought, and whose sessions: an agent has a line of its own in what is searched."""
    text, found = searchable(wanted.text.strip()), []
    if text:
        found.append(SESSIONS.c.search.contains(text, autoescape=True))
    if wanted.agent is not None:
        found.append(SESSIONS.c.search.contains(f"\n{searchable(wanted.agent)}\n", autoescape=True))
    return found
