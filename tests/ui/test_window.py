"""The window as a person and as assistive technology meet it: names, keys, states, and what moves with the sound."""

from __future__ import annotations

import asyncio
import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QApplication, QTableWidget

from parts import accessible
from parts.window import Room
from qa_player.demo.server import DemoServer
from qa_player.sealed import derive_key
from qa_player.services.review import Review
from qa_player.store.database import Database

SAMPLE = "Cancel the add-on"
ROLE = QAccessible.Role
NAMES = {
    "QA Player": ROLE.Window,
    "Sessions": ROLE.List,
    "Transcript": ROLE.List,
    "Annotations": ROLE.List,
    "Search sessions": ROLE.EditableText,
    "Find in transcript": ROLE.EditableText,
    "Play": ROLE.Button,
    "Previous turn": ROLE.Button,
    "Next turn": ROLE.Button,
    "Back 5 seconds": ROLE.Button,
    "Forward 5 seconds": ROLE.Button,
    "Add annotation": ROLE.Button,
    "Export": ROLE.Button,
    "Add connection": ROLE.Button,
    "Seek": ROLE.Slider,
    "Waveform": ROLE.Slider,
    "Connection": ROLE.ComboBox,
    "Speed": ROLE.ComboBox,
    "Channels": ROLE.ComboBox,
    "Position": ROLE.StaticText,
    "Active turn": ROLE.StaticText,
    "Saved": ROLE.StaticText,
    "Stream": ROLE.StaticText,
}
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def described(room: Room, name: str) -> str:
    (read,) = accessible.named(room.shell, name)
    return read.description


async def ready(room: Room) -> None:
    await room.open(SAMPLE)
    await room.until(lambda: room.app.playback.state.verified)
    room.panels.transcript.take_focus()


async def test_every_promised_name_belongs_to_one_object_of_its_role(room: Room) -> None:
    await ready(room)
    await room.app.review.annotate(start_ms=1_000, tag="compliance")
    read = accessible.walk(room.shell)
    found = {name: [one.role for one in read if one.name == name] for name in NAMES}
    assert found == {name: [role] for name, role in NAMES.items()}


async def test_names_stand_while_nothing_is_open(room: Room) -> None:
    read = accessible.walk(room.shell)
    found = {name: [one.role for one in read if one.name == name] for name in NAMES}
    assert found == {name: [role] for name, role in NAMES.items()}


async def test_play_is_named_pause_while_it_plays(room: Room) -> None:
    await ready(room)
    await room.press(Qt.Key.Key_Space)
    await room.until(lambda: room.app.playback.state.playing)
    assert not accessible.named(room.shell, "Play")
    assert len(accessible.named(room.shell, "Pause")) == 1
    await room.press(Qt.Key.Key_K)
    await room.until(lambda: not room.app.playback.state.playing)
    assert len(accessible.named(room.shell, "Play")) == 1


async def test_the_position_reads_as_promised_and_the_sliders_hold_it(room: Room) -> None:
    await ready(room)
    room.app.playback.seek(7_250)
    await room.until(lambda: described(room, "Position").startswith("0:07.25 / "))
    assert re.fullmatch(r"0:07\.25 / \d:\d\d\.\d\d", described(room, "Position"))
    for name in ("Seek", "Waveform"):
        (slider,) = accessible.named(room.shell, name)
        assert slider.value == "7250"


async def test_the_turn_that_speaks_is_told_and_highlighted(room: Room, demo: DemoServer) -> None:
    await ready(room)
    turns = demo.sample(SAMPLE).transcript
    start_ms = round(turns[3]["ts"] * 1_000)
    room.app.playback.seek(start_ms + 200)
    await room.until(lambda: described(room, "Active turn"))
    minutes, rest = divmod(start_ms // 10, 6_000)
    clock = f"{minutes}:{rest // 100:02}.{rest % 100:02}"
    assert described(room, "Active turn") == f"3 user {clock} {turns[3]['text']}"
    assert room.panels.transcript.view.turns.active[0] == 3
    room.app.playback.seek(0)
    await room.until(lambda: not described(room, "Active turn"))
    assert room.panels.transcript.view.turns.active == ()


@pytest.mark.parametrize(
    ("key", "modifiers", "moved"),
    [
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 5_000),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, -5_000),
        (Qt.Key.Key_Right, SHIFT, 1_000),
        (Qt.Key.Key_Left, SHIFT, -1_000),
        (Qt.Key.Key_J, Qt.KeyboardModifier.NoModifier, -10_000),
        (Qt.Key.Key_L, Qt.KeyboardModifier.NoModifier, 10_000),
    ],
)
async def test_keys_go_back_and_forth(room: Room, key: Qt.Key, modifiers: Qt.KeyboardModifier, moved: int) -> None:
    await ready(room)
    room.app.playback.seek(12_000)
    await room.press(key, modifiers)
    assert round(room.app.playback.position_ms) == 12_000 + moved


async def test_keys_go_from_turn_to_turn(room: Room, demo: DemoServer) -> None:
    await ready(room)
    starts = [round(turn["ts"] * 1_000) for turn in demo.sample(SAMPLE).transcript]
    await room.press(Qt.Key.Key_Down, CTRL)
    await room.press(Qt.Key.Key_Down, CTRL)
    assert round(room.app.playback.position_ms) == starts[1]
    await room.press(Qt.Key.Key_Up, CTRL)
    assert round(room.app.playback.position_ms) == starts[0]
    await room.press(Qt.Key.Key_Down)
    assert round(room.app.playback.position_ms) == starts[1]


async def test_enter_on_a_turn_goes_there(room: Room, demo: DemoServer) -> None:
    await ready(room)
    view = room.panels.transcript.view
    view.setCurrentIndex(view.turns.index(5, 0))
    await room.press(Qt.Key.Key_Return)
    assert round(room.app.playback.position_ms) == round(demo.sample(SAMPLE).transcript[5]["ts"] * 1_000)


async def test_brackets_change_the_speed_and_the_backslash_takes_it_back(room: Room) -> None:
    await ready(room)
    await room.press(Qt.Key.Key_BracketRight)
    await room.press(Qt.Key.Key_BracketRight)
    assert room.app.playback.state.speed == 1.5
    assert room.panels.player.transport.speed.currentText() == "1.5×"
    await room.press(Qt.Key.Key_BracketLeft)
    assert room.app.playback.state.speed == 1.25
    await room.press(Qt.Key.Key_Backslash)
    assert room.app.playback.state.speed == 1.0


async def test_letters_are_letters_where_one_types_and_control_space_plays_there(room: Room) -> None:
    await ready(room)
    field = room.panels.transcript.find_bar.field
    room.app.playback.seek(12_000)
    await room.type("jk 1", field)
    assert field.text() == "jk 1"
    assert round(room.app.playback.position_ms) == 12_000
    assert not room.app.playback.state.playing
    await room.press(Qt.Key.Key_Space, CTRL)
    await room.until(lambda: room.app.playback.state.playing)
    assert room.app.review.annotations == ()


async def test_space_on_a_button_reached_by_tab_presses_that_button(room: Room) -> None:
    await ready(room)
    await room.press(Qt.Key.Key_Space, on=room.panels.player.transport.forward)
    assert round(room.app.playback.position_ms) == 5_000
    assert not room.app.playback.state.playing


async def test_after_a_press_of_a_transport_button_one_reads_on(room: Room) -> None:
    await ready(room)
    room.panels.sessions.search.setFocus()
    room.panels.player.transport.next.click()
    await room.until(room.panels.transcript.view.hasFocus)


async def test_a_digit_tags_what_one_hears_and_saved_comes_after_the_commit(room: Room) -> None:
    await ready(room)
    room.app.playback.seek(1_000)
    assert described(room, "Saved") == ""
    await room.press(Qt.Key.Key_2)
    assert described(room, "Saved") == ""
    await room.until(lambda: described(room, "Saved"))
    assert re.fullmatch(r"Saved \d{1,2}:\d\d:\d\d", described(room, "Saved"))
    (kept,) = await room.app.review.of_session("Oshara demo", room.app.playback.session.session_id)  # type: ignore[union-attr]
    assert (kept.tag, kept.turn_index) == ("interruption", 0)
    (item,) = [read.name for read in accessible.walk(room.shell) if read.name.startswith("interruption, turn 0")]
    assert room.app.trail.actor.shown in item


async def test_a_span_is_marked_by_keys_written_about_and_taken_back(room: Room) -> None:
    await ready(room)
    room.app.playback.seek(5_000)
    await room.press(Qt.Key.Key_I)
    room.app.playback.seek(9_000)
    await room.press(Qt.Key.Key_O)
    await room.press(Qt.Key.Key_C)
    editor = room.panels.annotations.editor
    await room.until(editor.text.hasFocus)
    await room.type("fee not announced", editor.tag)
    await room.type("before <b>consent</b>", editor.text)
    await room.press(Qt.Key.Key_Return, CTRL)
    await room.until(lambda: room.app.review.annotations)
    (one,) = room.app.review.annotations
    assert (one.start_ms, one.end_ms, one.tag, one.text) == (5_000, 9_000, "fee not announced", "before <b>consent</b>")
    await room.until(room.panels.transcript.view.hasFocus)
    await room.press(Qt.Key.Key_Z, CTRL)
    await room.until(lambda: not room.app.review.annotations)
    await room.press(Qt.Key.Key_Z, CTRL | SHIFT)
    await room.until(lambda: room.app.review.annotations)


async def test_escape_leaves_the_editor_and_keeps_nothing(room: Room) -> None:
    await ready(room)
    await room.press(Qt.Key.Key_M)
    editor = room.panels.annotations.editor
    await room.until(editor.text.hasFocus)
    await room.type("x", editor.tag)
    await room.press(Qt.Key.Key_Escape)
    assert editor.isHidden()
    assert room.app.review.annotations == ()
    await room.until(room.panels.transcript.view.hasFocus)


async def test_n_goes_from_annotation_to_annotation(room: Room) -> None:
    await ready(room)
    for start_ms in (4_000, 9_000):
        await room.app.review.annotate(start_ms=start_ms, tag="here")
    await room.press(Qt.Key.Key_N)
    assert round(room.app.playback.position_ms) == 4_000
    await room.press(Qt.Key.Key_N)
    assert round(room.app.playback.position_ms) == 9_000
    await room.press(Qt.Key.Key_N, SHIFT)
    assert round(room.app.playback.position_ms) == 4_000


async def test_delete_takes_the_annotation_under_the_cursor_away(room: Room) -> None:
    await ready(room)
    one = await room.app.review.annotate(start_ms=4_000, tag="here")
    room.panels.annotations.list.select(one.annotation_id)
    await room.press(Qt.Key.Key_Delete, on=room.panels.annotations.list)
    await room.until(lambda: not room.app.review.annotations)


async def test_find_counts_goes_round_and_f3_steps(room: Room, demo: DemoServer) -> None:
    await ready(room)
    total = sum(turn["text"].lower().count("invoice") for turn in demo.sample(SAMPLE).transcript)
    assert total > 1
    await room.press(Qt.Key.Key_F, CTRL)
    bar = room.panels.transcript.find_bar
    await room.until(bar.field.hasFocus)
    await room.type("INVOICE", bar.field)
    await room.until(lambda: bar.count_text() == f"{total} found")
    await room.press(Qt.Key.Key_Return)
    assert bar.count_text() == f"1 of {total}"
    for _ in range(total):
        await room.press(Qt.Key.Key_F3)
    assert bar.count_text() == f"1 of {total}"
    await room.press(Qt.Key.Key_F3, SHIFT)
    assert bar.count_text() == f"{total} of {total}"
    await room.press(Qt.Key.Key_Escape)
    await room.until(room.panels.transcript.view.hasFocus)


async def test_what_a_command_beside_the_window_saves_is_shown(room: Room) -> None:
    await ready(room)
    session = room.app.playback.session
    assert session is not None
    database = await Database.open(room.app.home.database, derive_key(room.app._key, "database"))
    beside = Review(database=database, trail=room.app.trail)
    await beside.load(session)
    await beside.annotate(start_ms=2_000, tag="from beside")
    await room.until(lambda: [one.tag for one in room.app.review.annotations] == ["from beside"])
    await database.aclose()


async def test_the_list_of_keys_is_made_from_the_commands(room: Room) -> None:
    await ready(room)
    await room.press(Qt.Key.Key_F1)
    await room.until(lambda: QApplication.activeModalWidget() is not None)
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    table = dialog.findChild(QTableWidget)
    rows = {table.item(row, 0).text(): table.item(row, 1).text() for row in range(table.rowCount())}
    assert rows["Play or pause"] == "Space, K, Ctrl+Space"
    assert rows["Back to the playhead, and follow"] == "Ctrl+G"
    dialog.close()


async def test_no_button_is_without_a_name(room: Room) -> None:
    await ready(room)
    nameless = [
        button.objectName() or type(button).__name__
        for button in room.shell.findChildren(QAbstractButton)
        if button.isVisible() and not (button.accessibleName() or button.text())
    ]
    assert nameless in ([], ["_q_qlineeditclearaction"])


async def test_the_keyboard_reaches_every_part(room: Room) -> None:
    await ready(room)
    reached = set()
    for _ in range(80):
        await room.press(Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        reached.add(focused.accessibleName())
        await asyncio.sleep(0)
    wanted = {name for name, role in NAMES.items() if role not in (ROLE.StaticText, ROLE.Window)} - {"Annotations"}
    assert wanted - reached == set()
