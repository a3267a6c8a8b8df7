"""The auditor's layout: the trail is read, checked and handed on from the window."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from parts.window import Room

SUBJECT = "Cancel the add-on"
LAYOUT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def rows(room: Room) -> list[str]:
    events = room.panels.trail.events
    return [events.item(at).text() for at in range(events.count())]


async def audited(room: Room) -> None:
    """The session is open, and the trail beside it."""
    await room.open(SUBJECT)
    await room.press(Qt.Key.Key_3, LAYOUT, on=room.panels.transcript.view)
    await room.until(lambda: any("session opened" in row for row in rows(room)))


async def test_what_was_done_to_the_open_session_is_told_as_it_happens(room: Room) -> None:
    assert not room.panels.trail.isVisible()
    await audited(room)
    assert room.panels.details.isVisible()
    assert not room.panels.scorecard.isVisible()
    assert not any("connection added" in row for row in rows(room))
    await room.app.review.annotate(start_ms=12_500, end_ms=14_000, tag="kept", text="Never shown here")
    await room.until(lambda: "annotation added" in rows(room)[0])
    assert "start 0:12.50" in rows(room)[0]
    assert "Never shown" not in "".join(rows(room))
    room.panels.trail.only_this.click()
    await room.until(lambda: any("connection added" in row for row in rows(room)))
    assert (
        room.panels.trail.told.text() == f"{len(rows(room))} events of everything that was done here, the newest first"
    )
    await room.press(Qt.Key.Key_1, LAYOUT, on=room.panels.transcript.view)
    await room.until(lambda: not room.panels.trail.isVisible())
    assert room.panels.annotations.isVisible()


async def test_the_trail_is_checked_and_says_what_it_cannot_claim(room: Room) -> None:
    await audited(room)
    room.panels.trail.check.click()
    await room.until(lambda: "consistent; its end is not proven" in room.panels.messages.text())


async def test_the_trail_of_a_session_is_written_and_the_writing_recorded(room: Room, tmp_path: Path) -> None:
    await audited(room)
    before = len(rows(room))
    room.panels.trail.export.click()
    await room.until(lambda: isinstance(QApplication.activeModalWidget(), QFileDialog))
    chooser = QApplication.activeModalWidget()
    assert isinstance(chooser, QFileDialog)
    chooser.findChildren(QLineEdit)[0].setText(str(tmp_path / "trail.jsonl"))
    chooser.accept()
    await room.until(lambda: "trail.jsonl is written" in room.panels.messages.text())
    lines = [json.loads(line) for line in (tmp_path / "trail.jsonl").read_text().splitlines()]
    assert len(lines) == before
    assert {line["session_id"] for line in lines} == {room.app.playback.session.session_id}  # type: ignore[union-attr]
    assert [line["sequence"] for line in lines] == sorted(line["sequence"] for line in lines)
    await room.until(lambda: "trail exported" in rows(room)[0])
