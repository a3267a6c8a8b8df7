"""A provider that lists any number of sessions, and what the list of them holds in memory."""

from __future__ import annotations

from parts.stored import NOON, session
from parts.window import Room
from qa_player.model.connection import Connection
from qa_player.model.session import Session
from qa_player.providers.base import Ability, SessionPage, SessionQuery
from qa_player.store import connections


class Lister:
    """Lists ``count`` sessions in pages, and tells how many there are unless ``total`` is false."""

    def __init__(self, count: int, *, total: bool = True, page: int = 200) -> None:
        self.count, self.total, self.page = count, total, page
        self.asked = 0

    @property
    def abilities(self) -> frozenset[Ability]:
        return frozenset({Ability.LIST})

    async def check(self) -> None:
        """Its key is always good."""

    async def aclose(self) -> None:
        """Nothing is held."""

    async def list_sessions(self, query: SessionQuery, cursor: str | None, limit: int) -> SessionPage:
        self.asked += 1
        start = int(cursor or 0)
        end = min(start + self.page, self.count)
        found = tuple(row(number) for number in range(start, end))
        return SessionPage(found, str(end) if end < self.count else None, self.count if self.total else None)


async def list_with(room: Room, lister: Lister, name: str = "acme") -> None:
    """Give the window a connection whose provider is ``lister``; its listing begins at once."""
    acme = Connection(name=name, provider="oshara", base_url="https://x.invalid", created_at=NOON)
    await room.app._database.write(lambda db: connections.save(db, acme))
    room.app.connections._providers[name] = lister
    room.app.connections.connections_changed.emit()


def row(number: int) -> Session:
    """One session of the list, titled as a person would."""
    return session(number, title=f"Call {number} about {('a bill', 'a parcel', 'a password')[number % 3]}")
