"""Taking a file in: what it is is found out, or asked where it could be both, and what became of it is told."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtWidgets import QApplication, QDialog

from parts.window import Room
from qa_player.ui.dialogs.contents import ContentsDialog

SUBJECT = "Cancel the add-on"
CAPTIONS = "WEBVTT\n\n00:00.100 --> 00:00.500\n<v Agent>Words of a file.</v>\n"


async def asked(room: Room) -> ContentsDialog:
    await room.until(lambda: isinstance(QApplication.activeModalWidget(), ContentsDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ContentsDialog)
    return dialog


def texts(room: Room) -> list[str]:
    session = room.desk.playback.session
    return [] if session is None else [turn.text for turn in session.turns]


async def test_captions_are_asked_of_and_taken_in_as_what_was_said(room: Room, tmp_path: Path) -> None:
    await room.open(SUBJECT)
    own, path = texts(room), tmp_path / "peer.vtt"
    path.write_text(CAPTIONS)
    room.desk.exchanging.take_in_file(path)
    dialog = await asked(room)
    assert "peer.vtt" in " ".join(label.text() for label in dialog.findChildren(type(dialog.about)))
    assert dialog.annotations.isDefault(), "this session has its own words"
    dialog.annotations.click()
    await room.until(lambda: [one.text for one in room.app.review.annotations] == ["Words of a file."])
    assert texts(room) == own
    room.desk.exchanging.take_in_file(path)
    (await asked(room)).transcript.click()
    await room.until(lambda: "It is kept beside the one that is shown." in room.panels.messages.text())
    assert texts(room) == own, "a person's click alone puts it in place of the provider's"
    room.panels.messages._button.click()
    await room.until(lambda: texts(room) == ["Words of a file."])
    await room.until(lambda: not room.tasks.running("open-session") and not room.tasks.running("review-load"))


async def test_what_can_be_one_thing_only_is_not_asked_of(room: Room, tmp_path: Path) -> None:
    await room.open(SUBJECT)
    words = [{"text": "Hi", "start": 100, "end": 200, "speaker": "A"}]
    document, rows = tmp_path / "words.json", tmp_path / "rows.jsonl"
    document.write_text(json.dumps({"audio_url": "u", "status": "completed", "words": words}))
    rows.write_text(json.dumps({"start_ms": 100, "tag": "tone"}))
    room.desk.exchanging.take_in_file(document)
    await room.until(lambda: "A transcript of 1 turn was taken in" in room.panels.messages.text())
    room.desk.exchanging.take_in_file(rows)
    await room.until(lambda: "1 annotation was added." in room.panels.messages.text())
    assert not isinstance(QApplication.activeModalWidget(), QDialog)


async def test_nothing_is_taken_in_where_one_says_neither_and_trouble_is_told(room: Room, tmp_path: Path) -> None:
    await room.open(SUBJECT)
    path, folder = tmp_path / "peer.vtt", tmp_path / "folder"
    path.write_text(CAPTIONS)
    folder.mkdir()
    room.desk.exchanging.take_in_file(path)
    (await asked(room)).reject()
    assert not room.tasks.running("import-file")
    assert room.app.review.annotations == ()
    room.desk.exchanging.take_in_file(folder)
    await room.until(lambda: room.troubles)
    assert "This is a folder" in room.troubles[0].message
