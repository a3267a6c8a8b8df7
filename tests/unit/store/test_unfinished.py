"""What is being written waits side by side, each person's apart, and outlives the change that made it so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlcipher3 import dbapi2

from parts.stored import KEY
from qa_player.model.unfinished import Unfinished, UnfinishedWords
from qa_player.store import migrations, schema, unfinished
from qa_player.store.database import Database
from qa_player.store.sqlcipher import connect

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def annotation(minute: int = 0, **told: object) -> Unfinished:
    place: dict[str, object] = {"annotation_id": "", "start_ms": 5_000, "end_ms": None, "turn_index": None}
    words = {"tag": "", "severity": None, "text": "half a wo", "private": False, "corrects": False}
    at = NOW.replace(minute=minute)
    return Unfinished.model_validate(
        {"connection": "acme", "session_id": "s1", "written_at": at} | place | words | told
    )


def amendment(subject: str, minute: int = 0) -> UnfinishedWords:
    return UnfinishedWords(
        connection="acme",
        session_id="s1",
        note_digest="d",
        subject=subject,
        text="other words",
        written_at=NOW.replace(minute=minute),
    )


async def test_each_thing_has_a_place_of_its_own(database: Database) -> None:
    span = annotation(3, end_ms=9_000)
    all_of_it = (annotation(2), span, annotation(1, annotation_id="a1"), amendment("0:0-5", 2), amendment("turn:4", 1))
    for one in all_of_it:
        await database.write(lambda db, one=one: unfinished.put(db, "rita", one))  # type: ignore[misc]
    again = annotation(5, end_ms=9_000, text="half a word")
    await database.write(lambda db: unfinished.put(db, "rita", again))
    found = await database.read(lambda db: unfinished.of_session(db, "rita", "acme", "s1"))
    assert found == (all_of_it[2], all_of_it[0], again), "what was written last at the end"
    words = await database.read(lambda db: unfinished.of_notes(db, "rita", "acme", "s1"))
    assert words == (all_of_it[4], all_of_it[3])
    assert await database.read(lambda db: unfinished.of_session(db, "sam", "acme", "s1")) == ()
    await database.write(lambda db: unfinished.forget(db, "rita", again))
    await database.write(lambda db: unfinished.forget(db, "rita", all_of_it[4]))
    assert len(await database.read(lambda db: unfinished.of_session(db, "rita", "acme", "s1"))) == 2
    assert await database.read(lambda db: unfinished.of_notes(db, "rita", "acme", "s1")) == (all_of_it[3],)


def test_what_waited_before_it_could_wait_side_by_side_still_does(tmp_path: Path) -> None:
    scripts = ScriptDirectory(str(migrations.__path__[0]))
    engine = sqlalchemy.create_engine("sqlite://", module=dbapi2, creator=lambda: connect(tmp_path / "old.db", KEY))

    def migrate(db: sqlalchemy.Connection, to: str) -> None:
        steps = EnvironmentContext(Config(), scripts, fn=lambda revision, _: scripts._upgrade_revs(to, revision))
        with steps:
            steps.configure(connection=db, transactional_ddl=True)
            steps.run_migrations()

    before = (annotation(), annotation(annotation_id="a1", session_id="s2"))
    with engine.connect() as db:
        migrate(db, "0015")
        for one in before:
            row = {"login": "rita", "session": one.session_id, "payload": one.model_dump_json()}
            db.execute(sqlalchemy.text("INSERT INTO unfinished VALUES (:login, 'acme', :session, :payload)"), row)
        migrate(db, schema.CURRENT)
        for one in before:
            assert unfinished.of_session(db, "rita", "acme", one.session_id) == (one,)
            unfinished.forget(db, "rita", one)
            assert unfinished.of_session(db, "rita", "acme", one.session_id) == ()
    engine.dispose()
