"""A review with the keyboard alone: where the keys go, what the cursor is on, and that nothing is lost on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QMenu, QTabWidget

from parts import accessible
from parts.window import Room
from qa_player.demo.samples import Sample, load_samples
from qa_player.demo.server import DemoServer
from qa_player.ui.dialogs.go_to import GoToDialog

SAMPLE, ODD = "Cancel the add-on", "Times that are missing or the same"
SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
PROMISED = (
    *("QA Player", "Sessions", "Transcript", "Annotations", "Search sessions", "Find in transcript", "Play"),
    *("Previous turn", "Next turn", "Back 5 seconds", "Forward 5 seconds", "Add annotation", "Export"),
    *("Add connection", "Seek", "Waveform", "Connection", "Speed", "Channels", "Position", "Active turn"),
    *("Saved", "Stream"),
)
STARTS = (0.0, 5.0, None, None, 20.0, 20.0, 20.0, 30.0)


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    """The shipped sample, and a transcript on whose turns a playhead cannot stand one by one."""
    turns = [{"role": "user", "text": f"turn {at}", "turn_index": at, "ts": start} for at, start in enumerate(STARTS)]
    odd = {
        "session_id": "sess_0001",
        "subject": ODD,
        "character_slug": "support-bot",
        "duration_ms": 40_000,
        "recording_status": None,
        "finalized": True,
        "metadata": {"subject": ODD},
        "turns": [],
        "raw_transcript": turns,
    }
    samples = (
        Sample(odd, datetime.now(UTC)),
        *(sample for sample in load_samples() if sample.subject == SAMPLE),
    )
    with DemoServer(samples=samples) as server:
        yield server


async def ready(room: Room) -> None:
    await room.open(SAMPLE)
    await room.until(lambda: room.app.playback.state.verified)
    room.panels.transcript.take_focus()


async def dialog_closed(room: Room) -> None:
    """The dialog is gone, and the window is in front again as a window manager has it."""
    await room.until(lambda: QApplication.activeModalWidget() is None)
    room.shell.activateWindow()
    await room.until(lambda: QApplication.activeWindow() is room.shell)


async def listed(room: Room) -> None:
    """The sessions of this module are there with their words, and no others."""
    connection, sessions = room.panels.sessions.connection, room.panels.sessions.list.sessions
    await room.until(lambda: connection.findData("Oshara demo") > 0)
    connection.setCurrentIndex(connection.findData("Oshara demo"))
    connection.activated.emit(connection.currentIndex())
    await room.until(lambda: sessions.rowCount() == 2 and sessions.row(1) is not None)
    await room.until(lambda: not room.tasks.running("sessions-refresh") and not room.tasks.running("sessions-list"))


async def test_the_arrows_pass_turns_without_a_time_and_turns_that_begin_together(room: Room) -> None:
    await room.open(ODD)
    view = room.panels.transcript.view
    await room.until(view.hasFocus)
    room.app.playback.seek(0)
    visited = [view.cursor_row()]
    for _ in STARTS[1:]:
        await room.press(Qt.Key.Key_Down)
        visited.append(view.cursor_row())
    assert visited == list(range(len(STARTS)))
    for row in reversed(range(len(STARTS) - 1)):
        await room.press(Qt.Key.Key_Up)
        assert view.cursor_row() == row


async def test_a_turn_without_a_time_is_marked_where_the_cursor_is_put_on_it(room: Room) -> None:
    await room.open(ODD)
    view = room.panels.transcript.view
    await room.until(view.hasFocus)
    room.app.playback.seek(6_000)
    await room.press(Qt.Key.Key_Down)
    await room.press(Qt.Key.Key_Down)
    assert view.turns.active[0] == 1
    await room.press(Qt.Key.Key_1)
    await room.until(lambda: room.app.review.annotations)
    assert [one.turn_index for one in room.app.review.annotations] == [3]


async def test_the_cursor_goes_with_the_sound_again_when_another_turn_speaks(room: Room, demo: DemoServer) -> None:
    await ready(room)
    view = room.panels.transcript.view
    starts = [round(turn["ts"] * 1_000) for turn in demo.sample(SAMPLE).transcript]
    await room.press(Qt.Key.Key_Down)
    assert view.cursor_row() == 0, "the first turn is the next one"
    room.app.playback.seek(starts[6] + 100)
    assert view.cursor_row() == 6
    await room.press(Qt.Key.Key_Down)
    assert round(room.app.playback.position_ms) == starts[7]
    room.panels.transcript.find_bar.field.setText("four four one")
    await room.press(Qt.Key.Key_F3)
    assert view.cursor_row() == 3
    assert not view.follow
    room.app.playback.seek(starts[9] + 100)
    assert view.cursor_row() == 3, "reading elsewhere"
    await room.press(Qt.Key.Key_G, CTRL)
    assert view.cursor_row() == 9


async def test_what_was_found_is_what_is_marked(room: Room) -> None:
    await ready(room)
    room.app.playback.seek(1_000)
    room.panels.transcript.find_bar.field.setText("four four one")
    await room.press(Qt.Key.Key_F3)
    room.panels.transcript.take_focus()
    await room.press(Qt.Key.Key_3)
    await room.until(lambda: room.app.review.annotations)
    assert [one.turn_index for one in room.app.review.annotations] == [3]


async def test_a_moment_in_silence_is_no_turn(room: Room) -> None:
    await ready(room)
    assert room.app.playback.active_turns == ()
    await room.press(Qt.Key.Key_1)
    await room.until(lambda: room.app.review.annotations)
    (one,) = room.app.review.annotations
    assert (one.start_ms, one.kind.value) == (0, "moment")


@pytest.mark.parametrize(("text", "at_ms"), [("0:12.5", 12_500), ("62", 62_000)])
async def test_g_goes_to_a_moment(room: Room, text: str, at_ms: int) -> None:
    await ready(room)
    await room.press(Qt.Key.Key_G)
    await room.until(lambda: isinstance(QApplication.activeModalWidget(), GoToDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, GoToDialog)
    for wrong in ("soon", "59:00"):
        dialog.moment.setText(wrong)
        dialog.accept_button.click()
        assert dialog.trouble.isVisible()
    dialog.moment.setText(text)
    await room.press(Qt.Key.Key_Return, on=dialog.moment)
    await dialog_closed(room)
    assert round(room.app.playback.position_ms) == at_ms
    await room.until(room.panels.transcript.view.hasFocus)


async def test_alt_goes_back_and_forth_while_one_types(room: Room) -> None:
    await ready(room)
    room.app.playback.seek(12_000)
    field = room.panels.transcript.find_bar.field
    await room.press(Qt.Key.Key_L, ALT, on=field)
    assert round(room.app.playback.position_ms) == 22_000
    await room.press(Qt.Key.Key_J, ALT, on=field)
    assert round(room.app.playback.position_ms) == 12_000
    assert field.text() == ""


async def test_comma_and_full_stop_move_the_edge_that_was_set_last(room: Room) -> None:
    await ready(room)
    player = room.panels.player
    await room.press(Qt.Key.Key_Period)
    assert player.selection is None
    player.select(5_000, 9_000)
    await room.press(Qt.Key.Key_Period)
    await room.press(Qt.Key.Key_Period)
    assert player.selection == (5_000, 9_100)
    room.app.playback.seek(6_000)
    await room.press(Qt.Key.Key_I)
    await room.press(Qt.Key.Key_Comma)
    assert player.selection == (5_950, 9_100)


async def test_no_edge_is_nudged_over_the_other_or_out_of_the_recording(room: Room) -> None:
    await ready(room)
    player, length = room.panels.player, room.panels.player.waveform.duration_ms
    player.select(length - 30, length)
    await room.press(Qt.Key.Key_Period)
    assert player.selection == (length - 30, length)
    await room.press(Qt.Key.Key_Comma)
    assert player.selection == (length - 30, length - 29)


async def test_bare_keys_act_after_a_dialog_a_button_and_a_list(room: Room) -> None:
    await ready(room)
    view, transport = room.panels.transcript.view, room.panels.player.transport
    for open_dialog in (
        room.desk.exchanging.export,
        room.desk.preferences.edit_settings,
        room.desk.new_connection,
        room.desk.preferences.ask_name,
    ):
        open_dialog()
        await room.until(lambda: QApplication.activeModalWidget() is not None)
        dialog = QApplication.activeModalWidget()
        assert dialog is not None
        await room.press(Qt.Key.Key_Escape, on=dialog.findChild(QLineEdit))
        await dialog_closed(room)
        await room.until(view.hasFocus)
    transport.speed.activated.emit(0)
    assert view.hasFocus()
    room.panels.annotations.chips.findChildren(QAbstractButton)[0].click()
    await room.until(lambda: room.app.review.annotations)
    assert view.hasFocus()
    await room.press(Qt.Key.Key_L)
    assert round(room.app.playback.position_ms) == 10_000


async def test_the_waveform_takes_the_same_keys(room: Room) -> None:
    await ready(room)
    wave = room.panels.player.waveform
    await room.press(Qt.Key.Key_L, on=wave)
    assert round(room.app.playback.position_ms) == 10_000
    await room.press(Qt.Key.Key_Left, SHIFT)
    assert round(room.app.playback.position_ms) == 9_000
    await room.press(Qt.Key.Key_BracketRight)
    assert room.app.playback.state.speed == 1.25
    before = wave.view
    await room.press(Qt.Key.Key_Plus)
    assert wave.view[1] - wave.view[0] < before[1] - before[0]
    await room.press(Qt.Key.Key_0)
    assert wave.view == (0, wave.duration_ms)
    await room.press(Qt.Key.Key_Space)
    await room.until(lambda: room.app.playback.state.playing)
    await room.press(Qt.Key.Key_K)
    await room.until(lambda: not room.app.playback.state.playing)


async def test_sessions_are_reviewed_without_a_pointer(room: Room) -> None:
    view = room.panels.transcript.view
    await listed(room)
    await room.press(Qt.Key.Key_Return)
    for seen in range(2):
        if seen:
            await room.press(Qt.Key.Key_PageDown, CTRL)
        await room.until(lambda seen=seen: room.panels.player.place.text() == f"{seen + 1} of 2")  # type: ignore[misc]
        await room.until(lambda: not room.tasks.running("open-session") and not room.tasks.running("review-load"))
        await room.until(view.hasFocus)
        await room.press(Qt.Key.Key_Down)
        await room.press(Qt.Key.Key_C)
        await room.until(room.panels.annotations.editor.text.hasFocus)
        await room.type("k1 [seen]", room.panels.annotations.editor.tag)
        await room.press(Qt.Key.Key_Return)
        await room.until(lambda: [one.tag for one in room.app.review.annotations] == ["k1 [seen]"])
        await room.until(view.hasFocus)
    await room.press(Qt.Key.Key_PageUp, CTRL)
    await room.until(lambda: room.panels.player.place.text() == "1 of 2")
    await room.until(lambda: [one.tag for one in room.app.review.annotations] == ["k1 [seen]"])


async def test_a_refused_key_leaves_one_on_the_key(room: Room, demo: DemoServer) -> None:
    from qa_player.ui.dialogs.connection import ConnectionDialog

    room.desk.new_connection()
    await room.until(lambda: isinstance(QApplication.activeModalWidget(), ConnectionDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ConnectionDialog)
    dialog.provider.setCurrentIndex(dialog.provider.findData("oshara"))
    dialog.name.setText("second")
    dialog.base_url.setText(demo.connections[0].base_url)
    await room.type("wrong", dialog.key)
    await room.press(Qt.Key.Key_Return)
    await room.until(dialog.trouble.isVisible)
    assert dialog.key.hasFocus()
    assert dialog.key.selectedText()
    dialog.reject()


async def test_nothing_of_the_transport_is_cut_in_a_small_window(room: Room) -> None:
    await ready(room)
    room.shell.resize(1_100, 700)
    transport, title = room.panels.player.transport, room.panels.player.title
    await room.until(lambda: transport.width() < 480)
    parts = (transport.previous, transport.back, transport.play, transport.forward, transport.next)
    parts += (transport.position, transport.speed, transport.channels)  # type: ignore[assignment]
    places = [QRect(part.mapTo(transport, QPoint(0, 0)), part.size()) for part in parts]
    assert all(part.width() >= part.sizeHint().width() for part in parts)
    assert all(transport.rect().contains(place) for place in places)
    assert not any(one.intersects(other) for at, one in enumerate(places) for other in places[at + 1 :])
    assert room.panels.transcript.view.height() >= 150
    assert title.isVisible()


async def test_the_turn_that_speaks_is_written_out_only_while_the_reader_is_elsewhere(room: Room) -> None:
    await ready(room)
    room.app.playback.seek(1_000)
    label = room.panels.player.active_turn
    await room.until(label.accessibleDescription)
    assert label.text() == ""
    room.panels.transcript.follow.click()
    assert label.text().startswith("Now 0:00.42 ")
    await room.press(Qt.Key.Key_G, CTRL)
    assert label.text() == ""


async def test_enter_in_the_tag_keeps_the_annotation_once(room: Room) -> None:
    await ready(room)
    for modifiers in (Qt.KeyboardModifier.NoModifier, CTRL):
        await room.press(Qt.Key.Key_M)
        editor = room.panels.annotations.editor
        await room.until(editor.text.hasFocus)
        await room.type("once", editor.tag)
        await room.press(Qt.Key.Key_Return, modifiers)
        await room.until(editor.isHidden)
    await room.until(lambda: not room.tasks.running("save"))
    assert len(room.app.review.annotations) == 2


async def test_the_editor_offers_the_tags_that_hold_what_is_typed(room: Room) -> None:
    await ready(room)
    room.panels.transcript.take_focus()
    await room.press(Qt.Key.Key_M)
    editor = room.panels.annotations.editor
    await room.until(editor.text.hasFocus)

    def offered() -> list[str]:
        chips = editor.findChildren(QAbstractButton)
        return [chip.text() for chip in chips if chip.isVisible() and chip.property("kind") == "pill"]

    assert len(offered()) == 4
    await room.type("Inter", editor.tag)
    assert offered() == ["interruption"]
    assert QApplication.activePopupWidget() is None
    assert not room.panels.annotations.chips.isVisible(), "the same tags once"
    await room.press(Qt.Key.Key_Escape)
    assert room.panels.annotations.chips.isVisible()


async def test_the_first_keys_go_to_the_list_of_sessions(room: Room) -> None:
    await listed(room)
    assert room.panels.sessions.list.hasFocus()
    assert room.panels.sessions.list.cursor_row() == 0
    await room.press(Qt.Key.Key_Down)
    await room.press(Qt.Key.Key_Return)
    await room.until(lambda: room.panels.player.title.text() == SAMPLE)
    await room.until(room.panels.transcript.view.hasFocus)
    await room.until(lambda: room.app.playback.state.verified)


async def test_a_dialog_begins_at_its_first_field_and_tab_goes_as_one_reads(room: Room) -> None:
    await ready(room)
    order = {
        room.desk.ask_moment: ["Moment", "Go there", "Cancel"],
        room.desk.preferences.ask_name: ["Your name", "That is me", "Cancel"],
        room.desk.exchanging.export: ["Format", "File", "Choose…", "Write the file", "Cancel"],
        room.desk.preferences.edit_settings: [
            *(
                "Your name",
                "Looks",
                "Tags",
                "Your lag",
                "Usual speed",
                "Sound device",
                "Sound delay",
                "Slow answer",
                "Proxy",
                "Keep",
                "Cancel",
            ),
        ],
    }
    for open_dialog, wanted in order.items():
        open_dialog()
        await room.until(lambda: QApplication.activeModalWidget() is not None)
        dialog = QApplication.activeModalWidget()
        assert dialog is not None
        dialog.activateWindow()
        await room.until(lambda dialog=dialog: dialog.isAncestorOf(QApplication.focusWidget() or room.shell))  # type: ignore[misc]
        met = []
        for _ in wanted:
            focused = QApplication.focusWidget()
            assert focused is not None
            met.append(focused.accessibleName() or focused.property("text"))
            await room.press(Qt.Key.Key_Tab)
        assert met == wanted
        dialog.close()
        await dialog_closed(room)


async def test_what_is_known_can_be_taken_along_exactly(room: Room) -> None:
    await ready(room)
    session = room.app.playback.session
    assert session is not None
    details = room.panels.details
    (button,) = details.findChildren(QAbstractButton)
    button.click()
    facts = dict(line.split("\t") for line in QApplication.clipboard().text().splitlines())
    assert facts["Session"] == session.session_id
    assert facts["Digest"] == session.detail.transcript_digest
    (digest,) = [one for one in details.findChildren(QLabel) if one.text().replace("\u200b", "") == facts["Digest"]]
    digest.actions()[0].trigger()
    assert QApplication.clipboard().text() == facts["Digest"]


async def test_every_promised_name_belongs_to_one_object_in_every_state(room: Room) -> None:
    def twice_or_never(*, playing: bool = False) -> dict[str, int]:
        wanted = {name if not (playing and name == "Play") else "Pause" for name in PROMISED}
        read = [one.name for one in accessible.walk(room.shell)]
        return {name: read.count(name) for name in wanted if read.count(name) != 1}

    await room.open(SAMPLE, loaded=False)
    assert twice_or_never() == {}, "on its way"
    await room.until(lambda: room.app.playback.state.verified)
    room.panels.transcript.take_focus()
    room.app.playback.seek(1_000)
    await room.press(Qt.Key.Key_1)
    await room.until(lambda: room.app.review.annotations)
    await room.press(Qt.Key.Key_C)
    assert twice_or_never() == {}, "writing"
    await room.press(Qt.Key.Key_Escape)
    room.panels.transcript.follow.click()
    await room.press(Qt.Key.Key_Space)
    await room.until(lambda: room.app.playback.state.playing)
    assert twice_or_never(playing=True) == {}, "playing, reading elsewhere"
    await room.press(Qt.Key.Key_K)
    room.shell.findChild(QTabWidget).setCurrentIndex(1)
    assert set(twice_or_never()) == {"Annotations", "Add annotation"}, "the details lie over them"
    room.shell.findChild(QTabWidget).setCurrentIndex(0)
    room.panels.sessions.search.setText("zebra")
    await room.until(lambda: room.panels.sessions.list.sessions.rowCount() == 0)
    assert twice_or_never() == {}, "nothing fits"
    room.panels.messages.trouble("The disk is full.", "Free some space.", button="Try again")
    assert twice_or_never() == {}, "trouble"
    room.panels.messages.dismiss()
    room.panels.sessions.search.clear()
    await room.open(ODD)
    assert twice_or_never() == {}, "no recording"


async def test_the_place_in_the_list_is_told_anew_when_the_list_is_another(room: Room) -> None:
    await listed(room)
    await ready(room)
    place, search = room.panels.player.place, room.panels.sessions.search
    await room.until(lambda: place.text() == "2 of 2")
    search.setText(SAMPLE)
    await room.until(lambda: place.text() == "1 of 1")
    search.setText(ODD)
    await room.until(lambda: place.text() == "")
    search.clear()
    await room.until(lambda: place.text() == "2 of 2")


async def test_no_key_means_two_things(room: Room) -> None:
    assert room.window.actions is not None
    bound = [key for command in room.window.actions.commands.values() for key in (*command.keys, *command.bare_keys)]
    assert sorted(key for key in set(bound) if bound.count(key) > 1) == []


async def test_keys_are_the_open_menus_own(room: Room) -> None:
    """A digit that was meant for a menu once marked the conversation behind it."""
    await ready(room)
    menu = next(action.menu() for action in room.shell.menuBar().actions() if action.text() == "&Review")
    assert isinstance(menu, QMenu)
    menu.popup(room.shell.mapToGlobal(QPoint(300, 30)))
    await room.until(lambda: QApplication.activePopupWidget() is menu)
    assert QApplication.focusWidget() is room.panels.transcript.view, "the focus stays behind the menu"
    for key in (Qt.Key.Key_2, Qt.Key.Key_Right):
        QTest.keyClick(room.panels.transcript.view, key)
        await asyncio.sleep(0)
    assert room.app.playback.position_ms == 0
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    await room.until(lambda: QApplication.activePopupWidget() is None)
    assert room.app.review.annotations == ()
    await room.press(Qt.Key.Key_2, on=room.panels.transcript.view)
    await room.until(lambda: len(room.app.review.annotations) == 1)  # the control: without a menu it marks
