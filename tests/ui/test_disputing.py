"""Disputes in the window: contested by keys, decided of, applied; what is refused is told and nothing is half done."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from parts.window import Room
from qa_player.model.annotation import Span
from qa_player.model.dispute import Decision, Dispute
from qa_player.model.form import QuestionKind
from qa_player.model.review_state import ReviewState
from qa_player.model.scorecard import Answer, Scorecard
from qa_player.ui.dialogs.contest import ContestDialog
from qa_player.ui.dialogs.dispute import DisputeDialog

SUBJECT = "Cancel the add-on"
PROOF = Span(start_ms=5_000, end_ms=9_000)


async def judged(room: Room) -> Scorecard:
    """A submitted support call whose greeting fails, on the open session."""
    await room.open(SUBJECT)
    await room.until(lambda: room.app.playback.state.duration_ms)
    form = await room.app.forms.named("support-call")
    answers = []
    for one in form.questions():
        if one.kind is QuestionKind.TEXT:
            answers.append(Answer(question_id=one.question_id, text="well"))
            continue
        pick = min if one.question_id == "greeting" else max
        option = pick(one.options, key=lambda option: option.score or 0)
        spans = (PROOF,) if option.failing else ()
        answers.append(Answer(question_id=one.question_id, option_id=option.option_id, spans=spans))
    card = await room.app.scoring.take(form, answers)
    await room.until(room.panels.scorecard.contest.isVisible)
    return card


async def contesting(room: Room) -> ContestDialog:
    QTest.mouseClick(room.panels.scorecard.contest, Qt.MouseButton.LeftButton)
    await room.until(lambda: room.shell.findChildren(ContestDialog))
    (dialog,) = room.shell.findChildren(ContestDialog)
    await room.until(dialog.isVisible)
    dialog.activateWindow()
    await room.until(dialog.isActiveWindow)
    return dialog


async def dispute_of(room: Room, path: Path) -> Dispute:
    """Contested without the dialog, as another window would."""
    card = await judged(room)
    await room.app.disputes.open(
        card.connection,
        card.session_id,
        [("greeting", "I greeted them."), ("identified", "It was asked.")],
        evidence={"greeting": [Span(start_ms=1_000, end_ms=2_000)]},
        path=path,
    )
    return await room.app.disputes.read(path)


async def deciding(room: Room, path: Path) -> DisputeDialog:
    room.desk.disputing.decide(path)
    await room.until(lambda: room.shell.findChildren(DisputeDialog))
    (dialog,) = room.shell.findChildren(DisputeDialog)
    await room.until(dialog.isVisible)
    dialog.activateWindow()
    await room.until(dialog.isActiveWindow)
    return dialog


def row_text(room: Room) -> str:
    rows = room.panels.sessions.list.sessions
    return next((text for at in range(rows.rowCount()) if SUBJECT in (text := rows.row_text(at))), "")


async def test_an_answer_is_contested_by_keys_with_its_reason_and_evidence(room: Room, tmp_path: Path) -> None:
    card = await judged(room)
    room.panels.player.select(1_000, 2_000)
    dialog = await contesting(room)
    assert dialog.focusWidget() is dialog.questions
    assert dialog.questions.item(0).text().endswith(": No")
    await room.press(Qt.Key.Key_Space, on=dialog.questions)
    assert dialog.contested() == ["greeting"]
    assert dialog.told.text() == "1 question contested"
    assert dialog.offers.currentText() == "Here: 0:01.00–0:02.00"
    await room.press(Qt.Key.Key_Space, on=dialog.add)
    assert dialog.evidence.count() == 2
    await room.type("I greeted them.", on=dialog.reason)
    await room.press(Qt.Key.Key_Space, on=dialog.write)
    (chooser,) = dialog.findChildren(QFileDialog)
    path = tmp_path / "dispute.json"
    chooser.fileSelected.emit(str(path))
    chooser.close()
    await room.until(lambda: "dispute.json is written" in room.panels.messages.text())
    await room.until(lambda: not room.shell.findChildren(ContestDialog))
    dispute = await room.app.disputes.read(path)
    (one,) = dispute.contested
    assert (one.question_id, one.text, one.spans) == (
        "greeting",
        "I greeted them.",
        (Span(start_ms=1_000, end_ms=2_000),),
    )
    assert dispute.scorecard == card
    await room.until(lambda: "Disputed" in row_text(room))


async def test_a_question_without_its_reason_is_told_and_nothing_is_written(room: Room, tmp_path: Path) -> None:
    card = await judged(room)
    dialog = await contesting(room)
    QTest.mouseClick(dialog.write, Qt.MouseButton.LeftButton)
    assert "No question is contested yet" in dialog.trouble.text()
    dialog.questions.item(1).setCheckState(Qt.CheckState.Checked)
    QTest.mouseClick(dialog.write, Qt.MouseButton.LeftButton)
    assert "a dispute needs its reason" in dialog.trouble.text()
    assert dialog.questions.currentRow() == 1
    assert dialog.focusWidget() is dialog.reason
    QTest.keyClicks(dialog.reason, "It was so.")
    dialog.write_to(tmp_path / "none" / "dispute.json")
    await room.until(lambda: "folder" in dialog.trouble.text())
    dialog.write_to(Path("/proc/1/task/dispute.json"))
    await room.until(lambda: "permission" in dialog.trouble.text() or "could not" in dialog.trouble.text())
    assert await room.app.scoring.progress(card.connection, card.session_id) is ReviewState.DONE
    assert dialog.write.isEnabled()
    dialog.reject()


async def test_a_session_without_a_submitted_scorecard_says_so(room: Room) -> None:
    await room.open(SUBJECT)
    assert not room.panels.scorecard.contest.isVisible()
    room.desk.disputing.contest()
    await room.until(lambda: "No scorecard of this session is submitted." in room.panels.messages.text())
    room.troubles.clear()


async def test_a_dispute_is_decided_saved_and_applied(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "dispute.json"
    old = (await dispute_of(room, path)).scorecard
    dialog = await deciding(room, path)
    assert "I greeted them." in dialog.reason.text()
    assert dialog.evidence.count() == 2
    assert not dialog.apply.isEnabled()
    await room.press(Qt.Key.Key_Space, on=dialog.ruling.decisions[Decision.ACCEPT])
    await room.press(Qt.Key.Key_Space, on=dialog.save)
    assert "a decision needs its reason" in dialog.trouble.text()
    assert dialog.findChildren(QFileDialog) == [], "nothing asks for a file while something is missing"
    assert dialog.ruling.options.currentText() == "Which answer stands from now on?"
    await room.press(Qt.Key.Key_Down, on=dialog.ruling.options)
    assert dialog.ruling.options.currentText() == "Yes"
    await room.type("Heard at the start.", on=dialog.ruling.reason)
    await room.press(Qt.Key.Key_Down, on=dialog.questions)
    assert dialog.ruling.reason.toPlainText() == ""
    await room.press(Qt.Key.Key_Space, on=dialog.ruling.decisions[Decision.REJECT])
    await room.type("Not asked.", on=dialog.ruling.reason)
    assert "not saved" in dialog.questions.item(0).text()
    assert not dialog.apply.isEnabled()
    decided = tmp_path / "decided.json"
    dialog.save_to(decided)
    await room.until(lambda: "decided.json is written" in dialog.trouble.text())
    assert [one.ruling and one.ruling.decision for one in (await room.app.disputes.read(decided)).contested] == [
        Decision.ACCEPT,
        Decision.REJECT,
    ]
    await room.press(Qt.Key.Key_Space, on=dialog.apply)
    await room.until(lambda: "A new scorecard counts now" in room.panels.messages.text())
    new = (await room.app.scoring.of_session(old.connection, old.session_id))[-1]
    assert (new.replaces, new.answer("greeting").option_id) == (old.scorecard_id, "yes")
    await room.until(lambda: "Done" in row_text(room))
    again = await deciding(room, decided)
    QTest.mouseClick(again.apply, Qt.MouseButton.LeftButton)
    await room.until(lambda: "settled already" in again.trouble.text())
    again.reject()


async def test_the_evidence_is_heard_also_when_another_session_is_open(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "dispute.json"
    await dispute_of(room, path)
    await room.open("Refund status")
    dialog = await deciding(room, path)
    await room.press(Qt.Key.Key_Return, on=dialog.evidence)
    await room.until(lambda: room.panels.player.title.text() == SUBJECT)
    await room.until(lambda: room.app.playback.state.playing and room.app.playback.position_ms >= PROOF.start_ms)
    room.app.playback.pause()
    await room.press(Qt.Key.Key_Down, on=dialog.evidence)
    QTest.mouseClick(dialog.hear, Qt.MouseButton.LeftButton)
    await room.until(lambda: 1_000 <= room.app.playback.position_ms < PROOF.start_ms)
    room.app.playback.pause()
    dialog.reject()


async def test_any_other_file_is_refused_in_a_sentence(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text("{}")
    room.desk.disputing.decide(path)
    await room.until(lambda: "This file is no dispute." in room.panels.messages.text())
    room.desk.disputing.decide(tmp_path / "gone.json")
    await room.until(lambda: "could not be read" in room.panels.messages.text())
    room.troubles.clear()
