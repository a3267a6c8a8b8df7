"""Speaking into a call: only where it was switched on for that call, and only while the key is held."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtMultimedia import QMediaDevices
from PySide6.QtTest import QTest

from parts.sound import SoundCard
from parts.window import Room
from qa_player.demo.carrier import PLIVO, Carrier
from qa_player.demo.server import DemoServer
from qa_player.model.live import StreamWish, Track
from qa_player.ui.panels.live_call import HELD, HOLD

CALL = "live-call-3"
RATE = 8_000


class Listening(Carrier):
    """Keeps what is said into its calls, which it reads once they are over."""

    def __init__(self, token: str) -> None:
        super().__init__(PLIVO, token)
        self.said: list[dict[str, Any]] = []

    def send(self, *call: Any, **how: Any) -> bool:
        return super().send(*call, heard=lambda message: self.said.append(json.loads(message)), **how)


async def listen(room: Room, wish: StreamWish) -> None:
    await room.app.live.serve("127.0.0.1:0")
    await room.app.live.start("Plivo demo", CALL, wish)
    await room.until(lambda: room.app.live.calls)
    room.desk.open_session("live", CALL)
    await room.until(lambda: room.panels.live.isVisible() and room.app.playback.state.live)
    await room.until(room.panels.transcript.view.hasFocus)


async def test_without_a_microphone_it_is_said(room: Room) -> None:
    await listen(room, StreamWish(track=Track.INBOUND, bidirectional=True))
    panel = room.panels.live
    panel.speak.click()
    await room.until(panel.hold.isVisible)
    # Qt goes on listing one that was unplugged, so this comes before the test that plugs one in
    assert QMediaDevices.defaultAudioInput().isNull()
    QTest.keyPress(room.panels.transcript.view, Qt.Key.Key_V)
    await room.until(lambda: "microphone" in room.panels.messages.text())
    assert panel.hold.text() == HOLD
    QTest.keyRelease(room.panels.transcript.view, Qt.Key.Key_V)


@pytest.fixture
def microphone(sound: SoundCard) -> Iterator[None]:
    """A microphone."""
    module = sound.plug_microphone("voice")
    yield
    sound.unplug(module)


async def test_one_is_heard_only_while_the_key_is_held(microphone: None, room: Room, demo: DemoServer) -> None:
    carrier = Listening(demo.plivo.telephone.token)
    demo.plivo.telephone.streaming.carrier = carrier
    await listen(room, StreamWish(track=Track.INBOUND, bidirectional=True))
    await room.until(lambda: not QMediaDevices.defaultAudioInput().isNull())
    panel, view = room.panels.live, room.panels.transcript.view
    assert panel.speak.isVisible()
    assert not panel.hold.isVisible()
    QTest.keyPress(view, Qt.Key.Key_V)
    await asyncio.sleep(0.3)
    QTest.keyRelease(view, Qt.Key.Key_V)
    panel.speak.click()
    await room.until(panel.hold.isVisible)
    assert panel.hold.text() == HOLD
    QTest.keyPress(view, Qt.Key.Key_V)
    assert panel.hold.text() == HELD
    assert panel.hold.property("held") is True
    assert panel.property("held") is True
    assert panel.hold.sizeHint().width() <= panel.hold.minimumWidth(), "nothing moves while the button is held"
    await asyncio.sleep(1.0)
    # as X11 tells of a key that repeats
    QTest.keyRelease(view, Qt.Key.Key_V)
    QTest.keyPress(view, Qt.Key.Key_V)
    await asyncio.sleep(0.2)
    assert panel.hold.text() == HELD
    QTest.keyRelease(view, Qt.Key.Key_V)
    await room.until(lambda: panel.hold.text() == HOLD)
    assert panel.property("held") is False
    assert panel.hold.sizeHint().width() <= panel.hold.minimumWidth()
    await asyncio.sleep(0.5)
    panel.speak.click()
    await room.until(lambda: not panel.hold.isVisible())
    await asyncio.to_thread(demo.plivo.telephone.streaming.close)
    await room.until(lambda: not room.app.live.calls)
    await room.until(lambda: carrier.said)
    assert {one["event"] for one in carrier.said} == {"playAudio"}
    said = b"".join(base64.b64decode(one["media"]["payload"]) for one in carrier.said)
    assert 0.6 < len(said) / RATE < 1.7, "what was said while the key was held, and nothing else"
    actions = [event.action for event in await room.app.audit.show()]
    assert [one for one in actions if one.startswith("live.sp")] == [
        "live.speaking_on",
        "live.spoke",
        "live.speaking_off",
    ]
    detail = await room.app.library.detail("live", CALL, fresh=True)
    told = [turn.text for turn in detail.turns]
    assert any(text.startswith("spoken into the call for 1.") for text in told)


async def test_a_call_that_carries_sound_one_way_offers_no_voice(room: Room) -> None:
    await listen(room, StreamWish())
    assert not room.panels.live.speak.isVisible()
    QTest.keyPress(room.panels.transcript.view, Qt.Key.Key_V)
    QTest.keyRelease(room.panels.transcript.view, Qt.Key.Key_V)
    assert not room.panels.live.hold.isVisible()
