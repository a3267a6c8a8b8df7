"""The list of one connection narrowed to an agent: only where its provider lists by agent, and there is one."""

from __future__ import annotations

from collections.abc import Sequence

from parts.many_sessions import Lister, list_with, row
from parts.window import Room
from qa_player.model.session import Session
from qa_player.providers.base import Ability, SessionPage, SessionQuery


class Staffed(Lister):
    """Lists the sessions of two agents, or of nobody, and says whether it lists by agent."""

    def __init__(self, agents: Sequence[str | None], *, by_agent: bool) -> None:
        super().__init__(len(agents))
        self._agents, self._by_agent = agents, by_agent

    @property
    def abilities(self) -> frozenset[Ability]:
        return frozenset({Ability.LIST} | ({Ability.LIST_BY_AGENT} if self._by_agent else set()))

    async def list_sessions(self, query: SessionQuery, cursor: str | None, limit: int) -> SessionPage:
        found: list[Session] = [
            row(at).model_copy(update={"agent": agent, "connection": "staffed" if self._by_agent else "plain"})
            for at, agent in enumerate(self._agents)
        ]
        return SessionPage(tuple(found), None, len(found))


def choose(room: Room, name: str | None) -> None:
    connection = room.panels.sessions.connection
    connection.setCurrentIndex(connection.findData(name))
    connection.activated.emit(connection.currentIndex())


def offered(room: Room) -> list[str]:
    agent = room.panels.sessions.agent
    return [] if agent.isHidden() else [agent.itemText(at) for at in range(agent.count())]


async def test_a_connection_that_lists_by_agent_is_narrowed_to_one(room: Room) -> None:
    panel = room.panels.sessions
    rows = panel.list.sessions
    await list_with(room, Staffed(["Anna", "Ann", "Anna", None], by_agent=True), "staffed")
    await list_with(room, Staffed(["Anna", "Anna"], by_agent=False), "plain")
    await room.until(lambda: {panel.connection.findData(name) for name in ("staffed", "plain")}.isdisjoint({-1}))
    assert offered(room) == [], "of all connections together there is no agent to choose"
    choose(room, "staffed")
    await room.until(lambda: offered(room) == ["Every agent", "Ann", "Anna"] and rows.rowCount() == 4)
    panel.agent.setCurrentIndex(1)
    panel.agent.activated.emit(1)
    await room.until(lambda: rows.rowCount() == 1)
    wanted = panel.filter()
    assert (wanted.connection, wanted.agent) == ("staffed", "Ann"), "and Anna's are left out"
    choose(room, "plain")
    await room.until(lambda: rows.rowCount() == 2 and not room.tasks.running("sessions-agents"))
    assert (offered(room), panel.filter().agent) == ([], None), "its provider does not list by agent"
    panel.asked.show_filter(wanted)
    await room.until(lambda: offered(room) == ["Every agent", "Ann", "Anna"] and rows.rowCount() == 1)
    assert panel.filter() == wanted, "a kept filter is taken up again"
