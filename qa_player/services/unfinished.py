"""What a person is writing outlives the program: kept while it is typed, gone once it was kept or thrown away.

It is not in the trail: nobody has said it yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa_player.model.unfinished import Unfinished
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.store.database import Database


class UnfinishedWork:
    """Each person has their own; ``trail`` says who that is."""

    def __init__(self, *, database: Database, trail: Trail) -> None:
        self._database = database
        self._trail = trail

    async def keep(self, written: Unfinished) -> None:
        """Return once it is safe. Raises DiskFullError, DatabaseError."""
        from qa_player.store import unfinished

        login = self._trail.actor.login
        await self._database.write(lambda db: unfinished.put(db, login, written))

    async def of_session(self, connection: str, session_id: str) -> Unfinished | None:
        """What this person was writing about a session; null when nothing is."""
        from qa_player.store import unfinished

        login = self._trail.actor.login
        return await self._database.read(lambda db: unfinished.of_session(db, login, connection, session_id))

    async def forget(self, connection: str, session_id: str) -> None:
        """It was kept, or thrown away."""
        from qa_player.store import unfinished

        login = self._trail.actor.login
        await self._database.write(lambda db: unfinished.forget(db, login, connection, session_id))
