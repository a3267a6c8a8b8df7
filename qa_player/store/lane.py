"""A connection that lives on one thread of its own: work is done there in the order in which it was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from qa_player.store.failures import database_errors

if TYPE_CHECKING:
    from sqlalchemy import Connection as Transaction

T = TypeVar("T")


class Lane:
    """``begin`` is the statement that opens each transaction; ``folder`` is where the disk may be full.

    A call that is cancelled while its work runs does not stop the work: it is carried out, and the next waits for it.
    """

    def __init__(self, name: str, *, connect: Callable[[], Any], begin: str, folder: Path) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._connect = connect
        self._begin = begin
        self._folder = folder
        self._connection: Transaction | None = None
        self._ended = False

    async def transaction(self, work: Callable[[Transaction], T]) -> T:
        """What ``work`` returns, once its transaction is committed; any error rolls it back and is raised."""
        return await self._on_thread(lambda: self._in_transaction(work))

    async def statement(self, text: str) -> Any:
        """The first value of one statement outside any transaction."""
        return await self._on_thread(lambda: self._driver().execute(text).fetchone()[0])

    async def aclose(self, last_statement: str | None = None) -> None:
        """Close the connection and end the thread; what was asked for before is finished first. Twice is no error."""
        if self._ended:
            return
        self._ended = True
        try:
            await self._on_thread(lambda: self._close(last_statement))
        finally:
            self._executor.shutdown()

    async def _on_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._told, work)

    def _told(self, work: Callable[[], T]) -> T:
        with database_errors(self._folder):
            return work()

    def _in_transaction(self, work: Callable[[Transaction], T]) -> T:
        connection = self._opened()
        with connection.begin():
            return work(connection)

    def _opened(self) -> Transaction:
        if self._connection is None:
            self._connection = _connection(self._connect, self._begin)
        return self._connection

    def _driver(self) -> Any:
        return self._opened().connection.driver_connection

    def _close(self, last_statement: str | None) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            if last_statement is not None:
                connection.connection.driver_connection.execute(last_statement)  # type: ignore[union-attr]
        finally:
            connection.close()
            connection.engine.dispose()


def _connection(connect: Callable[[], Any], begin: str) -> Transaction:
    # imported here: the window's shell is painted before this library is needed
    import sqlalchemy
    from sqlalchemy import event
    from sqlalchemy.pool import StaticPool
    from sqlcipher3 import dbapi2

    engine = sqlalchemy.create_engine(
        "sqlite://", module=dbapi2, creator=connect, poolclass=StaticPool, hide_parameters=True
    )

    def begin_transaction(connection: Transaction) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "begin", begin_transaction)
    return engine.connect()
