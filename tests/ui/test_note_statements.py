"""A physician's five minutes: doubtful statements heard, judged, amended, signed and handed on, by keys alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel, QWidget

from parts.loop import Loop
from parts.window import Room
from qa_player.model.statement import VerdictWord
from qa_player.ui.panels.note_statements import StatementsView
from qa_player.ui.widgets.sure import SureDialog

KNEE = "Knee pain, first visit"


@pytest.fixture
def visit(loop: Loop, room: Room) -> StatementsView:
    """The knee visit in layout Visit, the keys on its statements."""

    async def opened() -> StatementsView:
        room.window.lay_out("visit")
        await room.open(KNEE)
        view = room.panels.note.statements
        await room.until(lambda: view.list.claims.rowCount() > 0)
        await room.press(Qt.Key.Key_F8)
        await room.until(view.list.hasFocus)
        return view

    return loop.run(opened())


def said(shown: QWidget) -> str:
    return " ".join(label.text() for label in shown.findChildren(QLabel))


def cards(view: StatementsView) -> list[str]:
    return [one.read() for one in view.list.claims.claims]


async def test_the_doubtful_ones_come_first_and_enter_plays_their_evidence(room: Room, visit: StatementsView) -> None:
    first = cards(visit)[:5]
    assert "The patient denies night pain." in first[0]
    assert "Going down stairs. And at night, it wakes me up" in first[0]
    assert any("father had osteoarthritis" in card for card in first)
    assert "Penicillin" in visit.left_out.claims.claims[0].read()
    assert "need you" in visit.summary.text()
    await room.press(Qt.Key.Key_Return)
    await room.until(lambda: room.desk.playback.state.playing)
    await room.until(lambda: 5 in room.desk.playback.active_turns)
    room.desk.playback.pause()


async def test_what_one_can_do_is_read_where_one_looks(room: Room, visit: StatementsView) -> None:
    words = [button.text() for button in visit.verdicts.findChildren(QAbstractButton)]
    assert words == ["1 Supported", "2 Partly", "3 Contradicted", "4 Not said"]
    assert "the note denies “night”, and the conversation does not" in cards(visit)[0]
    await room.press(Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    await room.until(visit.left_out.hasFocus)
    await room.press(Qt.Key.Key_2)
    await room.until(lambda: "Not needed" in visit.left_out.claims.claims[0].read())
    await room.press(Qt.Key.Key_F8)
    await room.until(visit.list.hasFocus)


async def test_judging_by_keys_alone(room: Room, visit: StatementsView, tmp_path: Path) -> None:
    service = room.app.verification
    await room.press(Qt.Key.Key_3)
    await room.until(lambda: "Contradicted by the conversation" in cards(visit)[0])
    await room.press(Qt.Key.Key_A)
    await room.until(visit.editor.hasFocus)
    await room.type("Wakes at night, about twice a week.", visit.editor)
    await room.press(Qt.Key.Key_Return)
    await room.until(lambda: "Amended: Wakes at night" in cards(visit)[0])
    assert "The patient denies night pain." in cards(visit)[0], "the original stays beside it"
    await room.until(visit.list.hasFocus)
    father = next(one.subject for one in visit.list.claims.claims if "father" in one.text)
    visit.list.select(father)
    await room.press(Qt.Key.Key_4)
    await room.press(Qt.Key.Key_X)
    await room.until(lambda: any(one.struck for one in visit.list.claims.claims))
    await room.press(Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    await room.press(Qt.Key.Key_1)
    await room.until(lambda: "Added to the note" in visit.left_out.claims.claims[0].read())
    visit.handing_on.attest.click()
    await room.until(lambda: room.shell.findChildren(SureDialog))
    assert service.undecided > 1
    assert f"{service.undecided} doubtful statements are undecided" in said(room.shell.findChildren(SureDialog)[0])
    room.shell.findChildren(SureDialog)[0].go_on.click()
    await room.until(lambda: service.attestation is not None)
    assert "compared 2 of" in room.panels.messages.text()
    assert "1 struck, 1 added." in room.panels.messages.text()
    assert f"left undecided: {service.undecided} of" in room.panels.messages.text()
    visit.handing_on.copy.click()
    await room.until(lambda: "clipboard" in room.panels.messages.text())
    copied = QApplication.clipboard().text()
    assert "Wakes at night, about twice a week." in copied
    assert "father" not in copied
    assert "Penicillin" in copied
    assert "This says what was said, not whether it is right." in copied
    visit.handing_on.write_to(str(tmp_path / "note.txt"))
    await room.until((tmp_path / "note.txt").exists)
    assert (tmp_path / "note.txt").read_text("utf-8") == f"{copied}\n"


async def test_the_list_and_the_status_line_follow_what_is_done_with_a_note(room: Room, visit: StatementsView) -> None:
    rows = room.panels.sessions.list.sessions

    def row() -> str:
        return next(words for at in range(rows.rowCount()) if KNEE in (words := rows.row_text(at)))

    assert "To review" in row()
    assert "Saved" not in room.panels.status.saved.text()
    await room.press(Qt.Key.Key_1)
    await room.until(lambda: "In review" in row())
    await room.until(lambda: "Saved" in room.panels.status.saved.text())
    visit.handing_on.attest.click()
    await room.until(lambda: room.shell.findChildren(SureDialog))
    room.shell.findChildren(SureDialog)[0].go_on.click()
    await room.until(lambda: "Done" in row())


async def test_the_corrected_note_is_seen_before_it_is_handed_on(room: Room, visit: StatementsView) -> None:
    panel, service = room.panels.note, room.app.verification
    assert service.checked is not None
    night = next(one for one in service.checked.statements if "denies night pain" in one.text)
    father = next(one for one in service.checked.statements if "father" in one.text)
    panel.whole.click()
    assert father.text in said(panel.text)
    assert "[" not in said(panel.text)
    await service.amend(night, "Wakes at night.")
    await service.strike(father, struck=True)
    await service.settle(service.checked.unmentioned[0].turn_index, VerdictWord.ADDED)
    words = said(panel.text).replace("\u200b", "")
    assert f"Wakes at night. [in place of: {night.text}]" in words
    assert f"[struck: {father.text}]" in words
    assert "Penicillin" in words.partition("Added from the conversation")[2]
    visit.handing_on.save.click()
    await room.until(lambda: visit.handing_on.findChildren(QFileDialog))
    (chooser,) = visit.handing_on.findChildren(QFileDialog)
    (place,) = map(Path, chooser.selectedFiles())
    assert place.name.startswith(f"note-{service.checked.kept.note.session_id[:8]}"), "which visit it is of"
    assert place.suffix == ".txt"
    chooser.reject()


async def test_undo_takes_back_what_was_done_last_on_the_note_or_beside_it(room: Room, visit: StatementsView) -> None:
    verdicts, review, subject = room.app.verification, room.app.review, visit.list.current()
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    await room.press(Qt.Key.Key_3)
    await room.until(lambda: subject in verdicts.verdicts)
    await review.annotate(start_ms=1_000, tag="Odd")
    await room.press(Qt.Key.Key_X, on=visit.list)
    await room.until(lambda: verdicts.verdicts[subject].struck)
    await room.press(Qt.Key.Key_Z, control)
    await room.until(lambda: not verdicts.verdicts[subject].struck)
    assert review.annotations
    await room.press(Qt.Key.Key_Z, control)
    await room.until(lambda: not review.annotations)
    assert verdicts.verdicts[subject].word is VerdictWord.CONTRADICTED
    await room.press(Qt.Key.Key_Z, control)
    await room.until(lambda: verdicts.verdicts[subject].word is None)
    await room.press(Qt.Key.Key_Z, control | shift)
    await room.until(lambda: verdicts.verdicts[subject].word is VerdictWord.CONTRADICTED)
    await room.press(Qt.Key.Key_Z, control | shift)
    await room.until(lambda: review.annotations)
    assert not verdicts.verdicts[subject].struck
    await room.press(Qt.Key.Key_Z, control | shift)
    await room.until(lambda: verdicts.verdicts[subject].struck)


async def test_a_word_pressed_again_is_taken_back(room: Room, visit: StatementsView) -> None:
    subject = visit.list.current()
    verdicts = room.app.verification
    await room.press(Qt.Key.Key_1)
    await room.until(lambda: subject in verdicts.verdicts)
    assert verdicts.verdicts[subject].word is VerdictWord.SUPPORTED
    await room.press(Qt.Key.Key_1)
    await room.until(lambda: verdicts.verdicts[subject].word is None)
    assert visit.list.current() == subject, "the cursor stays where one works"


async def test_what_was_judged_is_there_when_the_visit_is_opened_again(room: Room, visit: StatementsView) -> None:
    await room.press(Qt.Key.Key_2)
    await room.until(lambda: "Partly supported" in cards(visit)[0])
    await room.open("Refund status")
    await room.until(lambda: visit.list.claims.rowCount() == 0)
    assert not visit.verdicts.isEnabled() or not visit.list.current()
    await room.open(KNEE)
    await room.until(lambda: visit.list.claims.rowCount() > 0)
    assert "Partly supported" in cards(visit)[0]


async def test_another_candidate_is_a_key_away(room: Room, visit: StatementsView) -> None:
    several = next(one.subject for one in visit.list.claims.claims if any("of 2" in line for line in one.beside))
    visit.list.select(several)
    before = next(one for one in visit.list.claims.claims if one.subject == several).beside
    await room.press(Qt.Key.Key_Right)
    after = next(one for one in visit.list.claims.claims if one.subject == several).beside
    assert before != after
    assert "2 of 2" in after[-1]
