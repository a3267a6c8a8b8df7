"""Recordings in several parts in the window: one timeline with its joins and gaps, or the part that a person chose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from parts.loop import Loop
from parts.window import Room, furnish
from qa_player.demo.phone_calls import sample_calls
from qa_player.demo.server import DemoServer
from qa_player.demo.visits import Visit, load_visits
from qa_player.files import Home
from qa_player.model.playback import Phase
from qa_player.ui.widgets.part_gaps import Gap
from qa_player.ui.widgets.text import Label

VISIT = "Blood pressure review"
HALVES = "1f6d2a80-90be-4c3a-8c51-0d9e8f7a6b5c"
FIRST_MS, SECOND_MS = 37_518, 29_341


class Broken(Visit):
    """The visit with other files in the place of its own."""

    files: tuple[Path, ...] = ()

    @property
    def media(self) -> tuple[Path, ...]:  # type: ignore[override]
        return self.files


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(samples=(), calls=(), visits=load_visits(), phone_calls=sample_calls()) as server:
        yield server


@pytest.fixture
def room(loop: Loop, qapp: QApplication, home: Home, demo: DemoServer) -> Iterator[Room]:
    room = loop.run(furnish(home, demo, qapp))
    try:
        yield room
    finally:
        loop.run(room.close())
    room.shell.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert room.bugs == []


async def whole(room: Room, duration_ms: int) -> None:
    await room.until(lambda: room.app.playback.state.verified and room.app.playback.state.duration_ms == duration_ms)


async def choose(room: Room, at: int) -> None:
    """Choose from the list of parts by keys."""
    choice = room.panels.player.parts.choice
    choice.setFocus()
    await room.until(choice.hasFocus)
    QTest.keyClick(choice, Qt.Key.Key_Home)
    for _ in range(at):
        QTest.keyClick(choice, Qt.Key.Key_Down)


async def test_a_visit_in_two_recordings_plays_through_as_one(room: Room) -> None:
    await room.open(VISIT)
    await whole(room, FIRST_MS + SECOND_MS)
    player, playback = room.panels.player, room.app.playback
    assert player.parts.isVisible()
    assert player.parts.choice.currentText() == "All 2 parts in a row"
    assert player.parts.reason.text().startswith("A guess: They are numbered in order")
    assert player.waveform._gaps == (Gap(FIRST_MS, FIRST_MS, ""),)
    await room.until(lambda: player.waveform._peaks is not None and player.waveform._peaks.complete)
    assert player.waveform._peaks is not None
    assert player.waveform._peaks.duration_ms == FIRST_MS + SECOND_MS
    playback.seek(FIRST_MS - 300)
    playback.play()
    await room.until(lambda: playback.active_turns == (9,))
    assert playback.position_ms > FIRST_MS
    playback.seek(FIRST_MS + SECOND_MS - 200)
    await room.until(lambda: playback.state.ended)
    assert playback.position_ms == FIRST_MS + SECOND_MS
    facts = " ".join(label.text() for label in room.panels.details.findChildren(Label))
    assert "from 0:00.00, 0:37.51 long, available, sequence 1" in facts
    assert "from 0:37.51, 0:29.34 long, available, sequence 2" in facts


async def test_a_person_hears_one_part_alone_and_every_export_says_so(room: Room, tmp_path: Path) -> None:
    await room.open(VISIT)
    await whole(room, FIRST_MS + SECOND_MS)
    await choose(room, 2)
    await whole(room, SECOND_MS)
    player = room.panels.player
    assert player.parts.choice.currentText() == "Part 2 only, 0:29"
    assert player.parts.reason.text() == "A person chose so."
    assert player.waveform._gaps == ()
    session = room.app.playback.session
    assert session is not None
    (event,) = [event for event in await room.app.audit.show() if event.action == "parts.arranged"]
    assert (event.subject, event.detail) == (
        session.parts[1].part_id,
        {"arrangement": "alternatives", "guess": "consecutive"},
    )
    place = session.connection.name, session.session_id
    await room.app.exchange.export(*place, format="json", path=tmp_path / "one.json")
    told = json.loads((tmp_path / "one.json").read_text())["session"]
    assert told["arrangement"] == {
        "arrangement": "alternatives",
        "origin": "person",
        "reason": "A person chose so.",
        "part_id": session.parts[1].part_id,
    }
    assert [part["start_ms"] for part in told["recordings"]] == [0, 0]
    for format_, words in (("vtt", "parts: 2 alternatives, by person"), ("rttm", "parts: 2 alternatives, by person")):
        await room.app.exchange.export(*place, format=format_, path=tmp_path / f"one.{format_}")
        assert words in (tmp_path / f"one.{format_}").read_text()
    await choose(room, 0)
    await whole(room, FIRST_MS + SECOND_MS)
    assert player.parts.choice.currentText() == "All 2 parts in a row"
    assert player.parts.reason.text() == "A person chose so."


async def test_a_gap_is_drawn_with_its_reason_and_heard_as_silence(room: Room) -> None:
    (vobiz,) = [one.name for one in await room.app.connections.all() if one.provider == "vobiz"]
    room.desk.open_session(vobiz, HALVES)
    await room.until(lambda: room.app.playback.state.verified)
    playback, player = room.app.playback, room.panels.player
    await room.until(lambda: len(player.waveform._gaps) == 1)
    first, second = playback.state.parts
    assert first.duration_ms is not None
    assert second.start_ms is not None
    assert second.start_ms - first.duration_ms == pytest.approx(20_000, abs=100)
    assert player.waveform._gaps == (Gap(first.duration_ms, second.start_ms, "Nothing was recorded"),)
    assert "Their times follow one another." in player.parts.reason.text()
    playback.seek(first.duration_ms + 5_000)
    playback.play()
    await room.until(lambda: playback.position_ms > first.duration_ms + 5_300)
    assert playback.state.playing
    assert playback.state.error is None


async def test_a_part_that_cannot_be_read_says_so_and_the_other_plays(
    loop: Loop, qapp: QApplication, home: Home, tmp_path: Path
) -> None:
    (visit,) = [visit for visit in load_visits() if visit.title == VISIT]
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF" + bytes(60_000))
    damaged = Broken(visit.told, visit.began)
    damaged.files = (broken, visit.media[1])
    with DemoServer(samples=(), calls=(), visits=(damaged,), phone_calls=()) as server:
        room = await furnish(home, server, qapp)
        try:
            await room.open(VISIT)
            player, playback = room.panels.player, room.app.playback
            await room.until(lambda: "Part 1 cannot be heard: " in player.trouble.text())
            await room.until(lambda: playback.state.duration_ms == SECOND_MS)
            assert playback.state.phase is Phase.READY
            playback.play()
            await room.until(lambda: playback.position_ms > 300)
            playback.pause()
        finally:
            await room.close()
    room.shell.deleteLater()
    assert room.bugs == []


async def test_one_part_shows_no_choice(room: Room) -> None:
    await room.open("Knee pain, first visit")
    await room.until(lambda: room.app.playback.state.duration_ms)
    assert not room.panels.player.parts.isVisible()
    assert room.panels.player.waveform._gaps == ()
