"""A provider that tells another transcript than before: the window says so, shows the difference, and moves nothing."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from parts.window import Room
from qa_player.demo.server import DemoServer
from qa_player.ui.dialogs.displaced import DisplacedDialog

SUBJECT = "Cancel the add-on"


async def marked_and_changed(room: Room, demo: DemoServer) -> list[str]:
    """Turns 2, 3 and 4 are marked; then one is put before them, 3 is reworded, 4 says something else."""
    await room.open(SUBJECT)
    for index in (2, 3, 4):
        await room.app.review.annotate(start_ms=None, turn_index=index, tag=f"on {index}")
    quotes = [one.quote for one in room.app.review.annotations]
    sample = demo.sample(SUBJECT)
    turns = [dict(turn) for turn in sample.transcript]
    turns[3]["text"] += " [sic]"
    turns[4]["text"] = "Xylophones!"
    turns.insert(1, {**turns[1], "text": "This call is recorded."})
    sample.transcript[:] = [{**turn, "turn_index": index} for index, turn in enumerate(turns)]
    for made_of_it in ("transcript_json", "transcript_text"):
        sample.__dict__.pop(made_of_it, None)
    room.desk.open_again()
    await room.until(lambda: "The transcript changed since it was marked" in room.panels.messages.text())
    await room.until(lambda: not room.tasks.running("open-session") and not room.tasks.running("review-load"))
    return quotes


async def dialog_of(room: Room) -> DisplacedDialog:
    room.desk.reanchoring.show()
    await room.until(lambda: isinstance(QApplication.activeModalWidget(), DisplacedDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, DisplacedDialog)
    return dialog


def anchors(room: Room) -> dict[str, int | None]:
    return {one.tag: one.turn_index for one in room.app.review.annotations}


async def test_what_stands_on_other_words_is_told_and_stays(room: Room, demo: DemoServer) -> None:
    quotes = await marked_and_changed(room, demo)
    assert room.panels.messages.text().endswith(
        "1 annotation has its words in another turn, 1 annotation has other words by now and "
        "1 annotation has its words nowhere. Nothing was moved."
    )
    assert anchors(room) == {"on 2": 2, "on 3": 3, "on 4": 4}
    assert [one.quote for one in room.app.review.annotations] == quotes


async def test_the_difference_is_shown_and_each_is_taken_when_one_says_so(room: Room, demo: DemoServer) -> None:
    await marked_and_changed(room, demo)
    dialog = await dialog_of(room)
    rows = [dialog.list.item(row).text() for row in range(dialog.list.count())]
    assert rows == [
        "on 2 · turn 2 · words elsewhere",
        "on 3 · turn 3 · words reworded",
        "on 4 · turn 4 · words nowhere",
    ]
    dialog.list.setCurrentRow(2)
    assert not dialog.take.isEnabled()
    assert "nowhere in the transcript" in dialog.about.text()
    dialog.list.setCurrentRow(1)
    assert dialog.words.toPlainText().endswith("[sic] ")
    cursor = dialog.words.textCursor()
    cursor.movePosition(cursor.MoveOperation.End)
    cursor.movePosition(cursor.MoveOperation.Left, n=2)
    assert cursor.charFormat().fontUnderline(), "what is new is seen to be new"
    dialog.take.click()
    await room.until(lambda: anchors(room)["on 3"] == 4)
    assert anchors(room)["on 2"] == 2, "one was taken, and no other"
    dialog.take_all.click()
    await room.until(lambda: anchors(room) == {"on 2": 3, "on 3": 4, "on 4": 4})
    await room.until(lambda: dialog.list.count() == 1)
    dialog.reject()
    await room.until(lambda: QApplication.activeModalWidget() is None)
    room.shell.activateWindow()
    await room.until(lambda: QApplication.activeWindow() is room.shell)
    await room.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await room.until(lambda: anchors(room)["on 2"] == 2)


async def test_where_all_is_well_nothing_is_said(room: Room) -> None:
    await room.open(SUBJECT)
    await room.app.review.annotate(start_ms=None, turn_index=2, tag="x")
    assert room.panels.messages.text() == ""
    room.desk.reanchoring.show()
    assert "Every annotation stands on the words it was made on." in room.panels.messages.text()
