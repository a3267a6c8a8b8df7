"""The note beside the conversation: asked for when it is looked at, all of it plain text, every state in words."""

from __future__ import annotations

import json
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel

from parts.window import Room
from qa_player.demo.server import DemoServer
from qa_player.model.statement import VerdictWord
from qa_player.ui.dialogs.bring import BringDialog
from qa_player.ui.dialogs.bring_note import BringNoteDialog
from qa_player.ui.widgets.sure import SureDialog

KNEE = "Knee pain, first visit"
Asked = TypeVar("Asked", bound=QDialog)


def told(room: Room) -> str:
    """Every word of the whole note."""
    labels = room.panels.note.text.findChildren(QLabel)
    return "\n".join(label.text().replace("\u200b", "") for label in labels)


def asked(demo: DemoServer) -> int:
    return sum(one.path.endswith("/content") for one in demo.log)


async def test_a_note_is_asked_for_when_it_is_looked_at(room: Room, demo: DemoServer) -> None:
    tabs = room.window.tabs
    await room.open("Refund status")
    await room.until(lambda: not room.tasks.running("note-expected"))
    assert not tabs.isTabVisible(2), "a provider without notes has no place for one"
    await room.open(KNEE)
    await room.until(lambda: tabs.isTabVisible(2))
    assert asked(demo) == 0
    await room.press(Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    await room.until(lambda: "Ibuprofen 200 mg" in told(room))
    words = told(room)
    for part in ("History of Present Illness", "LOINC 10164-2", "three times a day", "M25.561", "drug name Ibuprofen"):
        assert part in words, part
    assert asked(demo) == 1
    assert room.app.settings.layout == "visit"
    await room.press(Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    assert tabs.currentWidget() is room.panels.annotations


async def test_what_stands_in_a_note_is_text(room: Room, demo: DemoServer) -> None:
    visit = next(one for one in demo.visits if one.title == KNEE)
    visit.told["note"] = [{"title": "<h1>Plan", "content": "<img src=x>\u202e5 &lt; 6", "source_transcripts": ["<b>"]}]
    visit.told["structured_data"] = {"<i>": {"a": "<u>"}}
    room.window.lay_out("visit")
    await room.open(KNEE)
    await room.until(lambda: "<h1>Plan" in told(room))
    assert "<img src=x>⟨RLO⟩5 &lt; 6" in told(room)
    assert {label.textFormat() for label in room.panels.note.text.findChildren(QLabel)} == {Qt.TextFormat.PlainText}
    del visit.told["note"], visit.told["structured_data"]


async def test_states_are_told(room: Room, demo: DemoServer) -> None:
    placeholder = room.panels.note.placeholder
    room.window.lay_out("visit")
    assert "Open a visit" in placeholder.text()
    await room.open("Refund status")
    await room.until(lambda: "provider gives no notes" in placeholder.text())
    visit = next(one for one in demo.visits if one.title == KNEE)
    note = visit.told.pop("note")
    await room.open(KNEE)
    await room.until(lambda: "This session has none" in placeholder.text())
    visit.told["note"] = note
    visit.told["status"] = "running"
    await room.open(KNEE)
    await room.until(lambda: "The note is being written" in placeholder.text())
    visit.told["status"] = "completed"
    placeholder._do()
    await room.until(lambda: "Ibuprofen 200 mg" in told(room))


async def test_a_note_is_pasted(room: Room) -> None:
    room.window.lay_out("visit")
    await room.open("Refund status")
    room.desk.bringing.note()
    dialog = await shown(room, BringNoteDialog)
    dialog.go()
    assert "no note yet" in dialog.trouble.text()
    dialog.text.setPlainText("Plan:\nRefund of 12 pounds.")
    dialog.go()
    await room.until(lambda: "Refund of 12 pounds." in told(room))


async def shown(room: Room, kind: type[Asked]) -> Asked:
    """The dialog of that kind that is open."""
    await room.until(lambda: [one for one in room.shell.findChildren(kind) if one.isVisible()])
    return next(one for one in room.shell.findChildren(kind) if one.isVisible())


async def test_a_judged_note_is_not_put_aside_unasked_and_can_be_gone_back_to(room: Room) -> None:
    panel, service = room.panels.note, room.app.verification
    room.window.lay_out("visit")
    await room.open("Refund status")
    await room.until(lambda: "provider gives no notes" in panel.placeholder.text())
    assert not panel.again.isEnabled(), "nobody to ask"
    await room.open(KNEE)
    await room.until(lambda: "Ibuprofen 200 mg" in told(room) and service.checked is not None)
    first = service.checked
    assert first is not None
    await service.judge(first.statements[0], VerdictWord.SUPPORTED)
    await service.attest()
    panel.bring.click()
    sure = await shown(room, SureDialog)
    assert "1 judgement and a signature" in sure.words.text()
    sure.stay.click()
    await room.until(lambda: not [one for one in room.shell.findChildren(QDialog) if one.isVisible()])
    panel.bring.click()
    (await shown(room, SureDialog)).go_on.click()
    dialog = await shown(room, BringNoteDialog)
    dialog.text.setPlainText("Plan:\nRest.")
    dialog.go()
    await room.until(lambda: "Rest." in told(room) and not service.verdicts)
    assert panel.again.isEnabled()
    panel.again.click()
    await room.until(lambda: "Ibuprofen 200 mg" in told(room))
    await room.until(lambda: service.attestation is not None)
    assert service.verdicts[first.statements[0].subject].word is VerdictWord.SUPPORTED


async def test_visits_are_brought_by_id(room: Room) -> None:
    room.desk.bringing.sessions()
    await room.until(lambda: room.shell.findChildren(BringDialog))
    (dialog,) = room.shell.findChildren(BringDialog)
    offered = [dialog.connection.itemData(at) for at in range(dialog.connection.count())]
    assert offered == ["Suki demo"], "only what can be asked by id is offered"
    dialog.ids.setPlainText(json.dumps({"session_id": "6f1d2a8e-4b0c-4c57-9d2e-1f6a7b3c9d01"}))
    dialog.go()
    await room.until(lambda: "1 session listed." in room.panels.messages.text())
