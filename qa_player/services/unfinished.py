"""What a person is writing outlives the program: kept while it is typed, gone once it was kept or thrown away.

It is not in the trail: nobody has said it yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa_player.model.unfinished import Unfinished, UnfinishedWords
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.store.database import Database


class UnfinishedWork:
    """Each person has their own; ``trail`` says who that is. What is about different things waits side by side."""

    def __init__(self, *, database: Database, trail: Trail) -> None:
        self._database = database
        self._trail = trail

    async def keep(self, written: Unfinished | UnfinishedWords) -> None:
        """Return once it is safe. Raises DiskFullError, DatabaseError."""
        from qa_player.store import unfinished

        login = self._trail.actor.login
        await self._database.write(lambda db: unfinished.put(db, login, written))

    async def of_session(self, connection: str, session_id: str) -> tuple[Unfinished, ...]:
        """The annotations this person was writing about a session, what was written last at the end."""
        from qa_player.store import unfinished

        login = self._trail.actor.login
        return await self._database.read(lambda db: unfinished.of_session(db, login, connection, session_id))

    async def of_note(self, connection: str, session_id: str, note_digest: str) -> tuple[UnfinishedWords, ...]:
        """The words this person was writing on a note, what was written last at the end."""
        from qa_player.store import unfinished

        login = self._trail.actor.login
        found = await self._database.read(lambda db: unfinished.of_notes(db, login, connection, session_id))
        return tuple(one for one in found if one.note_digest == note_digest)

    async def forget(self, written: Unfinished | UnfinishedWords) -> None:
        """It was kept, or thrown away; nothing waiting there is no error."""
        from qa_player.store import unfinished

        login = self._trail.actor.login
        await self._database.write(lambda db: unfinished.forget(db, login, written))
