"""Services beside stand-in providers; see ``parts.desk``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from parts.conversations import conversation, newest_first, tone
from parts.desk import Desk
from parts.loop import Loop
from parts.stored import KEY
from qa_player.credentials import MemoryKeychain
from qa_player.demo.samples import Sample
from qa_player.demo.server import DemoServer
from qa_player.files import Home
from qa_player.store.database import Database


@pytest.fixture
def make_desk(loop: Loop, home: Home) -> Iterator[Callable[..., Awaitable[Desk]]]:
    """``await make_desk()``: the services of the test's home, as another process would have them."""
    desks: list[Desk] = []
    keychain = MemoryKeychain()

    async def make(*, actor: str = "rita") -> Desk:
        desk = Desk(home, await Database.open(home.database, KEY), keychain, actor=actor)
        desks.append(desk)
        return desk

    yield make
    for desk in desks:
        loop.run(desk.aclose())


@pytest.fixture
def desk(loop: Loop, make_desk: Callable[..., Awaitable[Desk]]) -> Desk:
    return loop.run(make_desk())


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., DemoServer]]:
    """``serve(*samples)`` starts a stand-in provider of these conversations."""
    with ExitStack() as stack:
        yield lambda *samples, **options: stack.enter_context(DemoServer(samples=newest_first(*samples), **options))


@pytest.fixture
def spoken(tmp_path: Path) -> Sample:
    """A short conversation with a recording, number 1."""
    return conversation(1, tone(tmp_path / "media", "spoken"))


@pytest.fixture
def server(serve: Callable[..., DemoServer], spoken: Sample) -> DemoServer:
    """Has `spoken` and, number 2, one without a recording."""
    return serve(spoken, conversation(2))


@pytest.fixture
def connected(loop: Loop, desk: Desk, server: DemoServer) -> Desk:
    """`desk` with its connection ``acme`` to `server`."""
    loop.run(desk.connect(server))
    return desk
