"""Full text of all transcripts and annotations (SQLite's FTS5), written in the transaction of what it tells of.

Rows are numbered by the time of their session, so that the newest come first without sorting: 34 bits of seconds since
1970, then 29 bits that count within one second. What narrows a search (connection, role, tag, kind) stands in the index
as words of a second column, and is found with the text in one pass.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete, insert, select

from qa_player.canonical import sha256
from qa_player.model.annotation import Annotation
from qa_player.model.search import Hit, HitKind, Sought
from qa_player.model.session import Session, SessionDetail
from qa_player.model.timing import Timing
from qa_player.model.transcript import Role, Turn
from qa_player.store import timings
from qa_player.store.payloads import from_json
from qa_player.store.review_tables import INDEXED, REVIEW_STATES
from qa_player.store.search_query import expression
from qa_player.store.tables import DETAILS, SESSION_PAYLOADS, SESSIONS

_WITHIN = 29
_LATEST_S = 2**34 - 1


def index_turns(db: Transaction, detail: SessionDetail) -> None:
    """Let the turns of a session be found; those of an older transcript no more."""
    session = detail.session
    subject = _turns_of(session.connection, session.session_id)
    known = db.execute(select(INDEXED.c.digest).where(INDEXED.c.subject == subject)).scalar()
    if known == detail.transcript_digest:
        return
    _forget(db, subject)
    facets = f"{_word('c', session.connection)} kturn"
    rows = [
        (
            turn.text,
            f"{facets} r{turn.role.value}",
            json.dumps(
                [
                    session.connection,
                    session.session_id,
                    turn.index,
                    turn.raw_start_ms,
                    _heard_ms(detail, turn),
                    None,
                    turn.role,
                ]
            ),
        )
        for turn in detail.turns
        if turn.text
    ]
    first = _insert(db, _second(session), rows)
    db.execute(
        insert(INDEXED).values(
            subject=subject, digest=detail.transcript_digest, first=first, last=first + max(len(rows) - 1, 0)
        )
    )


def index_annotation(db: Transaction, annotation: Annotation) -> None:
    """Let an annotation be found as it is now."""
    forget_annotation(db, annotation.annotation_id)
    session = _session(db, annotation.connection, annotation.session_id)
    words = f"{_word('c', annotation.connection)} kannotation {_word('t', annotation.tag.casefold())}"
    role = "" if annotation.role is None else f" r{annotation.role.value}"
    place = [
        annotation.connection,
        annotation.session_id,
        None,
        None,
        annotation.start_ms,
        annotation.tag,
        annotation.role,
    ]
    text = "\n".join(filter(None, (annotation.tag, annotation.text)))
    first = _insert(db, 0 if session is None else _second(session), [(text, words + role, json.dumps(place))])
    db.execute(
        insert(INDEXED).values(subject=_annotation(annotation.annotation_id), digest="", first=first, last=first)
    )


def forget_annotation(db: Transaction, annotation_id: str) -> None:
    """Let an annotation be found no more."""
    _forget(db, _annotation(annotation_id))


def unindexed(db: Transaction, limit: int) -> list[SessionDetail]:
    """Details that were kept before there was an index."""
    found = db.execute(
        select(DETAILS.c.payload)
        .join(SESSIONS, SESSIONS.c.number == DETAILS.c.number)
        .where(
            ~select(INDEXED.c.subject)
            .where(INDEXED.c.subject == "turns:" + SESSIONS.c.connection + "\x1f" + SESSIONS.c.session_id)
            .exists()
        )
        .limit(limit)
    ).scalars()
    return [from_json(SessionDetail, payload) for payload in found]


def find(db: Transaction, sought: Sought) -> tuple[Hit, ...]:
    """The newest hits first; within a session in the order of the conversation. Raises UsageError for no words."""
    words = expression(sought.text)
    facets = [
        *([_word("c", sought.connection)] if sought.connection is not None else []),
        *([f"r{sought.role.value}"] if sought.role is not None else []),
        *([_word("t", sought.tag.casefold())] if sought.tag is not None else []),
    ]
    asked = f"text : ({words})" + "".join(f" AND facets : {facet}" for facet in facets)
    least = 0 if sought.since is None else _seconds(sought.since) << _WITHIN
    rows = db.exec_driver_sql(
        "SELECT place, snippet(search, 0, '', '', '…', 24) FROM search "
        "WHERE search MATCH ? AND rowid >= ? ORDER BY rowid DESC",
        (asked, least),
    )
    told = _Sessions(db)
    found = []
    for place, excerpt in rows:
        where = json.loads(place)
        if sought.below is None or told.scored_below(where[0], where[1], sought.below):
            found.append(told.hit(where, excerpt))
        if len(found) == sought.limit:
            break
    rows.close()
    order = {one: at for at, one in enumerate(dict.fromkeys((hit.connection, hit.session_id) for hit in found))}
    return tuple(sorted(found, key=lambda hit: (order[hit.connection, hit.session_id], hit.start_ms or 0)))


class _Sessions:
    """What is told of the sessions of hits, each looked up once."""

    def __init__(self, db: Transaction) -> None:
        self._db = db
        self._known: dict[tuple[str, str], tuple[Session | None, Timing | None]] = {}
        self._scores: dict[tuple[str, str], int | None] | None = None

    def hit(self, where: list[Any], excerpt: str) -> Hit:
        """``where``: connection, session, turn (null for an annotation), its raw start, its start under the provider's
        timing, an annotation's tag, and who said it."""
        connection, session_id, turn_index, raw_ms, start_ms, *of_whom = where
        session, timing = self._of(connection, session_id)
        if timing is not None and raw_ms is not None:
            start_ms = max(timing.to_audio_ms(raw_ms), 0)
        tag, role = of_whom if of_whom else (None, None)  # turns of an older index have none
        return Hit(
            connection=connection,
            session_id=session_id,
            title="" if session is None else session.title,
            started_at=None if session is None else session.started_at,
            kind=HitKind.ANNOTATION if turn_index is None else HitKind.TURN,
            turn_index=turn_index,
            role=None if role is None else Role(role),
            tag=tag,
            start_ms=start_ms,
            excerpt=excerpt,
        )

    def scored_below(self, connection: str, session_id: str, score: int) -> bool:
        if self._scores is None:
            rows = self._db.execute(select(REVIEW_STATES))
            self._scores = {(row.connection, row.session_id): json.loads(row.payload).get("score") for row in rows}
        known = self._scores.get((connection, session_id))
        return known is not None and known < score

    def _of(self, connection: str, session_id: str) -> tuple[Session | None, Timing | None]:
        place = connection, session_id
        if place not in self._known:
            session = _session(self._db, *place)
            self._known[place] = session, timings.load(self._db, *place)
        return self._known[place]


def _heard_ms(detail: SessionDetail, turn: Turn) -> int | None:
    """Where a turn begins in the recording while the provider's own timing is in force."""
    return None if turn.raw_start_ms is None else max(detail.timing.to_audio_ms(turn.raw_start_ms), 0)


def _session(db: Transaction, connection: str, session_id: str) -> Session | None:
    payload = db.execute(
        select(SESSION_PAYLOADS.c.payload)
        .join(SESSIONS, SESSIONS.c.number == SESSION_PAYLOADS.c.number)
        .where(SESSIONS.c.connection == connection, SESSIONS.c.session_id == session_id)
    ).scalar()
    return None if payload is None else from_json(Session, payload)


def _insert(db: Transaction, second: int, rows: list[tuple[str, str, str]]) -> int:
    """The number of the first of ``rows``, which follow each other."""
    base = max(second, 1) << _WITHIN
    last = db.exec_driver_sql(
        "SELECT max(rowid) FROM search WHERE rowid >= ? AND rowid < ?", (base, base + (1 << _WITHIN))
    ).scalar()
    first = base if last is None else int(last) + 1
    if rows:
        # at NUL the index and its own check of itself come to different ends
        numbered = [(first + at, text.replace("\x00", "\ufffd"), *rest) for at, (text, *rest) in enumerate(rows)]
        db.exec_driver_sql("INSERT INTO search(rowid, text, facets, place) VALUES (?, ?, ?, ?)", numbered)
    return first


def _forget(db: Transaction, subject: str) -> None:
    known = db.execute(select(INDEXED.c.first, INDEXED.c.last).where(INDEXED.c.subject == subject)).first()
    if known is not None:
        db.exec_driver_sql("DELETE FROM search WHERE rowid BETWEEN ? AND ?", (known.first, known.last))
        db.execute(delete(INDEXED).where(INDEXED.c.subject == subject))


def _second(session: Session) -> int:
    return 0 if session.started_at is None else _seconds(session.started_at)


def _seconds(instant: datetime) -> int:
    return min(max(int((instant - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()), 0), _LATEST_S)


def _word(kind: str, text: str) -> str:
    """A word of its own for any text: it stands in an index whose words cannot hold everything."""
    return kind + sha256(text.encode("utf-8", "surrogatepass"))[:16]


def _turns_of(connection: str, session_id: str) -> str:
    return f"turns:{connection}\x1f{session_id}"


def _annotation(annotation_id: str) -> str:
    return f"annotation:{annotation_id}"
