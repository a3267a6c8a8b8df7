"""The audit trail as a person asks for it: recording an act that changes no data, checking the chain, showing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import JsonValue

from qa_player.model.audit import AuditEvent, AuditVerdict
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.store.database import Database


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

    async def show(
        self, *, connection: str | None = None, session_id: str | None = None, limit: int | None = None
    ) -> list[AuditEvent]:
        """Events in their order; with ``limit`` only the last ones."""
        from qa_player.store import audit

        return await self._database.read(
            lambda transaction: audit.events(transaction, connection=connection, session_id=session_id, limit=limit)
        )
