"""Windows over real services: the stand-in providers on loopback, a home of its own, a keychain in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from parts.loop import Loop
from parts.window import Room, furnish
from qa_player.demo.server import DemoServer
from qa_player.files import Home


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    """The stand-in providers with the shipped samples."""
    with DemoServer() as server:
        yield server


@pytest.fixture
def room(loop: Loop, qapp: QApplication, home: Home, demo: DemoServer) -> Iterator[Room]:
    """The window, connected to ``demo``, its sessions listed; no bug may have been caught when the test ends."""
    room = loop.run(furnish(home, demo, qapp))
    try:
        loop.run(room.until(lambda: room.panels.sessions.list.sessions.rowCount() > 0))
        yield room
    finally:
        loop.run(room.close())
    room.shell.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert room.bugs == []
