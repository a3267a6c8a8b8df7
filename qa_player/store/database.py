"""The database of a home: one writer and one reader, each on a thread of its own, and what a commit promises."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from qa_player.errors import IntegrityError, StorageError
from qa_player.store.lane import Lane

if TYPE_CHECKING:
    import sqlalchemy

    Transaction: TypeAlias = sqlalchemy.Connection
    """What work is handed and every function of the store takes, for the annotations of who knows no SQLAlchemy."""

T = TypeVar("T")


class Database:
    """Encrypted SQLite beside which other processes may read and write. Made by `open`, ended by `aclose`.

    A write that returned is on the disk (``synchronous=FULL``). Any work raises, beside its own errors,
    DatabaseError, DiskFullError, and IntegrityError for a damaged file; nothing of it is kept then.
    """

    def __init__(self, *, writer: Lane, reader: Lane) -> None:
        self._writer = writer
        self._reader = reader

    @classmethod
    async def open(cls, path: Path, key: bytes) -> Database:
        """The database at ``path``, made or migrated where needed; ``key`` is 32 bytes from the keychain.

        Raises DatabaseError (wrong key, newer schema, locked, read-only), DiskFullError, IntegrityError (damaged).
        """
        from qa_player.store import schema
        from qa_player.store.sqlcipher import connect

        writer = Lane(
            "database-writer", connect=partial(connect, path, key), begin="BEGIN IMMEDIATE", folder=path.parent
        )
        reader = Lane(
            "database-reader",
            connect=partial(connect, path, key, query_only=True),
            begin="BEGIN",
            folder=path.parent,
        )
        database = cls(writer=writer, reader=reader)
        try:
            if not await reader.transaction(schema.is_current):
                await writer.transaction(schema.bring_up_to_date)
        except BaseException:
            await database.aclose()
            raise
        return database

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """What ``work`` returns, once all of it is committed; the write lock is held from its first statement."""
        return await self._writer.transaction(work)

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """What ``work`` returns; it sees one moment of the database, whatever is committed meanwhile."""
        return await self._reader.transaction(work)

    async def data_version(self) -> int:
        """A number that is another once a different process has committed; our own writes leave it as it is."""
        return int(await self._writer.statement("PRAGMA data_version"))

    async def aclose(self) -> None:
        """Finish what was begun, fold the log into the file, and end both threads; may be called twice."""
        # a full or failing disk only keeps the log from being folded in: all that was committed is safe in it
        with contextlib.suppress(StorageError, IntegrityError):
            await self._reader.aclose()
        with contextlib.suppress(StorageError, IntegrityError):
            await self._writer.aclose("PRAGMA wal_checkpoint(PASSIVE)")
