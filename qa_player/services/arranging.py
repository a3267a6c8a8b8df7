"""Arranging: a person says how the parts of a recording belong together; it is kept, and stands in the trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa_player.errors import NotFoundError
from qa_player.model.arrangement import Arranged, Arrangement, chosen
from qa_player.services.library import OpenSession
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.store.database import Database, Transaction


class Arranging:
    """What is chosen is in force for the session's next opening, and in every export."""

    def __init__(self, *, database: Database, trail: Trail) -> None:
        self._database = database
        self._trail = trail

    async def choose(self, session: OpenSession, part_id: str | None) -> Arranged:
        """Hear this part alone, or with null all of them one after the other. Raises NotFoundError."""
        if part_id is not None and part_id not in {part.part_id for part in session.parts}:
            raise NotFoundError("The recording has no such part any more.", "Open the session again.")
        arrangement = Arrangement.CONSECUTIVE if part_id is None else Arrangement.ALTERNATIVES
        arranged = chosen(arrangement, part_id)
        connection, session_id = session.connection.name, session.session_id

        def write(transaction: Transaction) -> None:
            from qa_player.store import arrangements

            arrangements.save(transaction, connection, session_id, arranged)
            self._trail.append(
                transaction,
                "parts.arranged",
                connection=connection,
                session_id=session_id,
                subject=part_id,
                detail={"arrangement": arrangement.value, "guess": session.arranged.arrangement.value},
            )

        await self._database.write(write)
        return arranged
