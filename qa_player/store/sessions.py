"""Sessions and their details: a page from a provider goes in, one session comes out. Lists of them: `listing`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete, insert, select, update

from qa_player.model.session import Session, SessionDetail
from qa_player.store import given_transcripts, search
from qa_player.store.listing import agents, counts, numbers, rows, searchable
from qa_player.store.payloads import from_json
from qa_player.store.review_tables import SPEECH
from qa_player.store.tables import DETAILS, NOTE_VERDICTS, NOTES, SESSION_PAYLOADS, SESSIONS

__all__ = [
    "agents",
    "counts",
    "detail",
    "forget_connection",
    "numbers",
    "provider_detail",
    "rows",
    "save_detail",
    "save_page",
    "session",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def save_page(db: Transaction, page: Sequence[Session]) -> None:
    """Keep what a provider lists: new sessions are added, known ones updated under the number they have.

    Details stay. What a listing leaves empty does not take back what was known (`_merged`).
    """
    by_connection: dict[str, dict[str, Session]] = {}
    for listed in page:
        by_connection.setdefault(listed.connection, {})[listed.session_id] = listed
    for connection, listing in by_connection.items():
        _save_listing(db, connection, listing)


def save_detail(db: Transaction, detail: SessionDetail) -> SessionDetail:
    """Keep one session whole, in place of an older detail of it; returns it with the transcript that is in force."""
    save_page(db, [detail.session])
    number = _number(db, detail.session.connection, detail.session.session_id)
    db.execute(delete(DETAILS).where(DETAILS.c.number == number))
    db.execute(
        insert(DETAILS).values(
            number=number,
            # bytes have no spelling in JSON
            payload=detail.model_copy(update={"raw": b""}).model_dump_json(),
            raw=detail.raw,
        )
    )
    in_force = given_transcripts.in_force(db, detail)
    search.index_turns(db, in_force)
    return in_force


def detail(db: Transaction, connection: str, session_id: str) -> SessionDetail | None:
    """The detail as its provider last gave it, with the transcript that is in force; null when it was never asked."""
    own = provider_detail(db, connection, session_id)
    return None if own is None else given_transcripts.in_force(db, own)


def provider_detail(db: Transaction, connection: str, session_id: str) -> SessionDetail | None:
    """The detail as its provider last gave it, null when it was never asked."""
    row = db.execute(
        select(DETAILS.c.payload, DETAILS.c.raw)
        .join(SESSIONS, SESSIONS.c.number == DETAILS.c.number)
        .where(SESSIONS.c.connection == connection, SESSIONS.c.session_id == session_id)
    ).first()
    return None if row is None else from_json(SessionDetail, row.payload).model_copy(update={"raw": row.raw})


def session(db: Transaction, connection: str, session_id: str) -> Session | None:
    """The session as its provider last told of it, null when it is not known."""
    known = _known(db, connection, [session_id])
    return known[session_id][1] if known else None


def forget_connection(db: Transaction, name: str) -> None:
    """Drop a connection's sessions, details, transcripts from files, what was measured of its recordings, and notes
    that nobody judged.

    Annotations, verdicts, timings and the audit trail are a person's work and stay; the cache's records stay until the
    cache has destroyed what they speak of.
    """
    db.execute(delete(SESSIONS).where(SESSIONS.c.connection == name))
    db.execute(delete(SPEECH).where(SPEECH.c.connection == name))
    given_transcripts.forget_connection(db, name)
    judged = select(NOTE_VERDICTS.c.digest).where(NOTE_VERDICTS.c.connection == name)
    db.execute(delete(NOTES).where(NOTES.c.connection == name, NOTES.c.digest.not_in(judged)))


def _save_listing(db: Transaction, connection: str, listing: dict[str, Session]) -> None:
    known = _known(db, connection, listing)
    fresh = [listed for session_id, listed in listing.items() if session_id not in known]
    if fresh:
        db.execute(insert(SESSIONS), [_columns(listed) for listed in fresh])
        given = _known_numbers(db, connection, [listed.session_id for listed in fresh])
        db.execute(
            insert(SESSION_PAYLOADS),
            [{"number": given[listed.session_id], "payload": listed.model_dump_json()} for listed in fresh],
        )
    for session_id, (number, before) in known.items():
        after = _merged(before, listing[session_id])
        if after != before:
            db.execute(update(SESSIONS).where(SESSIONS.c.number == number).values(_columns(after)))
            db.execute(
                update(SESSION_PAYLOADS)
                .where(SESSION_PAYLOADS.c.number == number)
                .values(payload=after.model_dump_json())
            )


def _merged(before: Session, after: Session) -> Session:
    """``after``, with what it leaves empty taken from ``before``: a listing says less than a detail did."""
    kept = {
        field: getattr(before, field)
        for field in type(after).model_fields
        if getattr(after, field) in (None, "", ()) or getattr(after, field) == {}
    }
    return after.model_copy(update=kept)


def _columns(listed: Session) -> dict[str, Any]:
    return {
        "connection": listed.connection,
        "session_id": listed.session_id,
        "started_at_ms": None
        if listed.started_at is None
        else (listed.started_at - _EPOCH) // timedelta(milliseconds=1),
        "duration_ms": listed.duration_ms,
        "title": searchable(listed.title),
        "state": listed.state.value,
        "recording_state": listed.recording_state.value,
        "search": searchable(f"{listed.title}\n{listed.agent or ''}\n{listed.session_id}"),
    }


def _known(db: Transaction, connection: str, session_ids: Iterable[str]) -> dict[str, tuple[int, Session]]:
    found = db.execute(
        select(SESSIONS.c.session_id, SESSIONS.c.number, SESSION_PAYLOADS.c.payload)
        .join(SESSION_PAYLOADS, SESSION_PAYLOADS.c.number == SESSIONS.c.number)
        .where(SESSIONS.c.connection == connection, SESSIONS.c.session_id.in_(list(session_ids)))
    )
    return {session_id: (number, from_json(Session, payload)) for session_id, number, payload in found}


def _known_numbers(db: Transaction, connection: str, session_ids: Iterable[str]) -> dict[str, int]:
    found = db.execute(
        select(SESSIONS.c.session_id, SESSIONS.c.number).where(
            SESSIONS.c.connection == connection, SESSIONS.c.session_id.in_(list(session_ids))
        )
    )
    return {row.session_id: row.number for row in found}


def _number(db: Transaction, connection: str, session_id: str) -> int:
    return _known_numbers(db, connection, [session_id])[session_id]
