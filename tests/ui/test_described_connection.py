"""A described API in the window: nobody types a key before they agreed to the hosts that would get it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
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
        dialog.accept_button.click()
        assert "description is missing" in dialog.trouble.text()
        await empty.type(str(file), on=dialog.base_url)
        await empty.press(Qt.Key.Key_Tab)
        assert address.removeprefix("http://") in dialog.hosts.text()
        assert dialog.hosts.isVisible()
        assert not dialog.key.isEnabled(), "nobody types a key before they know where it goes"
        dialog.accept_button.click()
        assert address.removeprefix("http://") in dialog.trouble.text()
        assert api.asked == []
        assert await empty.app.connections.all() == ()
        dialog.agree.click()
        await empty.type("k-1", on=dialog.key)
        dialog.accept_button.click()
        await empty.until(lambda: QApplication.activeModalWidget() is None)
    assert api.asked
    (kept,) = await empty.app.connections.all()
    assert (kept.provider, kept.base_url) == ("described", str(file))


async def test_the_options_of_a_description_can_be_typed_and_required_ones_must(empty: Room, tmp_path: Path) -> None:
    file = tmp_path / "acme.toml"
    option = '\n[options.account]\nlabel = "Account"\nhelp = "Its number."\nrequired = true\n'
    file.write_text(text_of() + option)
    empty.desk.new_connection()
    await empty.until(lambda: isinstance(QApplication.activeModalWidget(), ConnectionDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ConnectionDialog)
    assert "email" in dialog.options, "Oshara's"
    assert dialog.options["email"].accessibleName() == "E-mail (optional)"
    dialog.provider.setCurrentIndex(dialog.provider.findData("described"))
    await empty.type("mine", on=dialog.name)
    await empty.type(str(file), on=dialog.base_url)
    await empty.press(Qt.Key.Key_Tab)
    assert next(iter(dialog.options)) == "account"
    assert dialog.options["account"].accessibleName() == "Account"
    dialog.agree.click()
    await empty.type("k-1", on=dialog.key)
    dialog.accept_button.click()
    assert "needs Account" in dialog.trouble.text()
    await empty.type("7", on=dialog.options["account"])
    await empty.type("https://elsewhere.example", on=dialog.options["base_url"])
    await empty.press(Qt.Key.Key_Tab)
    assert "elsewhere.example" in dialog.hosts.text()
    assert (dialog.agree.isChecked(), dialog.key.text()) == (False, ""), "another host is to be agreed to anew"
    dialog.close()
