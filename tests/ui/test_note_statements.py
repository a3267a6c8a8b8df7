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
CONTROL = Qt.KeyboardModifier.ControlModifier


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
    assert "Penicillin" in visit.left_out.list.claims.claims[0].read()
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
    await room.until(visit.left_out.list.hasFocus)
    await room.press(Qt.Key.Key_2)
    await room.until(lambda: "Not needed" in visit.left_out.list.claims.claims[0].read())
    await room.press(Qt.Key.Key_F8)
    await room.until(visit.list.hasFocus)


async def test_judging_by_keys_alone(room: Room, visit: StatementsView, tmp_path: Path) -> None:
    service = room.app.verification
    await room.press(Qt.Key.Key_3)
    await room.until(lambda: "Contradicted by the conversation" in cards(visit)[0])
    await room.press(Qt.Key.Key_A)
    await room.until(visit.amending.text.hasFocus)
    await room.type("Wakes at night, about twice a week.", visit.amending.text)
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
    await room.until(lambda: "Added to the note" in visit.left_out.list.claims.claims[0].read())
    visit.handing_on.attest.click()
    await room.until(lambda: room.shell.findChildren(SureDialog))
    assert service.undecided > 1
    assert f"{service.undecided} doubtful statements are undecided" in said(room.shell.findChildren(SureDialog)[0])
    room.shell.findChildren(SureDialog)[0].go_on.click()
    await room.until(lambda: service.attestation is not None)
    assert "compared 2 of" in room.panels.messages.text()
    assert "1 amended, 1 struck and 1 added." in room.panels.messages.text()
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
    assert visit.handing_on.copy.isVisible(), "what is seen here can be handed on here"
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


async def test_what_is_added_can_be_said_in_other_words_and_they_be_changed(room: Room, visit: StatementsView) -> None:
    verdicts, added = room.app.verification, visit.left_out
    control = Qt.KeyboardModifier.ControlModifier
    await room.press(Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    await room.until(added.list.hasFocus)
    said_there, subject = added.list.claims.claims[0].text, added.list.current()
    await room.press(Qt.Key.Key_1)
    await room.until(lambda: "Added to the note" in added.list.claims.claims[0].read())
    for words in ("Allergic to penicillin.", "Penicillin allergy: rash."):
        await room.press(Qt.Key.Key_A)
        await room.until(added.rewording.text.hasFocus)
        assert "Penicillin" in said(added.rewording), "what was said stands above it"
        added.rewording.text.clear()
        await room.type(words, added.rewording.text)
        await room.press(Qt.Key.Key_Return)
        assert added.list.hasFocus(), "the next key is for the next card"
        await room.until(lambda words=words: f"Added as: {words}" in added.list.claims.claims[0].read())  # type: ignore[misc]
    assert added.list.claims.claims[0].text == said_there
    assert "Penicillin allergy: rash." in verdicts.corrected()
    assert added.rewording.isHidden()
    room.panels.note.whole.click()
    assert "Penicillin allergy: rash. [in place of what was said: " in said(room.panels.note.text).replace("\u200b", "")
    room.panels.note.whole.click()
    await room.press(Qt.Key.Key_Z, control, on=added.list)
    await room.until(lambda: verdicts.verdicts[subject].amended == "Allergic to penicillin.")
    await room.press(Qt.Key.Key_Z, control)
    await room.until(lambda: verdicts.verdicts[subject].amended is None)
    assert verdicts.verdicts[subject].word is VerdictWord.ADDED
    await room.press(Qt.Key.Key_A, on=added.list)
    await room.type("Penicillin.", added.rewording.text)
    await room.press(Qt.Key.Key_Escape)
    assert added.rewording.isHidden()
    assert verdicts.verdicts[subject].amended is None
    judged = [event for event in await room.app.audit.show() if event.action == "note.judged"]
    assert [event.detail["amended"] for event in judged] == [False, True, True]


async def test_words_go_to_the_statement_they_were_begun_on(room: Room, visit: StatementsView) -> None:
    first, second = (one.subject for one in visit.list.claims.claims[:2])
    await room.press(Qt.Key.Key_A)
    await room.type("Wakes at night.", visit.amending.text)
    visit.list.select(second)
    await room.press(Qt.Key.Key_Return, on=visit.amending.text)
    await room.until(lambda: first in room.app.verification.verdicts)
    assert room.app.verification.verdicts[first].amended == "Wakes at night."
    assert second not in room.app.verification.verdicts


async def test_all_that_is_being_written_at_once_comes_back(room: Room, visit: StatementsView) -> None:
    """Two amendments, words for what is added, and an annotation."""
    first, second = (one.subject for one in visit.list.claims.claims[:2])
    for subject, words in ((first, "one "), (second, "two ")):
        visit.list.select(subject)
        await room.press(Qt.Key.Key_A, on=visit.list)
        await room.press(Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
        await room.type(words, visit.amending.text)
    await room.press(Qt.Key.Key_A, on=visit.left_out.list)
    await room.type("three", visit.left_out.rewording.text)
    assert visit.amending.isVisible(), "the one takes nothing from the other"
    room.desk.marking.mark_moment()
    await room.type("four", room.panels.annotations.editor.text)
    await room.open("Refund status")
    assert visit.amending.isHidden()
    assert visit.left_out.rewording.isHidden()
    await room.open(KNEE)
    await room.until(visit.left_out.rewording.isVisible)
    assert visit.left_out.rewording.written() == "three"
    assert "Not kept yet (A goes on): one " in cards(visit)[0]
    assert "Not kept yet (A goes on): two " in cards(visit)[1]
    await room.until(lambda: not room.panels.annotations.editor.isHidden())
    assert room.panels.annotations.editor.text.toPlainText() == "four"
    visit.list.select(second)
    await room.press(Qt.Key.Key_A, on=visit.list)
    assert visit.amending.written().startswith("two ")
    assert "Not kept yet" not in cards(visit)[1], "it stands in the editor"
    await room.press(Qt.Key.Key_Return)
    await room.until(lambda: any("Amended: two " in card for card in cards(visit)))
    session = room.app.playback.session
    assert session is not None
    assert room.app.verification.checked is not None
    digest = room.app.verification.checked.kept.note.digest
    await room.until(lambda: not room.tasks.running("save") and not room.tasks.running("save-unfinished"))
    left = await room.app.unfinished.of_note(session.connection.name, session.session_id, digest)
    assert {one.subject for one in left} == {first, visit.left_out.list.current()}


async def test_words_that_are_refused_wait(room: Room, visit: StatementsView) -> None:
    subject = visit.list.current()
    await room.press(Qt.Key.Key_A)
    visit.amending.text.setPlainText("word " * 5_000)
    await room.press(Qt.Key.Key_Return)
    await room.until(lambda: "longer than a statement" in room.panels.messages.text())
    await room.until(lambda: "Not kept yet" in cards(visit)[0])
    await room.press(Qt.Key.Key_A)
    assert visit.amending.written() == "word " * 5_000
    assert subject not in room.app.verification.verdicts
    room.troubles.clear()


async def test_where_one_works_stays_in_sight(room: Room, visit: StatementsView) -> None:
    """While cards get more lines, and while what opens below takes room."""
    shown, rows = visit.list, visit.list.claims.rowCount()

    def in_sight() -> bool:
        card = shown.visualRect(shown.currentIndex())
        return card.top() >= 0 and card.bottom() <= shown.viewport().height() + 1

    for row in range(rows):
        await room.press(Qt.Key.Key_1, on=shown)
        await room.until(lambda row=row: "Supported" in cards(visit)[row])  # type: ignore[misc]
        assert in_sight(), f"card {row} once it is judged"
        await room.press(Qt.Key.Key_Down)
        assert in_sight(), f"the card after {row}"
    await room.press(Qt.Key.Key_F8)
    await room.until(lambda: "Every doubtful statement is decided." in room.panels.messages.text())
    await room.press(Qt.Key.Key_A)
    await room.until(visit.amending.text.hasFocus)
    await room.until(in_sight)


async def test_who_writes_an_annotation_here_sees_it_and_has_the_note_back_after_it(
    room: Room, visit: StatementsView
) -> None:
    tabs, panel = room.window.tabs, room.panels.annotations
    for leave in ((Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_Return, CONTROL)):
        assert tabs.currentWidget() is room.panels.note
        await room.press(Qt.Key.Key_M, on=room.panels.transcript.view)
        await room.until(panel.editor.text.hasFocus)
        assert panel.editor.isVisible()
        await room.type("odd", panel.editor.text)
        await room.type("Odd", panel.editor.tag)
        await room.press(*leave)
        await room.until(lambda: tabs.currentWidget() is room.panels.note)
    await room.until(lambda: [one.text for one in room.app.review.annotations] == ["odd"])
    assert visit.list.isVisible()
