"""Which schema a database has, and bringing it to today's; alembic is imported only when the two differ."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy

from qa_player.errors import DatabaseError

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

CURRENT = "0020"
"""The revision of the newest script under ``migrations/versions``."""

_alembic_is_one_at_a_time = threading.Lock()


def is_current(db: sqlalchemy.Connection) -> bool:
    """Whether nothing is to be done. Raises DatabaseError for a database that is not ours."""
    return _revision(db) == CURRENT


def bring_up_to_date(db: sqlalchemy.Connection) -> None:
    """Run the scripts that are missing, all in the caller's transaction: cut short, it leaves the old schema whole.

    Raises DatabaseError for a schema that is newer than this program, or a database that is not ours.
    """
    found = _revision(db)
    if found == CURRENT:
        # another process was faster while we waited for the write lock
        return
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(Path(__file__).parent / "migrations"))
    if found is not None and found not in _known(scripts):
        raise DatabaseError(
            "The database was written by a newer version of this program.", "Install that version or a later one."
        )
    with _alembic_is_one_at_a_time:
        environment = EnvironmentContext(
            Config(), scripts, fn=lambda revision, _: scripts._upgrade_revs(CURRENT, revision)
        )
        with environment:
            environment.configure(connection=db, transactional_ddl=True)
            environment.run_migrations()


def _known(scripts: ScriptDirectory) -> set[str]:
    return {script.revision for script in scripts.walk_revisions()}


def _revision(db: sqlalchemy.Connection) -> str | None:
    tables = sqlalchemy.inspect(db).get_table_names()
    if not tables:
        return None
    version = None
    if "alembic_version" in tables:
        version = db.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if version is None:
        raise DatabaseError(
            "The file is a database of another program.", "Move it away, or choose another folder with `--home`."
        )
    return str(version)
