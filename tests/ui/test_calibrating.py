"""Calibration in the window: a packet made, taken in, sealed and compared; what is refused is told."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from parts.window import Room
from qa_player.model.actor import Actor
from qa_player.model.annotation import Span
from qa_player.model.calibration import Packet, SessionAnswers
from qa_player.model.form import QuestionKind
from qa_player.model.scorecard import Answer
from qa_player.services.calibration import Calibration
from qa_player.services.trail import Trail
from qa_player.ui.dialogs.calibration import CalibrationDialog

SUBJECT = "Cancel the add-on"
BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
PROOF = Span(start_ms=7_000, end_ms=9_000)


async def shown(room: Room) -> CalibrationDialog:
    room.shell.activateWindow()
    await room.until(room.shell.isActiveWindow)
    await room.press(Qt.Key.Key_C, BOTH, on=room.panels.transcript.view)
    await room.until(lambda: room.shell.findChildren(CalibrationDialog))
    (dialog,) = room.shell.findChildren(CalibrationDialog)
    await room.until(dialog.isVisible)
    dialog.activateWindow()
    await room.until(dialog.isActiveWindow)
    return dialog


def answers(packet: Packet, failing: str | None) -> tuple[Answer, ...]:
    found = []
    for one in packet.form.questions():
        if one.kind is QuestionKind.TEXT:
            found.append(Answer(question_id=one.question_id, text="well"))
            continue
        pick = min if one.question_id == failing else max
        option = pick(one.options, key=lambda option: option.score or 0)
        spans = (PROOF,) if option.failing else ()
        found.append(Answer(question_id=one.question_id, option_id=option.option_id, spans=spans))
    return tuple(found)


async def packed(room: Room, path: Path) -> Packet:
    """A packet of the open session."""
    await room.open(SUBJECT)
    form = await room.app.forms.named("support-call")
    session = room.app.playback.session
    assert session is not None
    await room.app.calibration.pack([(session.connection.name, session.session_id)], form, path=path)
    return await room.app.calibration.read(path)


async def sealed_by(room: Room, packet: Packet, name: str, failing: str | None, path: Path) -> Path:
    """Somebody's answers, sealed as in their own window."""
    app = room.app
    peer = Calibration(
        database=app._database,
        connections=app.connections,
        library=app.library,
        trail=Trail(Actor(login=name)),
        key=b"\1" * 32,
    )
    (session,) = packet.sessions
    sheet = SessionAnswers(
        connection=session.connection, session_id=session.session_id, answers=answers(packet, failing)
    )
    await peer.answer(packet, [sheet], path=path)
    return path


async def test_a_packet_is_made_of_what_is_ticked(room: Room, tmp_path: Path) -> None:
    await room.open(SUBJECT)
    dialog = await shown(room)
    page = dialog.packing
    await room.until(lambda: page.sessions.count() > 2 and page.form.count() > 2)
    QTest.mouseClick(page.none, Qt.MouseButton.LeftButton)
    assert not page.write.isEnabled()
    await room.press(Qt.Key.Key_End, on=page.source)
    await room.until(lambda: page.sessions.count() == 1 and page.sessions.ticked() == [0])
    assert SUBJECT in page.sessions.item(0).text()
    page.form.setCurrentIndex(page.form.findText("Support call, version 1"))
    QTest.mouseClick(page.write, Qt.MouseButton.LeftButton)
    (chooser,) = dialog.findChildren(QFileDialog)
    path = tmp_path / "packet.json"
    chooser.fileSelected.emit(str(path))
    chooser.close()
    await room.until(lambda: "packet.json is written" in page.trouble.text())
    packet = await room.app.calibration.read(path)
    assert [one.title for one in packet.sessions] == [SUBJECT]
    assert packet.form.form_id == "support-call"
    page.write_to(tmp_path / "none" / "packet.json")
    await room.until(lambda: "Nothing was written." in page.trouble.text())
    dialog.reject()


async def test_a_packet_is_taken_in_judged_and_sealed(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "packet.json"
    packet = await packed(room, path)
    dialog = await shown(room)
    dialog.tabs.setCurrentWidget(dialog.judging)
    page = dialog.judging
    dialog.read(tmp_path / "gone.json")
    await room.until(lambda: "could not be read" in page.trouble.text())
    dialog.read(path)
    await room.until(lambda: page.sessions.count() == 1)
    assert page.sessions.item(0).text().startswith(f"To judge · {SUBJECT}")
    await room.press(Qt.Key.Key_Space, on=page.take)
    await room.until(lambda: "1 of 1 session are in the queue" in page.trouble.text())
    assert [one.place for one in await room.app.queue.all()] == [packet.sessions[0].place]
    mine = tmp_path / "mine.sealed"
    page.seal_to(mine)
    await room.until(lambda: "is not answered" in page.trouble.text())
    assert not mine.exists()
    await room.until(lambda: not room.tasks.running("calibration-standing"))
    await room.press(Qt.Key.Key_Return, on=page.sessions)
    await room.until(lambda: not dialog.isVisible())
    await room.until(lambda: not room.tasks.running("open-session") and not room.tasks.running("save-scorecard"))
    assert room.panels.scorecard.shown_form == packet.form
    await room.app.scoring.take(packet.form, answers(packet, None))
    again = await shown(room)
    assert again.tabs.currentWidget() is again.judging, "one goes on where one was"
    await room.until(lambda: again.judging.sessions.item(0).text().startswith("Judged"))
    again.judging.seal_to(mine)
    await room.until(lambda: "mine.sealed is written" in again.judging.trouble.text())
    assert mine.exists()
    again.reject()


async def test_answers_are_compared_and_the_largest_difference_opens_its_session(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "packet.json"
    packet = await packed(room, path)
    files = [
        await sealed_by(room, packet, "ann", None, tmp_path / "ann.sealed"),
        await sealed_by(room, packet, "bart", "greeting", tmp_path / "bart.sealed"),
    ]
    await room.open("Refund status")
    dialog = await shown(room)
    dialog.tabs.setCurrentWidget(dialog.comparing)
    page = dialog.comparing
    dialog.read(path)
    await room.until(page.answers.isEnabled)
    page.compare(files[:1])
    await room.until(lambda: "Give two files or more." in page.trouble.text())
    page.compare(files)
    await room.until(lambda: page.differences.count() == 1)
    first = [cell.text() for column in (0, 1, 3) if (cell := page.table.item(1, column)) is not None]
    assert first[1:] == ["1", "0 %"], "the question that is least agreed on stands first after all together"
    assert "ann: Yes · bart: No" in page.differences.item(0).text()
    QTest.mouseClick(page.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text().startswith("Question\tJudged\tN/A\tSame\t")
    page.export_to(tmp_path / "agreement.csv")
    await room.until(lambda: "agreement.csv is written" in page.trouble.text())
    head, whole, worst, *_ = (tmp_path / "agreement.csv").read_text().splitlines()
    assert head.endswith("kappa ann / bart")
    assert whole.startswith(",all together,")
    assert worst.startswith("greeting,")
    await room.press(Qt.Key.Key_Return, on=page.differences)
    await room.until(lambda: room.panels.player.title.text() == SUBJECT)
    await room.until(lambda: room.app.playback.position_ms >= PROOF.start_ms)
    again = await shown(room)
    assert again.comparing.differences.count() == 1, "what was compared is there when one comes back"
    again.reject()
