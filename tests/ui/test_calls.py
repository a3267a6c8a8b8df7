"""Calls in progress in the window: one rings in, is listened to, marked, ends, and is a session like any other."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit, QPushButton

from parts.window import Room
from qa_player.demo.server import DemoServer
from qa_player.model.live import Track
from qa_player.settings import read_settings
from qa_player.ui.dialogs.quitting import QuitDialog
from qa_player.ui.dialogs.relay import RelayDialog
from qa_player.ui.dialogs.stream import StreamDialog
from qa_player.ui.dialogs.streams import StreamsDialog

CALL = "live-call-1"
D = TypeVar("D", bound=QDialog)


def live_row(room: Room) -> str:
    """The first row, as it is read."""
    rows = room.panels.sessions.list.sessions
    return rows.row_text(0) if rows.rowCount() else ""


async def ring(room: Room) -> None:
    """As the menu does it."""
    assert room.window.actions is not None
    room.window.actions["calls.ring"].trigger()
    await room.until(lambda: CALL in live_row(room))


async def listen(room: Room) -> None:
    await room.until(lambda: CALL in room.panels.messages.text())
    room.panels.messages.findChild(QPushButton).click()
    await room.until(lambda: room.panels.live.isVisible() and room.app.playback.state.live)


async def test_a_call_rings_in_is_heard_marked_ends_and_stays(room: Room) -> None:
    panel = room.panels.live
    assert not panel.isVisible()
    await ring(room)
    assert "Live" in live_row(room)
    assert room.panels.status.relay.text().startswith("Relay on 127.0.0.1:")
    await listen(room)
    assert room.panels.status.stream.text() == "Live"
    await room.until(lambda: room.app.playback.position_ms > 2_000)
    assert panel.behind_ms < 400
    await room.until(lambda: panel.delay.accessibleDescription().startswith("heard 0."))
    assert not panel.catch_up.isEnabled()
    assert max(meter.share for meter in panel.meters) > 0.2
    # stepped back, and caught up with
    await room.press(Qt.Key.Key_J, on=room.panels.transcript.view)
    await room.until(lambda: panel.behind_ms > 1_500)
    await room.until(panel.catch_up.isEnabled)
    assert "behind" in panel.delay.accessibleDescription()
    await room.press(Qt.Key.Key_E, on=room.panels.transcript.view)
    await room.until(lambda: panel.behind_ms < 400)
    await room.until(lambda: not panel.catch_up.isEnabled())
    # marked while it runs
    await room.press(Qt.Key.Key_1, on=room.panels.transcript.view)
    await room.until(lambda: room.app.review.annotations)
    marked = room.app.review.annotations[0]
    # it ends
    room.app.live.hang_up(CALL)
    await room.until(lambda: not panel.isVisible())
    await room.until(lambda: room.app.playback.state.verified)
    session = room.app.playback.session
    assert session is not None
    assert session.session_id == CALL
    assert not room.app.playback.state.live
    await room.until(lambda: [one.annotation_id for one in room.app.review.annotations] == [marked.annotation_id])
    await room.until(lambda: "Live" not in live_row(room) and "1 marked" in live_row(room))
    assert QApplication.activeWindow() is room.shell


async def test_who_writes_when_the_call_ends_goes_on_writing(room: Room) -> None:
    await ring(room)
    await listen(room)
    await room.until(lambda: room.app.playback.position_ms > 1_000)
    await room.press(Qt.Key.Key_C, on=room.panels.transcript.view)
    await room.until(lambda: isinstance(QApplication.focusWidget(), QPlainTextEdit))
    field = QApplication.focusWidget()
    assert isinstance(field, QPlainTextEdit)
    await room.type("half a wo", field)
    room.app.live.hang_up(CALL)
    await room.until(lambda: "has ended" in room.panels.messages.text())
    assert field.toPlainText() == "half a wo"
    assert field.hasFocus()
    assert not room.panels.live.isVisible()


async def dialog_of(room: Room, kind: type[D]) -> D:
    await room.until(lambda: room.shell.findChildren(kind))
    return room.shell.findChildren(kind)[-1]


async def test_the_relay_is_started_and_stopped_in_a_dialog(room: Room) -> None:
    assert room.app.live.place is None
    assert room.window.actions is not None
    room.window.actions["calls.relay"].trigger()
    dialog = await dialog_of(room, RelayDialog)
    assert dialog.listen.text() == "127.0.0.1:8700"
    assert "off" in dialog.state.text()
    dialog.listen.setText("0.0.0.0:0")
    dialog.accept_button.click()
    await room.until(lambda: "encrypted" in dialog.trouble.text())
    dialog.listen.setText("127.0.0.1:0")
    dialog.accept_button.click()
    await room.until(lambda: "It listens on 127.0.0.1:" in dialog.state.text())
    assert not dialog.accept_button.isVisible()
    assert room.panels.status.relay.text().startswith("Relay on 127.0.0.1:")
    await room.until(lambda: not room.tasks.running("save-settings"))
    assert read_settings(room.app.home).relay_listen == "127.0.0.1:0"
    dialog.stop_button.click()
    await room.until(lambda: "off" in dialog.state.text())
    assert room.panels.status.relay.text() == ""
    dialog.reject()


async def test_a_stream_is_started_and_xml_is_made_in_a_dialog(room: Room) -> None:
    assert room.window.actions is not None
    room.window.actions["calls.stream"].trigger()
    dialog = await dialog_of(room, StreamDialog)
    assert {dialog.connection.itemText(at) for at in range(dialog.connection.count())} == {"Plivo demo", "Vobiz demo"}
    dialog.call_id.setText(CALL)
    dialog.accept_button.click()
    await room.until(lambda: "relay is not running" in dialog.trouble.text())
    await room.app.live.serve("127.0.0.1:0")
    dialog.make_xml.click()
    await room.until(lambda: "<Stream" in dialog.xml.toPlainText())
    dialog.copy.click()
    assert QApplication.clipboard().text() == dialog.xml.toPlainText()
    dialog.both_ways.setChecked(True)
    assert (dialog.track.currentData(), dialog.track.isEnabled()) == (Track.INBOUND, False)
    dialog.accept_button.click()
    await room.until(lambda: CALL in live_row(room))


async def test_streams_are_listed_stopped_and_one_whose_stop_is_lost_is_unknown(room: Room, demo: DemoServer) -> None:
    await ring(room)
    await listen(room)
    await room.until(lambda: room.app.live.calls and room.app.live.calls[0].stream_id)
    carrier = demo.plivo
    room.panels.live.streams.click()
    dialog = await dialog_of(room, StreamsDialog)
    await room.until(lambda: dialog.streams.count() == 1)
    await room.until(lambda: "running" in dialog.streams.item(0).text())
    carrier.api_faults.status = 503
    dialog.stop_all.click()
    await room.until(lambda: "not known" in dialog.trouble.text(), timeout=60)
    await room.until(lambda: "unknown" in dialog.streams.item(0).text())
    assert "tried again" in dialog.streams.item(0).text()
    await room.until(lambda: not room.app.live.calls)
    carrier.api_faults.status = None
    # the button that the keys are on is the one that Enter presses, not the dialog's own
    dialog.stop.setFocus()
    QTest.keyClick(dialog.stop, Qt.Key.Key_Return)
    await room.until(lambda: "stopped" in dialog.streams.item(0).text())
    assert dialog.isVisible()
    dialog.again.click()
    await room.until(lambda: "2 minutes billed" in dialog.streams.item(0).text())
    assert not dialog.stop.isEnabled()
    dialog.reject()


async def test_leaving_asks_while_a_stream_runs(room: Room) -> None:
    left: list[bool] = []
    calling = room.desk.calling
    assert not calling.leave(lambda: left.append(True))
    await ring(room)
    await room.until(lambda: calling.leave(lambda: left.append(True)))
    dialog = await dialog_of(room, QuitDialog)
    assert "1 stream still runs" in dialog.words.text()
    dialog.stay.click()
    await room.until(lambda: not room.shell.findChildren(QuitDialog))
    assert left == []
    assert calling.leave(lambda: left.append(True))
    dialog = await dialog_of(room, QuitDialog)
    dialog.stop.click()
    await room.until(lambda: left == [True])
    assert await room.app.live.streams.running() == ()
    await room.until(lambda: not calling.leave(lambda: None))
