"""AI-written notes and what a person judged of them; each is kept under the digest of the note it belongs to."""

from __future__ import annotations

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete, insert, select

from qa_player.canonical import canonical_json
from qa_player.model.note import KeptNote
from qa_player.model.statement import Attestation, Verdict
from qa_player.store.payloads import from_json
from qa_player.store.tables import NOTE_VERDICTS, NOTES

ATTESTED = "attested"
"""The subject under which a signature lies; no statement and no turn is called so."""


def save(db: Transaction, kept: KeptNote) -> None:
    """Keep a note; the same one received again takes the place of the first."""
    key = {"connection": kept.connection, "session_id": kept.note.session_id, "digest": kept.note.digest}
    db.execute(delete(NOTES).where(*(NOTES.c[name] == value for name, value in key.items())))
    payload = kept.model_dump_json()
    db.execute(insert(NOTES).values(**key, received_at=kept.received_at.isoformat(), payload=payload))


def latest(db: Transaction, connection: str, session_id: str) -> KeptNote | None:
    """The note of a session that was received last; null when it has none."""
    return next(iter(of_session(db, connection, session_id)), None)


def of_session(db: Transaction, connection: str, session_id: str) -> tuple[KeptNote, ...]:
    """Every note of a session, the one that was received last first."""
    payloads = db.execute(
        select(NOTES.c.payload)
        .where(NOTES.c.connection == connection, NOTES.c.session_id == session_id)
        .order_by(NOTES.c.received_at.desc(), NOTES.c.digest)
    ).scalars()
    return tuple(from_json(KeptNote, payload) for payload in payloads)


def judge(db: Transaction, kept: KeptNote, verdict: Verdict) -> None:
    """Keep a judgement in place of an earlier one of the same subject; what was attested is so no more."""
    _forget(db, kept, ATTESTED)
    _put(db, kept, verdict.subject, verdict.model_dump_json())


def evidence(verdict: Verdict) -> bytes:
    """The one spelling of a judgement that an audit event proves (``AuditAct.content``)."""
    return canonical_json(verdict.model_dump(mode="json"))


def attest(db: Transaction, kept: KeptNote, attestation: Attestation) -> None:
    """Keep what a person signed of a note."""
    _put(db, kept, ATTESTED, attestation.model_dump_json())


def judged(
    db: Transaction, connection: str, session_id: str, note_digest: str
) -> tuple[dict[str, Verdict], Attestation | None]:
    """What was judged of the note with that digest, by subject, and what was signed."""
    rows = db.execute(
        select(NOTE_VERDICTS.c.subject, NOTE_VERDICTS.c.payload)
        .where(
            NOTE_VERDICTS.c.connection == connection,
            NOTE_VERDICTS.c.session_id == session_id,
            NOTE_VERDICTS.c.digest == note_digest,
        )
        .order_by(NOTE_VERDICTS.c.subject)
    ).all()
    signed = next((payload for subject, payload in rows if subject == ATTESTED), None)
    verdicts = {subject: from_json(Verdict, payload) for subject, payload in rows if subject != ATTESTED}
    return verdicts, None if signed is None else from_json(Attestation, signed)


def _put(db: Transaction, kept: KeptNote, subject: str, payload: str) -> None:
    _forget(db, kept, subject)
    key = {"connection": kept.connection, "session_id": kept.note.session_id, "digest": kept.note.digest}
    db.execute(insert(NOTE_VERDICTS).values(**key, subject=subject, payload=payload))


def _forget(db: Transaction, kept: KeptNote, subject: str) -> None:
    db.execute(
        delete(NOTE_VERDICTS).where(
            NOTE_VERDICTS.c.connection == kept.connection,
            NOTE_VERDICTS.c.session_id == kept.note.session_id,
            NOTE_VERDICTS.c.digest == kept.note.digest,
            NOTE_VERDICTS.c.subject == subject,
        )
    )
