"""What a connection allows the program to do by itself, changed after it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa_player.errors import NotFoundError
from qa_player.model.connection import PREFETCH, Connection
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.store.database import Database, Transaction


class Allowing:
    """Each change is an event of the trail."""

    def __init__(self, *, database: Database, trail: Trail) -> None:
        self._database = database
        self._trail = trail

    async def allow_prefetch(self, name: str, allowed: bool) -> Connection:
        """Let recordings of a connection be fetched before somebody opens them, or not. Raises NotFoundError."""
        from qa_player.store import connections

        def change(transaction: Transaction) -> Connection:
            found = connections.load(transaction, name)
            if found is None:
                raise NotFoundError(
                    f"There is no connection called “{name[:80]}”.", "See `qa-player connection list`, or add it."
                )
            changed = found.model_copy(update={"options": {**found.options, PREFETCH: "yes" if allowed else "no"}})
            connections.save(transaction, changed)
            self._trail.append(transaction, "connection.changed", connection=name, detail={PREFETCH: allowed})
            return changed

        return await self._database.write(change)
