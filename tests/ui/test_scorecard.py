"""A scorecard worked by keys: answers, evidence, what is missing, submitting, and what the list shows of it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from parts.window import Room
from qa_player.model.actor import Actor
from qa_player.model.form import QuestionKind
from qa_player.model.review_state import ReviewState
from qa_player.model.scorecard import Answer, Scorecard
from qa_player.services.score_book import Step, keep
from qa_player.services.trail import Trail

SUBJECT = "Cancel the add-on"
CONTROL = Qt.KeyboardModifier.ControlModifier


async def ready(room: Room) -> None:
    await room.open(SUBJECT)
    await room.until(lambda: room.panels.scorecard.shown_form is not None)
    await room.until(lambda: not room.tasks.running("save-scorecard"))
    room.panels.transcript.take_focus()


async def at_the_questions(room: Room) -> None:
    await room.press(Qt.Key.Key_F6)
    await room.until(lambda: room.panels.scorecard.form.current() == "greeting")


def card(room: Room) -> Scorecard:
    found = room.panels.scorecard.card
    assert found is not None
    return found


async def answered(room: Room, question_id: str, key: Qt.Key) -> Answer:
    """Press ``key`` at a question that has the keys, and wait until its answer is kept."""
    before = room.app.scoring.mine
    await room.press(key, on=room.panels.scorecard.form.rows[question_id])
    await room.until(lambda: room.app.scoring.mine != before and not room.tasks.running("save-scorecard"))
    return card(room).answer(question_id)


def said(room: Room, question_id: str) -> str:
    return room.panels.scorecard.form.rows[question_id].accessibleDescription()


def row_text(room: Room) -> str:
    rows = room.panels.sessions.list.sessions
    return next(text for at in range(rows.rowCount()) if SUBJECT in (text := rows.row_text(at)))


async def test_digits_answer_here_and_tag_elsewhere(room: Room) -> None:
    await ready(room)
    assert room.panels.scorecard.chooser.currentText() == "Support call v1"
    await at_the_questions(room)
    assert (await answered(room, "greeting", Qt.Key.Key_1)).option_id == "yes"
    assert (await answered(room, "identified", Qt.Key.Key_0)).does_not_apply
    assert room.app.review.annotations == ()
    assert room.panels.scorecard.result.accessibleDescription() == "100 % so far"
    await room.until(lambda: "In review" in row_text(room))
    assert said(room, "greeting") == "Yes"
    assert (await answered(room, "greeting", Qt.Key.Key_1)).option_id is None, "the same key takes it back"
    await room.press(Qt.Key.Key_Down, on=room.panels.scorecard.form.rows["greeting"])
    assert room.panels.scorecard.form.current() == "identified"
    room.panels.transcript.take_focus()
    await room.press(Qt.Key.Key_1)
    await room.until(lambda: len(room.app.review.annotations) == 1)


async def test_a_reproach_takes_its_evidence_from_the_selection_and_plays_it(room: Room) -> None:
    await ready(room)
    await room.until(lambda: room.app.playback.state.duration_ms)
    await at_the_questions(room)
    await answered(room, "greeting", Qt.Key.Key_2)
    room.panels.player.select(5_000, 9_000)
    answer = await answered(room, "greeting", Qt.Key.Key_E)
    assert [(span.start_ms, span.end_ms) for span in answer.spans] == [(5_000, 9_000)]
    assert said(room, "greeting") == "No. evidence 0:05.00–0:09.00"
    await room.press(Qt.Key.Key_Return)
    await room.until(lambda: room.app.playback.state.playing and 5_000 <= room.app.playback.position_ms < 9_000)
    assert (await answered(room, "greeting", Qt.Key.Key_Delete)).spans == ()
    await room.press(Qt.Key.Key_A)
    await room.until(lambda: "You have not heard" in room.panels.scorecard.trouble.text())


async def test_a_card_is_submitted_when_nothing_is_missing_and_the_next_session_opens(room: Room) -> None:
    await ready(room)
    form = room.panels.scorecard.form
    await at_the_questions(room)
    await answered(room, "greeting", Qt.Key.Key_1)
    await room.press(Qt.Key.Key_Return, CONTROL)
    await room.until(lambda: "is not answered" in room.panels.scorecard.trouble.text())
    assert "This question is not answered" in said(room, "identified")
    assert form.current() == "identified", "the keys are where something is missing"
    first = card(room)
    for question in first.form.questions():
        if question.question_id != "greeting" and question.kind is not QuestionKind.TEXT:
            row = form.rows[question.question_id]
            if row.isVisible():
                best = {"grasped": Qt.Key.Key_5, "tone": Qt.Key.Key_4, "harm": Qt.Key.Key_2}
                await answered(room, question.question_id, best.get(question.question_id, Qt.Key.Key_1))
    assert not form.rows["next-step"].isVisible(), "what was solved needs no next step"
    words = form.rows["remark"].words
    assert words is not None
    await room.type("Well <b>done</b>", words)
    await room.press(Qt.Key.Key_Return, CONTROL)
    await room.until(lambda: room.panels.player.title.text() != SUBJECT)
    await room.until(lambda: "Done 99 %" in row_text(room))
    (kept,) = await room.app.scoring.of_session(first.connection, first.session_id)
    assert kept.answer("remark").text == "Well <b>done</b>"
    assert kept.result is not None
    assert (kept.result.score, kept.result.passed) == (9_850, True)


async def test_a_submitted_card_is_read_only_until_it_is_reopened(room: Room) -> None:
    await ready(room)
    await at_the_questions(room)
    for question in room.panels.scorecard.form.rows.values():
        if question.question.kind is not QuestionKind.TEXT and question.isVisible():
            key = Qt.Key.Key_2 if question.question.question_id == "harm" else Qt.Key.Key_1
            if question.question.question_id in ("grasped", "tone"):
                key = Qt.Key.Key_5
            await answered(room, question.question.question_id, key)
    room.panels.scorecard.hand_in()
    await room.until(lambda: card(room).submitted_at is not None)
    panel = room.panels.scorecard
    assert (panel.submit.isVisible(), panel.reopen.isVisible()) == (False, True)
    assert not any(button.isEnabled() for button in panel.form.rows["greeting"].buttons.values())
    before = card(room)
    await room.press(Qt.Key.Key_2, on=panel.form.rows["greeting"])
    assert card(room) == before
    QTest.mouseClick(panel.reopen, Qt.MouseButton.LeftButton)
    await room.until(lambda: card(room).submitted_at is None)
    assert panel.submit.isVisible()


async def test_visits_have_their_own_form_and_their_layout_no_scorecard(room: Room) -> None:
    rows = room.panels.sessions.list.sessions
    await room.until(lambda: any("Suki" in rows.row_text(at) for at in range(rows.rowCount())))
    at = next(at for at in range(rows.rowCount()) if "Knee pain" in rows.row_text(at))
    room.panels.sessions.list.row_chosen.emit(rows.index(at, 0))
    await room.until(lambda: room.panels.scorecard.chooser.currentText() == "Clinical note v1")
    await room.press(Qt.Key.Key_2, CONTROL | Qt.KeyboardModifier.AltModifier)
    assert not room.panels.scorecard.isVisible()
    await room.press(Qt.Key.Key_1, CONTROL | Qt.KeyboardModifier.AltModifier)
    assert room.panels.scorecard.isVisible()


async def test_ctrl_enter_keeps_an_annotation_that_is_being_written(room: Room) -> None:
    await ready(room)
    await room.press(Qt.Key.Key_M)
    editor = room.panels.annotations.editor
    await room.until(editor.isVisible)
    await room.type("fee", editor.tag)
    focus: QWidget = editor.text
    await room.press(Qt.Key.Key_Return, CONTROL, on=focus)
    await room.until(lambda: [one.tag for one in room.app.review.annotations] == ["fee"])
    assert room.panels.player.title.text() == SUBJECT


async def test_what_is_put_into_the_queue_is_a_list_of_its_own(room: Room) -> None:
    await ready(room)
    actions, sessions = room.window.actions, room.panels.sessions
    assert actions is not None
    actions["queue.add"].trigger()
    await room.until(lambda: "is in the queue." in room.panels.messages.text())
    await room.until(lambda: ("queued", "Queue 1") in shown_chips(room))
    QTest.mouseClick(chip(room, "queued"), Qt.MouseButton.LeftButton)
    rows = sessions.list.sessions
    await room.until(lambda: rows.rowCount() == 1 and SUBJECT in rows.row_text(0))


def chip(room: Room, name: str) -> QPushButton:
    found: QPushButton = room.panels.sessions.chips._chips[name]
    return found


def shown_chips(room: Room) -> list[tuple[str, str]]:
    return [(name, button.text()) for name, button in room.panels.sessions.chips._chips.items()]


async def test_a_card_that_somebody_elses_replaced_says_what_counts_now(room: Room) -> None:
    await ready(room)
    form = await room.app.forms.named("support-call")
    best = [
        Answer(question_id=one.question_id, option_id=max(one.options, key=lambda option: option.score or 0).option_id)
        for one in form.questions()
        if one.options
    ]
    words = [Answer(question_id=one.question_id, text="well") for one in form.questions() if not one.options]
    mine = await room.app.scoring.take(form, [*best, *words])
    await room.until(lambda: room.panels.scorecard.result.accessibleDescription() == "100 %")
    assert room.panels.scorecard.reopen.isVisible()
    assert mine.result is not None
    other = mine.model_copy(
        update={
            "scorecard_id": "settled",
            "author": "judge",
            "replaces": mine.scorecard_id,
            "result": mine.result.model_copy(update={"score": 6_200, "passed": False}),
        }
    )
    step = Step("scorecard.replaced", None, other, ReviewState.DONE)
    judge = Trail(Actor(login="judge"))
    await room.app._database.write(lambda transaction: keep(transaction, judge, step))
    await room.app.scoring.reload()
    told = room.panels.scorecard.result
    await room.until(lambda: told.accessibleDescription() == f"Replaced: 62 %, below {form.pass_mark} %")
    assert not room.panels.scorecard.reopen.isVisible()


async def test_a_reproach_gets_its_evidence_by_mouse_too(room: Room) -> None:
    await ready(room)
    await room.until(lambda: room.app.playback.state.duration_ms)
    row = room.panels.scorecard.form.rows["greeting"]
    assert not row.proofs.isVisible()
    row.buttons[next(iter(option.option_id for option in row.question.options if option.failing))].click()
    await room.until(row.proofs.isVisible)
    room.panels.player.select(5_000, 9_000)
    next(button for button in row.proofs.findChildren(QPushButton) if button.text() == "Evidence").click()
    await room.until(lambda: "evidence 0:05.00–0:09.00" in said(room, "greeting"))
