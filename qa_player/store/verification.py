"""Whether the database is what was written: its pages, the audit chain, and the rows that the chain speaks of.

What can be claimed is that everything present agrees. The end is not proven: whoever can write the database can cut the
tail together with its effects, or make all of it anew. ``audit_head`` shows a tail that was cut carelessly, no more.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection as Transaction
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from qa_player.canonical import NOTHING_BEFORE, keyed_digest
from qa_player.errors import IntegrityError
from qa_player.model.audit import AuditVerdict
from qa_player.model.coverage import Sitting
from qa_player.model.dispute import Dispute
from qa_player.model.scorecard import Scorecard
from qa_player.model.statement import Verdict
from qa_player.model.timing import Timing
from qa_player.store import coverage, disputes, notes, scorecards, timings
from qa_player.store.annotations import evidence, of_row
from qa_player.store.chain import Chain
from qa_player.store.failures import known_trouble
from qa_player.store.payloads import from_json
from qa_player.store.review_tables import DISPUTES, SCORECARDS
from qa_player.store.tables import (
    ANNOTATIONS,
    AUDIT,
    AUDIT_GUARDS,
    AUDIT_HEAD,
    NOTE_VERDICTS,
    SESSION_KEYS,
    SITTINGS,
    TIMINGS,
)

_LOOKS = 3
"""A page that another process is writing just now looks damaged once, but not three times."""


class _Said(NamedTuple):
    """What the last event about a row says of it; no digest: that there is none."""

    entry: int
    place: tuple[str, str]
    content_hmac: str | None


class _Testimony:
    """What the trail says of rows: of annotations, scorecards, disputes and sittings by their ids, of timings by their
    place, of verdicts by the note they were given on and what of it they judge."""

    def __init__(self) -> None:
        self.annotations: dict[str, _Said] = {}
        self.scorecards: dict[str, _Said] = {}
        self.disputes: dict[str, _Said] = {}
        self.sittings: dict[str, _Said] = {}
        self.timings: dict[str, _Said] = {}
        self.verdicts: dict[str, _Said] = {}

    def hear(self, row: Mapping[Any, Any]) -> None:
        """An event with content says what the row holds, one with ``exists`` false that it is gone, others nothing."""
        place = (row["connection"] or "", row["session_id"] or "")
        if row["action"] == "timing.set":
            said, subject = self.timings, json.dumps(place)
        elif row["subject"] is None:
            return
        elif row["action"] in ("note.judged", "note.undone", "note.redone"):
            judged = json.loads(row["detail"]).get("subject")
            said, subject = self.verdicts, json.dumps([*place, row["subject"], judged])
        elif row["action"] == "recording.heard":
            said, subject = self.sittings, row["subject"]
        elif row["action"].startswith("annotation."):
            said, subject = self.annotations, row["subject"]
        elif row["action"].startswith("scorecard."):
            said, subject = self.scorecards, row["subject"]
        elif row["action"].startswith("dispute."):
            said, subject = self.disputes, row["subject"]
        else:
            return
        if row["content_hmac"] is not None or json.loads(row["detail"]).get("exists") is False:
            said[subject] = _Said(row["sequence"], place, row["content_hmac"])


def verify(db: Transaction) -> AuditVerdict:
    """Check everything that can be checked without an anchor; damage is a verdict with a sentence, no exception."""
    chain = Chain()
    said = _Testimony()
    try:
        damage = _pages(db) or _guards(db) or _links(db, chain, said) or _head(db, chain) or _rows(db, said)
    except IntegrityError as error:
        damage = error.message
    except DBAPIError as error:
        known = known_trouble(error)
        if not isinstance(known, IntegrityError):
            raise
        damage = known.message
    return AuditVerdict(
        consistent=damage is None, end_proven=False, entries=chain.entries, anchored_at=None, damage=damage
    )


def _pages(db: Transaction) -> str | None:
    reports = set(_pragma(db, "cipher_integrity_check"))
    for _ in range(_LOOKS - 1):
        if reports:
            reports &= set(_pragma(db, "cipher_integrity_check"))
    if not reports:
        # SQLite 3.53 checks a full-text index against what this connection knew of it when it last looked
        db.exec_driver_sql("SELECT rowid FROM search WHERE search MATCH 'a' LIMIT 1").all()
    if reports or _pragma(db, "integrity_check(1)") != ["ok"]:
        return "The database file is damaged: a page of it is not what was written."
    if _pragma(db, "foreign_key_check"):
        return "The database is damaged: a row refers to another that is not there."
    return None


def _pragma(db: Transaction, name: str) -> list[str]:
    return [str(row[0]) for row in db.exec_driver_sql(f"PRAGMA {name}")]


def _guards(db: Transaction) -> str | None:
    present = set(db.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars())
    if not present.issuperset(AUDIT_GUARDS):
        return "The guard that lets the audit trail only grow was taken off."
    return None


def _links(db: Transaction, chain: Chain, said: _Testimony) -> str | None:
    for row in db.execute(select(AUDIT).order_by(AUDIT.c.sequence)).mappings():
        damage = chain.follow(row)
        if damage is not None:
            return damage
        said.hear(row)
    return None


def _head(db: Transaction, chain: Chain) -> str | None:
    head = db.execute(select(AUDIT_HEAD.c.sequence, AUDIT_HEAD.c.digest)).first()
    sequence, digest = (head.sequence, head.digest) if head else (0, NOTHING_BEFORE)
    if (sequence, digest) == (chain.entries, chain.last):
        return None
    return f"The audit trail ends at entry {chain.entries}, but entry {sequence} was written."


def _rows(db: Transaction, said: _Testimony) -> str | None:
    keys = {(row.connection, row.session_id): row.key for row in db.execute(select(SESSION_KEYS))}
    annotations = (
        (row["annotation_id"], (row["connection"], row["session_id"]), evidence(of_row(row)))
        for row in db.execute(select(ANNOTATIONS)).mappings()
    )
    cards = (
        (card.scorecard_id, (card.connection, card.session_id), scorecards.evidence(card))
        for card in (from_json(Scorecard, payload) for payload in db.execute(select(SCORECARDS.c.payload)).scalars())
    )
    contests = (
        (dispute.dispute_id, dispute.session.place, disputes.evidence(dispute))
        for dispute in (from_json(Dispute, payload) for payload in db.execute(select(DISPUTES.c.payload)).scalars())
    )
    # what lasts is told to the trail when it ends, and may be anything until then
    sittings = (
        (sitting.sitting_id, (sitting.connection, sitting.session_id), coverage.evidence(sitting))
        for sitting in (from_json(Sitting, payload) for payload in db.execute(select(SITTINGS.c.payload)).scalars())
        if sitting.ended_at is not None
    )
    clocks = (
        (json.dumps((row.connection, row.session_id)), (row.connection, row.session_id), timings.evidence(timing))
        for row in db.execute(select(TIMINGS))
        for timing in (from_json(Timing, row.payload),)
    )
    verdicts = (
        (
            json.dumps([row.connection, row.session_id, row.digest, row.subject]),
            (row.connection, row.session_id),
            notes.evidence(from_json(Verdict, row.payload)),
        )
        for row in db.execute(select(NOTE_VERDICTS).where(NOTE_VERDICTS.c.subject != notes.ATTESTED))
    )
    return (
        _compared("annotation", annotations, said.annotations, keys)
        or _compared("scorecard", cards, said.scorecards, keys)
        or _compared("dispute", contests, said.disputes, keys)
        or _compared("record of what was heard", sittings, said.sittings, keys)
        or _compared("timing", clocks, said.timings, keys)
        or _compared("verdict on a note", verdicts, said.verdicts, keys)
    )


def _compared(
    what: str, rows: Iterable[tuple[str, tuple[str, str], bytes]], said: dict[str, _Said], keys: Mapping[Any, bytes]
) -> str | None:
    """Every row is what the trail's last word on it says, and every row that it tells of is there."""
    article = "an" if what.startswith("a") else "a"
    expected = {subject for subject, last in said.items() if last.content_hmac is not None}
    for subject, place, proof in rows:
        last = said.get(subject)
        if last is None or last.content_hmac is None:
            return f"There is {article} {what} that the audit trail does not know."
        expected.discard(subject)
        key = keys.get(last.place, b"") if last.place == place else b""
        if not hmac.compare_digest(keyed_digest(key, proof), last.content_hmac):
            return f"{article.capitalize()} {what} is not what entry {last.entry} of the audit trail says was written."
    if expected:
        entry = min(said[subject].entry for subject in expected)
        return f"The {what} that entry {entry} of the audit trail tells of is not there."
    return None
