"""The audit trail as a person asks for it: recording an act that changes no data, checking the chain, showing it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from qa_player.canonical import sha256
from qa_player.files import place_to_write, write_whole
from qa_player.formats import audit_object
from qa_player.model.audit import AuditEvent, AuditVerdict
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.store.database import Database


@dataclass(frozen=True)
class WrittenTrail:
    """An exported trail: its file, how many events and bytes it has, and their digest."""

    path: Path
    events: int
    bytes: int
    sha256: str


class Audit:
    """Acts without a transaction of their own (a session opened, a recording played) are written here, before the
    effect can be seen."""

    def __init__(self, database: Database, trail: Trail) -> None:
        self._database = database
        self._trail = trail

    async def record(
        self,
        action: str,
        *,
        connection: str | None = None,
        session_id: str | None = None,
        subject: str | None = None,
        detail: dict[str, JsonValue] | None = None,
    ) -> None:
        """Write one event and return once it is committed."""
        await self._database.write(
            lambda transaction: self._trail.append(
                transaction, action, connection=connection, session_id=session_id, subject=subject, detail=detail
            )
        )

    async def verify(self) -> AuditVerdict:
        """Check the chain, the rows it speaks of, and the database under it."""
        from qa_player.store import audit

        return await self._database.read(audit.verify)

    async def export(self, path: Path, *, connection: str | None = None, session_id: str | None = None) -> WrittenTrail:
        """Write the events to ``path`` as JSON Lines, whole or not at all; that it is done is recorded before, and is
        not among them. Raises UsageError where there is no folder, IntegrityError for rows that are no events."""
        await asyncio.to_thread(place_to_write, path)
        events = await self.show(connection=connection, session_id=session_id)
        data = await asyncio.to_thread(audit_object.write, events)
        written = WrittenTrail(path, len(events), len(data), sha256(data))
        await self.record(
            "trail.exported",
            connection=connection,
            session_id=session_id,
            detail={"events": written.events, "bytes": written.bytes, "sha256": written.sha256},
        )
        await asyncio.to_thread(write_whole, path, data)
        return written

    async def show(
        self, *, connection: str | None = None, session_id: str | None = None, limit: int | None = None
    ) -> list[AuditEvent]:
        """Events in their order; with ``limit`` only the last ones."""
        from qa_player.store import audit

        return await self._database.read(
            lambda transaction: audit.events(transaction, connection=connection, session_id=session_id, limit=limit)
        )
