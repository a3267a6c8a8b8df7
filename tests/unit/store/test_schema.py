"""Migrations end where the tables are described, and may be cut short anywhere."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Any

import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from parts.store_process import StoreProcess
from parts.stored import KEY, annotate, annotation
from qa_player.store import audit, migrations, schema
from qa_player.store.database import Database
from qa_player.store.review_tables import METADATA
from qa_player.store.sqlcipher import connect
from qa_player.store.tables import AUDIT_GUARDS


def structure(db: Any) -> list[tuple[Any, ...]]:
    return db.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()


def of_full_text(name: str | None) -> bool:
    """Whether it is the virtual table, which no metadata can describe, or one of those that SQLite keeps for it."""
    return name == "search" or ((name or "").startswith("search_") and name != "search_indexed")


async def test_the_newest_script_is_the_current_schema() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_current_head() == schema.CURRENT


async def test_a_migrated_database_has_the_tables_that_are_described(database: Database) -> None:
    def differences(db: sqlalchemy.Connection) -> list[object]:
        context = MigrationContext.configure(
            db, opts={"include_name": lambda name, kind, _parents: kind != "table" or not of_full_text(name)}
        )
        return list(compare_metadata(context, METADATA))

    assert await database.read(differences) == []


async def test_described_and_migrated_tables_are_the_same_word_for_word(database: Database, path: Path) -> None:
    """What the comparison above does not see: strictness, checks, autoincrement, and the order of columns."""
    described = sqlalchemy.create_engine("sqlite://")
    METADATA.create_all(described)

    def spelled(db: sqlalchemy.Connection) -> dict[str, set[str]]:
        rows = db.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql != ''")
        return {
            # a column that came later stands on the line of what was the last one
            name: {piece.strip() for piece in re.split(r"[,\n]", sql.replace(" IF NOT EXISTS", "")) if piece.strip()}
            for name, sql in rows
            if name != "alembic_version" and not of_full_text(name)
        }

    with described.connect() as db:
        expected = spelled(db)
    described.dispose()
    assert await database.read(spelled) == expected
    triggers = await database.read(
        lambda db: db.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
    )
    assert set(triggers) == set(AUDIT_GUARDS)


async def test_a_kill_at_any_statement_of_a_migration_leaves_a_usable_database(
    another: StoreProcess, tmp_path: Path
) -> None:
    whole = tmp_path / "whole.db"
    await (await Database.open(whole, KEY)).aclose()
    raw = connect(whole, KEY)
    expected = structure(raw)
    raw.close()

    killed = statement = 0
    while True:
        path = tmp_path / f"{statement}.db"
        another.start("open", path, KEY, dies_at_statement=statement)
        last = list(another.lines())[-1]
        if last == "ended 0":
            break
        assert last == f"ended {-signal.SIGKILL}"
        killed += 1
        raw = connect(path, KEY)
        assert structure(raw) in ([], expected), f"half a schema after statement {statement}"
        raw.close()
        database = await Database.open(path, KEY)
        await annotate(database, annotation(1))
        assert (await database.read(audit.verify)).consistent
        await database.aclose()
        statement += 1
    written = [sql for _, _, sql in expected if sql is not None]  # indexes of keys come with their tables
    assert killed >= len(written), "the control: the migration itself must have been cut"
