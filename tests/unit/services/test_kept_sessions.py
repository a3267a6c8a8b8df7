"""A session that was opened before opens as it was kept when its provider refuses it; commands are refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from parts.desk import Desk
from qa_player.demo.server import DemoServer
from qa_player.errors import KeychainError, KeyRefusedError, NotFoundError, QaPlayerError
from qa_player.model.playback import Phase

ID = "sess_000001"


def revoked(desk: Desk, server: DemoServer) -> None:
    server.api.key_works = False


def vanished(desk: Desk, server: DemoServer) -> None:
    server.api_faults.status = 404


def key_lost(desk: Desk, server: DemoServer) -> None:
    desk.connections._providers.clear()
    desk.keychain._secrets.clear()


@pytest.mark.parametrize(
    ("fault", "kind"), [(revoked, KeyRefusedError), (vanished, NotFoundError), (key_lost, KeychainError)]
)
@pytest.mark.parametrize("fetched", [True, False])
async def test_it_opens_with_its_trouble(
    connected: Desk,
    server: DemoServer,
    fault: Callable[[Desk, DemoServer], None],
    kind: type[QaPlayerError],
    fetched: bool,
) -> None:
    desk = connected
    turns = (await desk.playback.open("acme", ID)).turns
    if fetched:
        await desk.recordings.fetch("acme", ID, out=None, reason="", progress=lambda done, total: None)
    await desk.playback.close()
    fault(desk, server)
    opened = await desk.playback.open("acme", ID)
    assert [turn.text for turn in opened.turns] == [turn.text for turn in turns] != []
    assert type(opened.trouble) is kind
    assert not fetched or desk.playback.state.phase is not Phase.FAILED, "what is held can be heard"
    with pytest.raises(kind):
        await desk.library.open("acme", ID, fresh=True)
    with pytest.raises(kind):
        await desk.playback.open("acme", "sess_000002")
