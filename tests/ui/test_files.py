"""Files of this machine in the window: opened by name, dropped on it, a folder listed, trouble told."""

from __future__ import annotations

import shutil
import wave
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from parts.window import Room
from qa_player.files import resource
from qa_player.ui.dialogs.connection import ConnectionDialog

CAPTIONS = "WEBVTT\n\n00:01.000 --> 00:03.000\n<v Agent>Good morning.\n\n00:04.000 --> 00:06.000\n<v Customer>Hello."


@pytest.fixture
def call(tmp_path: Path) -> Path:
    """A recording with its transcript beside it, in a folder of its own."""
    folder = tmp_path / "march"
    folder.mkdir()
    shutil.copy(resource("demo", "recordings", "password-reset.wav"), folder / "call.wav")
    (folder / "call.vtt").write_text(CAPTIONS)
    return folder / "call.wav"


def dropped(room: Room, *paths: Path) -> bool:
    """Drag ``paths`` over the window and let go; whether it takes them."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    over = QDragEnterEvent(QPoint(200, 200), copy, mime, left, none)
    over.ignore()
    QApplication.sendEvent(room.shell, over)
    if over.isAccepted():
        QApplication.sendEvent(room.shell, QDropEvent(QPoint(200, 200), copy, mime, left, none))
    return over.isAccepted()


async def heard(room: Room) -> None:
    await room.until(lambda: room.desk.playback.session is not None and room.desk.playback.state.duration_ms)
    await room.until(lambda: not room.tasks.running("open-session") and not room.tasks.running("review-load"))


async def test_a_file_is_opened_with_the_transcript_beside_it(room: Room, call: Path) -> None:
    assert room.window.opening is not None
    room.window.opening.open_file(str(call), 4_500)
    await heard(room)
    session = room.desk.playback.session
    assert session is not None
    assert (session.connection.name, session.session_id) == ("march", "call.wav")
    assert [turn.text for turn in session.turns] == ["Good morning.", "Hello."]
    assert room.desk.playback.active_turns == (1,)
    await room.until(lambda: room.panels.sessions.connection.findData("march") >= 0)


@pytest.mark.parametrize("name", ["call.wav", "call.vtt"])
async def test_a_recording_or_its_transcript_is_dropped_on_the_window(room: Room, call: Path, name: str) -> None:
    assert dropped(room, call.with_name(name))
    await heard(room)
    session = room.desk.playback.session
    assert session is not None
    assert session.session_id == "call.wav"


async def test_a_folder_is_dropped_and_listed(room: Room, call: Path) -> None:
    call.rename(call.with_name("weekly review.wav"))
    assert dropped(room, call.parent)
    await room.until(lambda: "march" in room.panels.messages.text())
    assert room.desk.playback.session is None
    await room.open("weekly review", loaded=False)
    await heard(room)


async def test_what_is_no_recording_is_told_and_adds_nothing(room: Room, tmp_path: Path) -> None:
    (tmp_path / "notes.pdf").touch()
    known = await room.app.connections.all()
    assert dropped(room, tmp_path / "notes.pdf")
    await room.until(lambda: room.troubles)
    assert "neither a recording nor a transcript" in room.troubles[0].message
    assert await room.app.connections.all() == known


async def test_a_drop_that_is_no_file_is_left_to_others(room: Room) -> None:
    assert not dropped(room)


async def test_a_folder_asks_for_no_key(room: Room, call: Path) -> None:
    room.desk.new_connection()
    await room.until(lambda: isinstance(QApplication.activeModalWidget(), ConnectionDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ConnectionDialog)
    dialog.provider.setCurrentIndex(dialog.provider.findData("oshara"))
    assert dialog.key.isVisible(), "the control: other providers have one"
    dialog.provider.setCurrentIndex(dialog.provider.findData("local"))
    assert not dialog.key.isVisible()
    dialog.name.setText("mine")
    dialog.base_url.setText(str(call.parent))
    dialog.go()
    await room.until(lambda: room.panels.sessions.connection.findData("mine") >= 0)


async def test_the_selected_piece_of_audio_is_handed_on_to_the_sample(room: Room, call: Path, tmp_path: Path) -> None:
    """By its key; without a selection it is the turn one hears."""
    assert room.window.opening is not None
    room.window.opening.open_file(str(call), 4_500)
    await heard(room)
    for name, selection, start_ms, end_ms in (("one", (1_250, 2_000), 1_250, 2_000), ("two", None, 4_000, 6_000)):
        if selection is None:
            room.panels.player.select_nothing()
        else:
            room.panels.player.select(*selection)
        keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        room.shell.activateWindow()
        await room.press(Qt.Key.Key_E, keys, on=room.panels.transcript.view)
        await room.until(lambda: isinstance(QApplication.activeModalWidget(), QFileDialog))
        chooser = QApplication.activeModalWidget()
        assert isinstance(chooser, QFileDialog)
        chooser.findChildren(QLineEdit)[0].setText(str(tmp_path / f"{name}.wav"))
        chooser.accept()
        await room.until(lambda name=name: f"{name}.wav is written" in room.panels.messages.text())
        with wave.open(str(call)) as whole, wave.open(str(tmp_path / f"{name}.wav")) as piece:
            rate = whole.getframerate()
            whole.setpos(start_ms * rate // 1_000)
            assert piece.readframes(10**9) == whole.readframes((end_ms - start_ms) * rate // 1_000)
