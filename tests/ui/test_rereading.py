"""The recordings kept here as an auditor meets them: a digest among the details, and all of them read again."""

from __future__ import annotations

import hashlib

from parts.window import Room
from qa_player.demo.server import DemoServer
from qa_player.ui.rereading import TITLE
from qa_player.ui.widgets.text import Label

SUBJECT, SESSION = "Cancel the add-on", "sess_a1b2c3"


def told(room: Room) -> list[str]:
    """Its texts, without the places where a long word may break."""
    return [label.text().replace("\u200b", "") for label in room.panels.details.findChildren(Label)]


async def opened(room: Room) -> None:
    await room.open(SUBJECT)
    await room.until(lambda: room.app.playback.state.verified)


async def test_the_details_have_the_digest_of_what_was_fetched(room: Room, demo: DemoServer) -> None:
    await room.open("Refund status")
    assert TITLE not in told(room)
    await opened(room)
    await room.until(lambda: TITLE in told(room))
    words = told(room)
    (sent,) = (one.recording for one in demo.samples if one.session_id == SESSION and one.recording is not None)
    assert words[words.index("SHA-256") + 1] == hashlib.sha256(sent.read_bytes()).hexdigest()
    assert f"{sent.stat().st_size:,} bytes" in words


async def test_all_are_read_again_and_each_is_what_was_fetched(room: Room) -> None:
    room.desk.rereading.verify()
    await room.until(lambda: "No recording is kept here whole." in room.panels.messages.text())
    await opened(room)
    room.desk.rereading.verify()
    await room.until(lambda: "1 recording read again: each is what was fetched." in room.panels.messages.text())


async def test_a_byte_that_turned_is_told_with_the_session_it_is_of(room: Room) -> None:
    await opened(room)
    await room.until(lambda: TITLE in told(room))
    kept = [path for path in room.app.home.recordings.rglob("*") if path.is_file() and "peaks" not in path.name]
    (largest,) = sorted(kept, key=lambda path: path.stat().st_size)[-1:]
    with largest.open("r+b") as file:
        file.seek(largest.stat().st_size // 2)
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 1]))
    room.desk.rereading.verify()
    await room.until(lambda: f"1 recording kept here is not what was fetched: {SESSION}" in room.panels.messages.text())
    actions = [event.action for event in await room.app.audit.show()]
    assert "cache.verified" in actions
    assert "recording.damaged" in actions
