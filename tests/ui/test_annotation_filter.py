"""The annotations panel narrowed by words and choices; N and Shift+N go between what is left."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QPushButton

from parts.window import Room
from qa_player.model.annotation import Severity
from qa_player.ui.widgets.choice import Choice

SUBJECT = "Cancel the add-on"


async def marked(room: Room) -> None:
    """Four annotations: at 2, 4, 6 and 8 s."""
    await room.open(SUBJECT)
    review = room.app.review
    await review.annotate(start_ms=2_000, end_ms=3_000, tag="fee", severity=Severity.MAJOR, text="not named")
    await review.annotate(start_ms=4_000, tag="tone")
    await review.annotate(start_ms=6_000, end_ms=7_000, tag="fee", text="named <b>late</b>")
    await review.annotate(start_ms=8_000, tag="tone", severity=Severity.MINOR)
    await room.until(lambda: len(starts(room)) == 4)


def starts(room: Room) -> list[int | None]:
    return [one.start_ms for one in room.panels.annotations.list.annotations.annotations]


def choose(choice: Choice, words: str) -> None:
    at = choice.findText(words)
    assert at >= 0, [choice.itemText(at) for at in range(choice.count())]
    choice.setCurrentIndex(at)


async def test_choices_narrow_the_list_and_its_jumps(room: Room) -> None:
    await marked(room)
    filters = room.panels.annotations.filters
    assert filters.isVisible()
    assert not filters.author.isVisible(), "there is one author to choose between"
    choose(filters.tag, "tone")
    assert starts(room) == [4_000, 8_000]
    assert filters.count.accessibleDescription() == "2 of 4"
    room.app.playback.seek(0)
    room.panels.transcript.take_focus()
    positions = []
    for key in (Qt.Key.Key_N, Qt.Key.Key_N, Qt.Key.Key_N):
        await room.press(key)
        positions.append(round(room.app.playback.position_ms))
    await room.press(Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    assert [*positions, round(room.app.playback.position_ms)] == [4_000, 8_000, 8_000, 4_000]
    choose(filters.sort, "Minor")
    assert starts(room) == [8_000]
    choose(filters.tag, "All tags")
    choose(filters.sort, "Spans")
    assert starts(room) == [2_000, 6_000]
    choose(filters.sort, "No severity")
    assert starts(room) == [4_000, 6_000]


async def test_words_are_sought_from_a_key_and_escape_shows_all_again(room: Room) -> None:
    await marked(room)
    filters = room.panels.annotations.filters
    await room.press(Qt.Key.Key_F7)
    await room.until(filters.text.hasFocus)
    await room.type("NAMED late", filters.text)
    assert starts(room) == [6_000]
    await room.press(Qt.Key.Key_Escape)
    assert starts(room) == [2_000, 4_000, 6_000, 8_000]
    await room.until(room.panels.transcript.view.hasFocus)
    assert not filters.count.isVisible()


async def test_a_filter_that_leaves_nothing_says_so_and_is_undone_there(room: Room) -> None:
    await marked(room)
    panel = room.panels.annotations
    panel.filters.text.setText("nowhere")
    assert starts(room) == []
    assert "The filter leaves nothing" in panel.placeholder.text()
    assert "0 of 4" in panel.filters.count.text()
    (button,) = panel.placeholder.findChildren(QPushButton)
    button.click()
    assert len(starts(room)) == 4


async def test_another_session_begins_without_a_filter_and_few_annotations_need_none(room: Room) -> None:
    await marked(room)
    panel = room.panels.annotations
    panel.filters.text.setText("fee")
    room.panels.sessions.step(1)
    await room.until(lambda: room.panels.player.title.text() not in (SUBJECT, "Opening …"))
    await room.until(lambda: not room.tasks.running("review-load") and not panel.filters.isVisible())
    assert panel.filters.text.text() == ""
    await room.app.review.annotate(start_ms=0, tag="one")
    await room.until(lambda: starts(room) == [0])
    assert not panel.filters.isVisible(), "what is not needed is not shown"


async def test_who_writes_has_the_room_of_the_filter(room: Room) -> None:
    await marked(room)
    panel = room.panels.annotations
    panel.filters.text.setText("fee")
    await room.press(Qt.Key.Key_M, on=room.panels.transcript.view)
    await room.until(panel.editor.isVisible)
    assert not panel.filters.isVisible()
    await room.press(Qt.Key.Key_Escape, on=panel.editor.tag)
    await room.until(panel.filters.isVisible)
    assert starts(room) == [2_000, 6_000], "and what was filtered is"


async def test_the_filters_have_names_of_their_own(room: Room) -> None:
    await marked(room)
    filters = room.panels.annotations.filters
    widgets = (filters.text, filters.tag, filters.sort, filters.count)
    names = [QAccessible.queryAccessibleInterface(one).text(QAccessible.Text.Name) for one in widgets]
    assert names == ["Filter annotations", "Filter by tag", "Filter by severity or kind", "Shown annotations"]
