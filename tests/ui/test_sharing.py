"""Forms and tag sets as files: read, taken in whole or not at all, written, and a set put in force."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog

from parts import accessible
from parts.forms import form, yes_no
from parts.window import Room
from qa_player.formats.evaluation_form import form_file, read_form
from qa_player.formats.tag_set_file import read_tag_set, tag_set_file
from qa_player.model.tag_set import Tag, TagSet
from qa_player.settings import read_settings
from qa_player.ui.dialogs.forms_and_tags import FormsAndTagsDialog
from qa_player.ui.widgets.shelf import Shelf
from qa_player.ui.widgets.sure import SureDialog

SMALL = form((0, (yes_no("greet", 4_000), yes_no("solve", 6_000))), title="Small & <b>bold</b>")
OURS = TagSet(set_id="ours", title="Ours", tags=(Tag(name="fee", key=2), Tag(name="tone")))


def front() -> QDialog | None:
    found = QApplication.activeModalWidget()
    return found if isinstance(found, QDialog) else None


async def opened(room: Room) -> FormsAndTagsDialog:
    assert room.window.actions is not None
    room.window.actions["forms_and_tags"].trigger()
    await room.until(lambda: isinstance(front(), FormsAndTagsDialog))
    dialog = front()
    assert isinstance(dialog, FormsAndTagsDialog)
    await room.until(lambda: dialog.forms.list.count() and dialog.tags.list.count())
    return dialog


def rows(shelf: Shelf) -> list[str]:
    return [shelf.list.item(at).text() for at in range(shelf.list.count())]


async def settled(room: Room) -> None:
    await room.until(lambda: not room.tasks.running("save-forms-and-tags"))


async def choose(room: Room, dialog: FormsAndTagsDialog, shelf: Shelf, path: Path, *, write: bool = False) -> None:
    """The file, by the button of that shelf."""
    QTest.mouseClick(shelf.write if write else shelf.take_in, Qt.MouseButton.LeftButton)
    (chooser,) = dialog.findChildren(QFileDialog)
    chooser.fileSelected.emit(str(path))
    chooser.close()
    chooser.deleteLater()
    await room.until(lambda: not dialog.findChildren(QFileDialog))
    await settled(room)


async def test_a_form_is_read_taken_in_and_can_be_answered_at_once(room: Room, tmp_path: Path) -> None:
    dialog = await opened(room)
    assert "Support call, version 1" in rows(dialog.forms)
    for name in ("Forms and their versions", "What is in it", "Take in a file…", "Write to a file…"):
        assert accessible.named(dialog, name), name
    path = tmp_path / "small.json"
    path.write_bytes(form_file(SMALL))
    await choose(room, dialog, dialog.forms, path)
    assert dialog.told.text() == "“Small & <b>bold</b>”, version 1, can be answered now."
    assert "Small & <b>bold</b>, version 1" in rows(dialog.forms)
    assert "greet  Greet  40 %, may not apply" in dialog.forms.about.toPlainText(), "the new one is looked at"
    chooser = room.panels.scorecard.chooser
    await room.until(lambda: any("Small" in chooser.itemText(at) for at in range(chooser.count())))

    other = SMALL.model_copy(update={"title": "Other"})
    path.write_bytes(form_file(other))
    await choose(room, dialog, dialog.forms, path)
    assert "Version 1 of this form is there already and says something else." in dialog.told.text()
    assert not any("Other" in words for words in rows(dialog.forms))
    path.write_bytes(form_file(other.model_copy(update={"version": 2})))
    await choose(room, dialog, dialog.forms, path)
    assert {"Small & <b>bold</b>, version 1", "Other, version 2"} <= set(rows(dialog.forms))
    dialog.reject()


async def test_a_faulty_file_is_told_fault_by_fault_and_nothing_of_it_is_kept(room: Room, tmp_path: Path) -> None:
    dialog = await opened(room)
    before = rows(dialog.forms)
    path = tmp_path / "faulty.json"
    faulty = form((0, (yes_no("greet", 4_000), yes_no("greet", 5_000))))
    path.write_bytes(form_file(faulty))
    _, faults = read_form(path.read_bytes())
    assert len(faults) == 2
    await choose(room, dialog, dialog.forms, path)
    assert dialog.faults.isVisible()
    assert dialog.faults.toPlainText().splitlines() == list(faults)
    assert dialog.told.text().startswith("Nothing was taken in: the file has 2 faults.")
    assert rows(dialog.forms) == before
    await choose(room, dialog, dialog.forms, tmp_path / "absent.json")
    assert not dialog.faults.isVisible(), "they were of the other file"
    assert "The file cannot be read." in dialog.told.text()
    dialog.tabs.setCurrentIndex(1)
    path.write_text(json.dumps({"tags": [{"name": "x", "colour": "pink"}, 3]}))
    await choose(room, dialog, dialog.tags, path)
    _, faults = read_tag_set(path.read_bytes())
    assert dialog.faults.toPlainText().splitlines() == list(faults)
    assert len(rows(dialog.tags)) == 1
    dialog.reject()


async def test_a_set_is_taken_in_put_in_force_and_replaced_only_when_one_agrees(room: Room, tmp_path: Path) -> None:
    dialog = await opened(room)
    dialog.tabs.setCurrentIndex(1)
    assert rows(dialog.tags)[0].endswith(" · in force")
    assert not dialog.use.isEnabled()
    path = tmp_path / "ours.json"
    path.write_bytes(tag_set_file(OURS))
    await choose(room, dialog, dialog.tags, path)
    assert "Ours · 2 tags" in rows(dialog.tags)
    await room.press(Qt.Key.Key_Return, on=dialog.use)
    await settled(room)
    assert "Ours · 2 tags · in force" in rows(dialog.tags)
    digits = room.panels.annotations
    await room.until(lambda: digits.digits == {2: "fee"})
    await room.until(lambda: not room.tasks.running("save-settings"))
    assert read_settings(room.app.home).tag_set == "ours"

    path.write_bytes(tag_set_file(OURS.model_copy(update={"title": "Theirs"})))
    for agreed in (False, True):
        await choose(room, dialog, dialog.tags, path)
        await room.until(lambda: isinstance(front(), SureDialog))
        sure = front()
        assert isinstance(sure, SureDialog)
        assert "Put it in the place of “Ours”?" in sure.windowTitle()
        (sure.go_on if agreed else sure.stay).click()
        await room.until(lambda: front() is dialog)
        await settled(room)
        assert ("Theirs · 2 tags · in force" in rows(dialog.tags)) is agreed
    dialog.reject()


async def test_what_is_written_can_be_taken_in(room: Room, tmp_path: Path) -> None:
    dialog = await opened(room)
    path = tmp_path / "out.json"
    await choose(room, dialog, dialog.forms, path, write=True)
    assert dialog.told.text() == "out.json is written."
    found, _ = read_form(path.read_bytes())
    assert found == (await room.app.forms.all())[0]
    dialog.tabs.setCurrentIndex(1)
    await choose(room, dialog, dialog.tags, path, write=True)
    assert read_tag_set(path.read_bytes())[0] == (await room.app.tag_sets.all())[0]
    await choose(room, dialog, dialog.tags, tmp_path / "no folder" / "out.json", write=True)
    assert "There is no folder to write this file into." in dialog.told.text()
    dialog.reject()
