"""Searching all sessions by keys: typed, found, opened at the moment."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from parts.window import Room
from qa_player.ui.dialogs.search import SearchDialog

SUBJECT = "Cancel the add-on"


async def searching(room: Room) -> SearchDialog:
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    await room.press(Qt.Key.Key_F, both)
    (dialog,) = room.shell.findChildren(SearchDialog)
    await room.until(dialog.isVisible)
    dialog.activateWindow()
    return dialog


async def test_a_hit_is_opened_at_its_moment_by_keys(room: Room) -> None:
    await room.open(SUBJECT)
    turn = next(turn for turn in room.app.playback.session.turns if "nine euros" in turn.text)  # type: ignore[union-attr]
    await room.open("Refund status")
    dialog = await searching(room)
    await room.type('"nine euros"', dialog.text)
    await room.until(lambda: dialog.hits.count() > 0)
    assert "1 session" in dialog.told.text()
    line = next(at for at in range(dialog.hits.count()) if SUBJECT in dialog.hits.item(at).text())
    await room.press(Qt.Key.Key_Down, on=dialog.text)
    await room.until(dialog.hits.hasFocus)
    dialog.hits.setCurrentRow(line)
    QTest.keyClick(dialog.hits, Qt.Key.Key_Return)
    await room.until(lambda: room.panels.player.title.text() == SUBJECT)
    starts = {hit.start_ms for hit in dialog._hits}
    await room.until(lambda: round(room.app.playback.position_ms) in starts)
    assert turn.start_ms in starts
    assert dialog.isHidden()
    room.shell.activateWindow()
    await room.until(lambda: QApplication.activeWindow() is room.shell)
    await room.until(lambda: not room.tasks.running("open-session"))
    room.panels.transcript.take_focus()
    await room.until(room.panels.transcript.view.hasFocus)
    again = await searching(room)
    assert again is dialog
    assert again.text.text() == '"nine euros"'
    await room.until(lambda: again.hits.currentRow() == line)
    again.close()


async def test_what_is_typed_is_only_words_and_nothing_found_is_said(room: Room) -> None:
    await room.open(SUBJECT)
    dialog = await searching(room)
    await room.type("***", dialog.text)
    await room.until(lambda: "no word to seek" in dialog.told.text())
    dialog.text.clear()
    await room.type("xylophone OR NOT (", dialog.text)
    await room.until(lambda: "Nothing is found." in dialog.told.text())
    assert dialog.hits.count() == 0
    dialog.close()
