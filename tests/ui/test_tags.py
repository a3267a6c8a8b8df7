"""The tag set in force: chosen in the settings, worked by digits, seen in chips, menu and colours."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication

from parts.window import Room
from qa_player.formats.tag_set_file import tag_set_file
from qa_player.model.tag_set import Tag, TagColour, TagSet
from qa_player.settings import read_settings
from qa_player.ui.dialogs.settings import SettingsDialog
from qa_player.ui.panels.tag_keys import digits_of

SUBJECT = "Cancel the add-on"
OURS = TagSet(
    set_id="ours",
    title="Ours & <b>theirs</b>",
    tags=(
        Tag(name="fee & tax", key=2, colour=TagColour.REDDISH_PURPLE, description="A price was named."),
        Tag(name="tone"),
    ),
)


def chips(room: Room) -> list[str]:
    buttons = room.panels.annotations.chips.findChildren(QAbstractButton)
    return [button.accessibleName() for button in buttons if button.isVisibleTo(room.panels.annotations)]


def menu_text(room: Room, digit: int) -> str:
    assert room.window.actions is not None
    return room.window.actions[f"tag.{digit}"].text()


async def choose(room: Room, title: str) -> None:
    """In the settings, as a person does."""
    room.desk.preferences.edit_settings()
    await room.until(lambda: isinstance(QApplication.activeModalWidget(), SettingsDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, SettingsDialog)
    dialog.tag_set.setCurrentIndex(dialog.tag_set.findText(title))
    dialog.accept_button.click()
    await room.until(lambda: QApplication.activeModalWidget() is None)
    room.shell.activateWindow()
    await room.until(lambda: QApplication.activeWindow() is room.shell)


async def test_the_set_that_is_chosen_gives_digits_chips_and_menu_their_tags(room: Room) -> None:
    await room.until(lambda: len(chips(room)) == 4)
    assert chips(room) == ["1 compliance", "2 interruption", "3 empathy", "4 wrong answer"]
    assert (menu_text(room, 1), menu_text(room, 5)) == ("Apply tag 1: compliance", "Apply tag 5")
    await room.app.tag_sets.add(tag_set_file(OURS))
    room.desk.tagging.read()
    await room.until(lambda: OURS in room.desk.tagging.known)
    await choose(room, "Ours & <b>theirs</b>")
    await room.until(lambda: chips(room) == ["2 fee & tax", "tone"])
    assert (menu_text(room, 1), menu_text(room, 2)) == ("Apply tag 1", "Apply tag 2: fee && tax")
    await room.until(lambda: not room.tasks.running("save-settings"))
    assert read_settings(room.app.home).tag_set == "ours"
    await room.open(SUBJECT)
    await room.press(Qt.Key.Key_1)
    await room.press(Qt.Key.Key_2)
    await room.until(lambda: [one.tag for one in room.app.review.annotations] == ["fee & tax"])
    (one,) = room.app.review.annotations
    assert room.panels.annotations.list.annotations.colours.of(one) is TagColour.REDDISH_PURPLE


async def test_a_tag_of_ones_own_is_taken_and_gets_the_next_free_digit(room: Room) -> None:
    await room.open(SUBJECT)
    await room.press(Qt.Key.Key_M)
    editor = room.panels.annotations.editor
    await room.until(editor.isVisible)
    await room.type("my own", editor.tag)
    await room.press(Qt.Key.Key_Return, on=editor.tag)
    await room.until(lambda: [one.tag for one in room.app.review.annotations] == ["my own"])
    await room.until(lambda: menu_text(room, 5) == "Apply tag 5: my own")
    await room.press(Qt.Key.Key_5, on=room.panels.transcript.view)
    await room.until(lambda: [one.tag for one in room.app.review.annotations] == ["my own", "my own"])


async def test_the_keys_dialog_names_the_tags_of_the_digits(room: Room) -> None:
    await room.until(lambda: menu_text(room, 4) == "Apply tag 4: wrong answer")
    assert room.window.actions is not None
    rows = room.window.actions.keys()
    assert ("Apply tag 4: wrong answer", "4, Ctrl+4") in rows


def test_digits_of_the_set_stay_and_others_take_what_is_free() -> None:
    used = ["a", "TONE", "b"]
    assert digits_of(OURS, used) == {1: "a", 2: "fee & tax", 3: "b"}
    assert digits_of(None, used) == {1: "a", 2: "TONE", 3: "b"}
    assert list(digits_of(OURS, [str(number) for number in range(20)])) == list(range(1, 10))


async def test_nothing_lies_over_the_comment_in_a_small_window(room: Room) -> None:
    room.shell.resize(1280, 720)
    await room.open(SUBJECT)
    editor = room.panels.annotations.editor
    room.desk.marking.annotate()
    await room.until(editor.isVisible)
    column = (editor.text, editor.tag, editor.private)
    await room.until(lambda: all(a.geometry().bottom() < b.geometry().top() for a, b in pairwise(column)))
    assert editor.text.height() >= 44
