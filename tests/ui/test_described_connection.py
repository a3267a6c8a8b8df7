"""A described API in the window: the hosts that would get the key are shown, and pressing again agrees to them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from parts.described_api import Api, text_of, told
from parts.loop import Loop
from parts.window import Room, furnish
from qa_player.files import Home
from qa_player.ui.dialogs.connection import ConnectionDialog


@pytest.fixture
def empty(loop: Loop, qapp: QApplication, home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    """A window without a connection."""
    monkeypatch.setenv("QA_PLAYER_KEYCHAIN", "memory")
    room = loop.run(furnish(home, None, qapp))
    try:
        yield room
    finally:
        loop.run(room.close())
        room.shell.deleteLater()
        qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert room.bugs == []


async def test_no_key_leaves_before_its_hosts_were_shown(empty: Room, tmp_path: Path) -> None:
    api = Api(lambda _: told(200, {"calls": []}))
    file = tmp_path / "acme.toml"
    with api.running() as address:
        file.write_text(text_of().replace("https://api.example.com", address))
        empty.desk.new_connection()
        await empty.until(lambda: isinstance(QApplication.activeModalWidget(), ConnectionDialog))
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ConnectionDialog)
        dialog.provider.setCurrentIndex(dialog.provider.findData("described"))
        dialog.name.setText("mine")
        dialog.key.setText("k-1")
        dialog.accept_button.click()
        assert "description is missing" in dialog.trouble.text()
        dialog.base_url.setText(str(file))
        dialog.accept_button.click()
        assert address.removeprefix("http://") in dialog.trouble.text()
        assert api.asked == []
        assert await empty.app.connections.all() == ()
        dialog.accept_button.click()
        await empty.until(lambda: QApplication.activeModalWidget() is None)
    assert api.asked
    (kept,) = await empty.app.connections.all()
    assert (kept.provider, kept.base_url) == ("described", str(file))
