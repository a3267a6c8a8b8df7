"""A relay elsewhere in the window: agreed to, added, its call heard and kept, and what is not offered through it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QPushButton

from parts.elsewhere import another_home
from parts.switchboard import Switchboard, carriers
from parts.window import Room
from qa_player.demo.carrier import CallSound
from qa_player.model.live import Track
from qa_player.ui.dialogs.relays import RelaysDialog

CALL = "call-at-the-office"


@asynccontextmanager
async def office(folder: Path) -> AsyncIterator[Switchboard]:
    """A relay of another home."""
    with carriers() as servers:
        async with another_home(folder) as desk:
            board = Switchboard(desk, servers)
            await board.open()
            try:
                yield board
            finally:
                await desk.live.stop_serving()
                board.close()


@asynccontextmanager
async def ringing(board: Switchboard) -> AsyncIterator[threading.Event]:
    tone = (np.sin(np.arange(20 * 8_000) / 5) * 9_000).astype(np.int16)
    stop = threading.Event()
    invitation = await board.expect(CALL, bidirectional=True, track=Track.INBOUND)
    sending = asyncio.create_task(board.call(invitation, CALL, CallSound(tone, tone, 8_000), speed=1, stop=stop))
    try:
        yield stop
    finally:
        stop.set()
        await sending


async def opened(room: Room) -> RelaysDialog:
    assert room.window.actions is not None
    room.window.actions["calls.relays"].trigger()
    await room.until(lambda: room.shell.findChildren(RelaysDialog))
    return room.shell.findChildren(RelaysDialog)[-1]


async def test_a_relay_elsewhere_is_agreed_to_heard_and_removed(room: Room, tmp_path: Path) -> None:
    async with office(tmp_path / "office") as board:
        key = (await board.desk.live.audience.add("front desk")).reveal()
        dialog = await opened(room)
        dialog.name.setText("Office")
        dialog.address.setText("http://calls.example.org")
        assert "not encrypted" in dialog.host.text()
        dialog.address.setText(board.place.public_url)
        assert dialog.host.text() == board.place.listening
        assert not dialog.key.isEnabled()
        dialog.accept_button.click()
        assert "agree" in dialog.trouble.text()
        dialog.agree.setChecked(True)
        dialog.key.setText("x" * 43)
        dialog.accept_button.click()
        await room.until(lambda: "lets nobody listen" in dialog.trouble.text())
        dialog.key.setText(key)
        dialog.accept_button.click()
        await room.until(lambda: dialog.relays.count() and dialog.relays.item(0).text().endswith("connected"))
        assert dialog.key.text() == ""
        assert board.desk.live.audience.listening == ("front desk",)
        dialog.reject()
        panel = room.panels.live
        async with ringing(board) as stop:
            await room.until(lambda: CALL in room.panels.messages.text())
            room.panels.messages.findChild(QPushButton).click()
            await room.until(lambda: panel.isVisible() and room.app.playback.state.live)
            await room.until(lambda: room.app.playback.position_ms > 500)
            await room.until(lambda: panel.delay.accessibleDescription().startswith("heard 0."))
            assert max(meter.share for meter in panel.meters) > 0.2
            assert not panel.speak.isVisible()
            assert not panel.streams.isVisible()
            stop.set()
        await room.until(lambda: not panel.isVisible())
        await room.until(lambda: room.app.playback.state.verified)
        session = room.app.playback.session
        assert session is not None
        assert session.session_id == CALL
        assert session.detail.session.metadata["relay"] == "Office"
        # the office is gone: the list says so, and it is forgotten
        await board.desk.live.stop_serving()
        dialog = await opened(room)
        await room.until(lambda: dialog.relays.count() and "not reached" in dialog.relays.item(0).text())
        dialog.remove_button.click()
        await room.until(lambda: not dialog.relays.count())
        assert not dialog.remove_button.isEnabled()
        dialog.reject()
