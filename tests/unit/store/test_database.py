"""Opening, settings, transactions, other processes, and every way in which it may refuse."""

from __future__ import annotations

import asyncio
import itertools
import os
import sqlite3
import stat
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from parts.store_process import StoreProcess
from parts.stored import KEY, annotate, annotation
from qa_player.errors import DatabaseError, IntegrityError, QaPlayerError, StorageError
from qa_player.store import annotations, audit
from qa_player.store.database import Database
from qa_player.store.sqlcipher import OLDEST_SQLITE, connect

CANARY = "Kanarienvogel 4929 1234"


async def refusal(path: Path, key: bytes = KEY) -> QaPlayerError:
    with pytest.raises(QaPlayerError) as refused:
        await Database.open(path, key)
    return refused.value


def pragma(db: sqlalchemy.Connection, name: str) -> Any:
    return db.exec_driver_sql(f"PRAGMA {name}").scalar()


async def ids(database: Database) -> list[str]:
    found = await database.read(lambda db: annotations.of_session(db, "acme", "sess_1"))
    return [entry.annotation_id for entry in found]


async def test_every_connection_has_the_settings_that_make_a_commit_last(database: Database) -> None:
    for run in (database.read, database.write):
        assert await run(lambda db: pragma(db, "journal_mode")) == "wal"
        assert await run(lambda db: pragma(db, "synchronous")) == 2
        assert await run(lambda db: pragma(db, "foreign_keys")) == 1
        assert await run(lambda db: pragma(db, "busy_timeout")) == 5000
        assert await run(lambda db: pragma(db, "trusted_schema")) == 0
        assert await run(lambda db: pragma(db, "cell_size_check")) == 1
        assert await run(lambda db: pragma(db, "secure_delete")) == 1
        assert await run(lambda db: pragma(db, "mmap_size")) == 0
        assert await run(lambda db: pragma(db, "temp_store")) in (0, 2)
        version = await run(lambda db: db.exec_driver_sql("SELECT sqlite_version()").scalar())
        assert tuple(map(int, version.split("."))) >= OLDEST_SQLITE


async def test_files_are_for_us_alone(database: Database, path: Path) -> None:
    await annotate(database, annotation(1))
    files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.glob("qa-player.db*")}
    assert files == {"qa-player.db": 0o600, "qa-player.db-wal": 0o600, "qa-player.db-shm": 0o600}


async def test_a_file_that_others_could_read_is_closed_to_them(path: Path) -> None:
    await (await Database.open(path, KEY)).aclose()
    path.chmod(0o644)
    await (await Database.open(path, KEY)).aclose()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_neither_words_nor_key_are_in_any_file(database: Database, path: Path, tmp_path: Path) -> None:
    def forms(secret: bytes) -> list[bytes]:
        return [secret, secret.hex().encode(), secret.hex().upper().encode(), secret[::-1]]

    sought = [CANARY.encode(), CANARY.encode("utf-16-le"), *forms(KEY)]
    await annotate(database, annotation(1, text=CANARY, quote=CANARY, tag=CANARY))
    open_files = {file.name: file.read_bytes() for file in path.parent.glob("qa-player.db*")}
    await database.aclose()
    closed_files = {file.name: file.read_bytes() for file in path.parent.glob("qa-player.db*")}

    assert len(open_files["qa-player.db-wal"]) > 4096
    assert set(closed_files) == {"qa-player.db"}
    for data in [*open_files.values(), *closed_files.values()]:
        assert [form for form in sought if form in data] == []
    # the control: the same words in a file that is not encrypted are found
    plain = sqlite3.connect(tmp_path / "plain.db")
    plain.execute("CREATE TABLE said (words TEXT, key BLOB)")
    plain.execute("INSERT INTO said VALUES (?, ?)", (CANARY, KEY))
    plain.commit()
    plain.close()
    data = (tmp_path / "plain.db").read_bytes()
    assert CANARY.encode() in data
    assert KEY in data


async def test_the_key_is_in_no_message(path: Path) -> None:
    await (await Database.open(path, KEY)).aclose()
    other = bytes(range(32))
    with pytest.raises(DatabaseError) as refused:
        await Database.open(path, other)
    told = "".join(traceback.format_exception(refused.value))
    assert other.hex() not in told
    assert repr(other) not in told
    database = await Database.open(path, KEY)
    assert KEY.hex() not in repr(database) + repr(vars(database))
    await database.aclose()


@pytest.mark.parametrize("key", [b"", b"short", bytes(33)])
async def test_a_key_of_another_length_is_a_bug(path: Path, key: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        await Database.open(path, key)


async def test_work_that_fails_leaves_nothing(database: Database) -> None:
    def fails(db: sqlalchemy.Connection) -> None:
        annotations.add(db, annotation(1))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(fails)
    assert await ids(database) == []
    await annotate(database, annotation(2))
    assert await ids(database) == ["note-2"]


async def test_the_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DatabaseError, match="read-only"):
        await database.read(lambda db: annotations.add(db, annotation(1)))
    await annotate(database, annotation(1))


async def test_a_read_sees_one_moment(database: Database) -> None:
    loop = asyncio.get_running_loop()

    def reads_twice(db: sqlalchemy.Connection) -> tuple[int, int]:
        before = len(annotations.of_session(db, "acme", "sess_1"))
        asyncio.run_coroutine_threadsafe(annotate(database, annotation(1)), loop).result(5)
        return before, len(annotations.of_session(db, "acme", "sess_1"))

    assert await database.read(reads_twice) == (0, 0)
    assert await ids(database) == ["note-1"]


async def test_a_cancelled_write_that_has_begun_is_carried_out(database: Database) -> None:
    loop = asyncio.get_running_loop()
    begun = asyncio.Event()

    def slow(db: sqlalchemy.Connection) -> None:
        loop.call_soon_threadsafe(begun.set)
        annotations.add(db, annotation(1))

    task = asyncio.create_task(database.write(slow))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await annotate(database, annotation(2))
    assert await ids(database) == ["note-1", "note-2"]


async def test_closing_finishes_what_was_asked_for(path: Path) -> None:
    database = await Database.open(path, KEY)
    writes = [asyncio.create_task(annotate(database, annotation(number))) for number in range(5)]
    await asyncio.sleep(0)
    await database.aclose()
    await asyncio.gather(*writes)
    await database.aclose()
    again = await Database.open(path, KEY)
    assert len(await ids(again)) == 5
    await again.aclose()
    assert [file.name for file in path.parent.glob("qa-player.db*")] == ["qa-player.db"]


async def test_another_process_writes_beside_an_open_window(
    database: Database, path: Path, another: StoreProcess
) -> None:
    before = await database.data_version()
    await annotate(database, annotation(1))
    assert await database.data_version() == before, "our own commits are not another's"
    another.start("annotate", path, KEY, first=2, count=1)
    assert list(another.lines()) == ["open", "saved note-2", "ended 0"]
    assert await database.data_version() != before
    assert await ids(database) == ["note-1", "note-2"]


async def test_two_processes_that_write_at_once_make_one_chain(
    database: Database, path: Path, another: StoreProcess
) -> None:
    another.start("annotate", path, KEY, first=1_000, count=60)
    assert another.line() == "open"
    for number in range(60):
        await annotate(database, annotation(number))
    assert list(another.lines())[-1] == "ended 0"
    events = await database.read(audit.events)
    assert [event.sequence for event in events] == list(range(1, 121))
    ours = [event.subject in {f"note-{number}" for number in range(60)} for event in events]
    assert any(a and not b for a, b in itertools.pairwise(ours)), "they did not write at once"
    verdict = await database.read(audit.verify)
    assert verdict.damage is None
    assert verdict.entries == 120


async def test_two_processes_may_make_one_database_at_once(path: Path, another: StoreProcess) -> None:
    another.start("annotate", path, KEY, first=1, count=1)
    database = await Database.open(path, KEY)
    await annotate(database, annotation(2))
    assert list(another.lines())[-1] == "ended 0"
    assert await ids(database) == ["note-1", "note-2"]
    await database.aclose()


async def test_a_lock_held_too_long_is_told(database: Database, path: Path) -> None:
    holder = connect(path, KEY)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseError, match="locked for more than 5 seconds"):
        await annotate(database, annotation(1))
    holder.execute("ROLLBACK")
    holder.close()
    await annotate(database, annotation(2))
    assert await ids(database) == ["note-2"]


async def test_a_wrong_key_is_told(path: Path) -> None:
    await (await Database.open(path, KEY)).aclose()
    before = path.read_bytes()
    told = await refusal(path, bytes(32))
    assert isinstance(told, DatabaseError)
    assert "does not open with the key" in told.message
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"\x89PNG\r\n" * 2_000, b"x", b"SQLite format 3\x00" * 300], ids=len)
async def test_a_file_that_is_no_database_is_told_and_left(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    told = await refusal(path)
    assert isinstance(told, DatabaseError)
    assert "not a database of this program" in told.message
    assert path.read_bytes() == content


async def test_a_database_of_another_program_is_told(path: Path) -> None:
    other = connect(path, KEY)
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    assert "database of another program" in (await refusal(path)).message


async def test_a_newer_schema_is_refused_and_left(path: Path) -> None:
    database = await Database.open(path, KEY)
    await annotate(database, annotation(1))
    await database.write(lambda db: db.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))
    await database.aclose()
    told = await refusal(path)
    assert isinstance(told, DatabaseError)
    assert "newer version" in told.message
    raw = connect(path, KEY)
    assert raw.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]
    raw.close()


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert isinstance(await refusal(tmp_path / "nowhere" / "qa-player.db"), StorageError)


@pytest.mark.skipif(os.name != "posix", reason="needs a folder in place of a file as POSIX has it")
async def test_a_folder_in_place_of_the_file_is_told(path: Path) -> None:
    path.mkdir()
    told = await refusal(path)
    assert isinstance(told, StorageError)
    assert str(path) not in str(told)


async def test_after_every_refusal_the_right_key_still_opens(path: Path) -> None:
    database = await Database.open(path, KEY)
    await annotate(database, annotation(1))
    await database.aclose()
    for key in (bytes(32), bytes(reversed(KEY))):
        await refusal(path, key)
    database = await Database.open(path, KEY)
    assert await ids(database) == ["note-1"]
    await database.aclose()


async def test_a_damaged_file_is_not_called_a_wrong_key(path: Path) -> None:
    await (await Database.open(path, KEY)).aclose()
    whole = path.read_bytes()
    for place in (0, 15, 16, 100, 4_095):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        told = await refusal(path)
        assert isinstance(told, IntegrityError), f"byte {place}"
        assert told.exit_status == 8


def test_the_window_can_import_it_before_the_slow_libraries() -> None:
    program = (
        "import sys, qa_player.store, qa_player.store.database;"
        "sys.exit(bool({'sqlalchemy', 'alembic', 'sqlcipher3', 'pydantic'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


async def test_a_database_of_today_is_opened_without_alembic(path: Path) -> None:
    await (await Database.open(path, KEY)).aclose()
    program = (
        "import asyncio, pathlib, sys\n"
        "from qa_player.store.database import Database\n"
        "async def main():\n"
        "    database = await Database.open(pathlib.Path(sys.argv[1]), bytes.fromhex(input()))\n"
        "    await database.aclose()\n"
        "asyncio.run(main())\n"
        "sys.exit('alembic' in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program, path], input=KEY.hex(), text=True, check=True)
