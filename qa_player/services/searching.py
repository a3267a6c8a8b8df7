"""Searching the transcripts and annotations of all sessions that are kept here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa_player.model.search import Hit, Sought
from qa_player.services.audit import Audit

if TYPE_CHECKING:
    from qa_player.store.database import Database, Transaction

AT_ONCE = 20
"""So many sessions are put into the index in one transaction."""


class Searching:
    """Finds what was said where. What was sought is not in the trail, only that something was."""

    def __init__(self, *, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    async def find(self, sought: Sought) -> tuple[Hit, ...]:
        """The newest hits first. Raises UsageError when there is no word to seek."""
        from qa_player.store import search

        await self._catch_up()
        found = await self._database.read(lambda transaction: search.find(transaction, sought))
        await self._audit.record("search.made", connection=sought.connection, detail={"hits": len(found)})
        return found

    async def _catch_up(self) -> None:
        """Sessions that were kept by a version without an index."""
        from qa_player.store import search

        def some(transaction: Transaction) -> int:
            details = search.unindexed(transaction, AT_ONCE)
            for detail in details:
                search.index_turns(transaction, detail)
            return len(details)

        left = await self._database.read(lambda transaction: len(search.unindexed(transaction, 1)))
        while left:
            left = await self._database.write(some)
