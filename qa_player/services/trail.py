"""Who acts, and how an act reaches the audit trail in the transaction of its effect."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pydantic import JsonValue

from qa_player.model.actor import Actor
from qa_player.model.audit import AuditAct

if TYPE_CHECKING:
    from qa_player.store.database import Transaction


class Trail:
    """Shared by the services: the actor of this process and the clock that stamps its acts.

    ``append`` belongs inside the caller's own write, so that no effect is without its record and no record without
    its effect.
    """

    def __init__(self, actor: Actor, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.actor = actor
        self.now = now

    def append(
        self,
        transaction: Transaction,
        action: str,
        *,
        connection: str | None = None,
        session_id: str | None = None,
        subject: str | None = None,
        detail: dict[str, JsonValue] | None = None,
        content: bytes | None = None,
    ) -> None:
        """Record ``action`` in ``transaction``; ``content`` is kept only as a keyed digest."""
        from qa_player.store import audit

        act = AuditAct(
            action=action,
            actor=self.actor.shown,
            connection=connection,
            session_id=session_id,
            subject=subject,
            detail=detail or {},
            content=content,
        )
        audit.append(transaction, act, self.now())
