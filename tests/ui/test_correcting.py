"""What was truly said in a turn, written where one reads it; what the provider heard stays in sight."""

from __future__ import annotations

from PySide6.QtCore import Qt

from parts.window import Room

SUBJECT = "Cancel the add-on"


async def test_f2_corrects_the_turn_under_the_cursor_and_undo_brings_the_heard_words_back(room: Room) -> None:
    await room.open(SUBJECT)
    view, editor = room.panels.transcript.view, room.panels.annotations.editor
    room.panels.transcript.take_focus()
    await room.until(view.hasFocus)
    await room.press(Qt.Key.Key_Down)
    await room.press(Qt.Key.Key_Down)
    turn = view.chosen_turn()
    assert turn is not None
    row = view.turns.row_of(turn.index)
    heard = view.turns.texts[row]
    await room.press(Qt.Key.Key_F2)
    await room.until(editor.text.hasFocus)
    assert editor.text.toPlainText() == turn.text
    assert not editor.tag.isVisible()
    editor.text.setPlainText("Said & done")
    await room.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier, on=editor.text)
    await room.until(lambda: view.turns.texts[row] == f"Said & done\n✎ The provider heard: {heard}")
    assert "⚑" not in view.turns.row_text(row)
    assert "correction" in view.turns.row_text(row)
    room.panels.transcript.find_bar.field.setText("said & done")
    await room.until(lambda: [hit.row for hit in view.turns.hits] == [row])
    await room.press(Qt.Key.Key_F2, on=view)
    await room.until(editor.text.hasFocus)
    assert editor.text.toPlainText() == "Said & done", "the correction there is, and no second one"
    await room.press(Qt.Key.Key_Escape, on=editor.text)
    await room.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await room.until(lambda: view.turns.texts[row] == heard)
    assert view.turns.hits == []


async def test_a_correction_lies_in_the_list_and_not_on_the_wave(room: Room) -> None:
    await room.open(SUBJECT)
    one = await room.app.review.annotate(start_ms=None, turn_index=1, tag="correction", text="so", corrects=True)
    panel, wave = room.panels.annotations, room.panels.player.waveform
    await room.until(lambda: len(panel.list.annotations.annotations) == 1)
    assert "turn 1" in panel.list.annotations.data(panel.list.annotations.index(0, 0))
    assert 5 not in panel.digits, "it is no tag that one would press"
    panel.list.select(one.annotation_id)
    assert wave.chosen.place is None
    assert wave._annotations == ()
    panel.edit(one.annotation_id)
    assert panel.editor.text.accessibleName() == "Corrected text"
