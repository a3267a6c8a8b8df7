"""Whether what a person named is there at all, where an empty list would say that it is and has nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa_player.services.connections import Connections
from qa_player.services.library import Library

if TYPE_CHECKING:
    from qa_player.store.database import Database


class Knowing:
    """Asked only when nothing was found: what a person made outlives its connection and its session."""

    def __init__(self, *, database: Database, connections: Connections, library: Library) -> None:
        self._database = database
        self._connections = connections
        self._library = library

    async def need_connection(self, name: str | None) -> None:
        """Raise NotFoundError for a name that no connection has; null names none."""
        if name is not None:
            await self._connections.named(name)

    async def need_session(self, connection: str, session_id: str) -> None:
        """Raise NotFoundError for a session that nobody knows; the provider is asked when nothing is kept of it, and
        its errors are raised."""
        from qa_player.store import sessions

        await self.need_connection(connection)
        kept = await self._database.read(lambda transaction: sessions.session(transaction, connection, session_id))
        if kept is None:
            await self._library.detail(connection, session_id)
