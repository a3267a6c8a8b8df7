"""What nobody knows is told; what a provider has and nobody opened is no error."""

from __future__ import annotations

import pytest

from parts.desk import Desk
from qa_player.demo.server import DemoServer
from qa_player.errors import NotFoundError
from qa_player.services.knowing import Knowing


def knowing(desk: Desk) -> Knowing:
    return Knowing(database=desk.database, connections=desk.connections, library=desk.library)


async def test_a_session_that_nobody_opened_is_asked_of_its_provider_once(connected: Desk, server: DemoServer) -> None:
    await knowing(connected).need_session("acme", "sess_000001")
    asked = len(server.log)
    await knowing(connected).need_session("acme", "sess_000001")
    assert len(server.log) == asked > 0


async def test_what_was_listed_is_known_without_a_network(connected: Desk, server: DemoServer) -> None:
    await connected.library.refresh("acme")
    server.stop()
    await knowing(connected).need_session("acme", "sess_000001")


@pytest.mark.parametrize("place", [("acme", "sess_nobodys"), ("nobody", "sess_000001")])
async def test_what_nobody_knows_is_not_found(connected: Desk, place: tuple[str, str]) -> None:
    with pytest.raises(NotFoundError):
        await knowing(connected).need_session(*place)


async def test_a_connection_is_needed_only_where_one_is_named(connected: Desk) -> None:
    await knowing(connected).need_connection(None)
    await knowing(connected).need_connection("acme")
    with pytest.raises(NotFoundError):
        await knowing(connected).need_connection("nobody")
