"""Transcripts from files, each with the file it came from, and which transcript of a session is in force."""

from __future__ import annotations

import zlib

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy import Connection as Transaction

from qa_player.model.facts import Fact, FactGroup
from qa_player.model.given_transcript import GivenTranscript, Use
from qa_player.model.session import SessionDetail
from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.store.failures import damaged
from qa_player.store.payloads import from_json
from qa_player.store.review_tables import GIVEN_TRANSCRIPTS as GIVEN

AUDIO_TIME = Timing(quality=TimingQuality.APPROXIMATE, origin=TimingOrigin.PROVIDER)
"""A file's times are said to be the recording's; a person can shift or measure them as a provider's."""


def add(db: Transaction, given: GivenTranscript, raw: bytes) -> None:
    """Keep a new one with its file."""
    db.execute(
        insert(GIVEN).values(
            connection=given.connection,
            session_id=given.session_id,
            sha256=given.sha256,
            payload=given.model_dump_json(),
            raw=zlib.compress(raw),
        )
    )


def of_session(db: Transaction, connection: str, session_id: str) -> tuple[GivenTranscript, ...]:
    """Those of one session in the order in which they were taken in."""
    rows = db.execute(select(GIVEN.c.payload).where(GIVEN.c.connection == connection, GIVEN.c.session_id == session_id))
    found = (from_json(GivenTranscript, payload) for payload in rows.scalars())
    return tuple(sorted(found, key=lambda given: (given.taken_in_at, given.sha256)))


def put_to_use(db: Transaction, given: GivenTranscript, use: Use) -> None:
    """Say when it is in force."""
    db.execute(
        update(GIVEN)
        .where(*_is(given.connection, given.session_id, given.sha256))
        .values(payload=given.model_copy(update={"use": use}).model_dump_json())
    )


def file_of(db: Transaction, given: GivenTranscript) -> bytes:
    """The file as it was taken in. Raises IntegrityError for one that is damaged."""
    packed = db.execute(select(GIVEN.c.raw).where(*_is(given.connection, given.session_id, given.sha256))).scalar_one()
    try:
        return zlib.decompress(packed)
    except zlib.error:
        raise damaged() from None


def in_force(db: Transaction, own: SessionDetail) -> SessionDetail:
    """``own``, as the provider told of it, with the turns of the transcript that is in force: one that a person chose,
    else the provider's, else the newest that stands in for it."""
    given = of_session(db, own.session.connection, own.session.session_id)
    chosen = [one for one in given if one.use is Use.CHOSEN]
    standing_in = [one for one in given if one.use is Use.WITHOUT_OWN and not own.turns]
    wanted = next(reversed(chosen or standing_in), None)
    return own if wanted is None else _with(own, wanted)


def forget_connection(db: Transaction, name: str) -> None:
    """Drop those of a connection."""
    db.execute(delete(GIVEN).where(GIVEN.c.connection == name))


def _with(own: SessionDetail, given: GivenTranscript) -> SessionDetail:
    told = (
        Fact(name="From a file", value=given.format),
        Fact(name="Taken in", value=f"{given.taken_in_at:%Y-%m-%d %H:%M} UTC, {given.taken_in_by}"),
        Fact(name="SHA-256 of the file", value=given.sha256),
        Fact(name="The provider's own", value=f"{len(own.turns)} turns" if own.turns else "none"),
    )
    return own.model_copy(
        update={
            "turns": given.turns,
            "timing": AUDIO_TIME,
            "transcript_digest": given.transcript_digest,
            "facts": (*own.facts, FactGroup(title="Transcript", rows=told)),
        }
    )


def _is(connection: str, session_id: str, sha256: str) -> tuple[ColumnElement[bool], ...]:
    return GIVEN.c.connection == connection, GIVEN.c.session_id == session_id, GIVEN.c.sha256 == sha256
