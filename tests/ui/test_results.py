"""Results across sessions in the window: opened by keys, read in the table, drawn in the plot, written to a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from parts.window import Room
from qa_player.model.annotation import Span
from qa_player.model.form import Form, QuestionKind
from qa_player.model.scorecard import Answer
from qa_player.ui import theme
from qa_player.ui.dialogs.results import ResultsDialog
from qa_player.ui.widgets.interval_plot import HEADER, ROW

SUBJECTS = ("Cancel the add-on", "Refund status")


def answers(form: Form, failing: str | None) -> list[Answer]:
    """The best answer to everything, and the worst to one question."""
    found = []
    for one in form.questions():
        if one.kind is QuestionKind.TEXT:
            found.append(Answer(question_id=one.question_id, text="well"))
            continue
        pick = min if one.question_id == failing else max
        option = pick(one.options, key=lambda option: option.score or 0)
        spans = (Span(start_ms=0, end_ms=900),) if option.failing else ()
        found.append(Answer(question_id=one.question_id, option_id=option.option_id, spans=spans))
    return found


async def judge(room: Room, subject: str, form_id: str = "support-call", failing: str | None = None) -> Form:
    await room.open(subject)
    form = await room.app.forms.named(form_id)
    await room.app.scoring.take(form, answers(form, failing))
    return form


async def opened(room: Room) -> ResultsDialog:
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    await room.press(Qt.Key.Key_R, both)
    (dialog,) = room.shell.findChildren(ResultsDialog)
    await room.until(lambda: dialog.isVisible() and not room.tasks.running("results"))
    dialog.activateWindow()
    return dialog


def line(dialog: ResultsDialog, at: int) -> list[str]:
    cells = (dialog.table.item(at, column) for column in range(dialog.table.columnCount()))
    return [cell.text() for cell in cells if cell is not None]


async def test_before_anything_is_judged_the_page_says_what_to_do(room: Room) -> None:
    dialog = await opened(room)
    assert "No scorecard was submitted" in dialog.told.text()
    assert not dialog.export.isEnabled()
    assert dialog.table.rowCount() == 0
    await room.press(Qt.Key.Key_Escape, on=dialog.group)
    await room.until(lambda: not room.shell.findChildren(ResultsDialog))


async def test_what_was_judged_is_read_in_the_table_by_keys(room: Room) -> None:
    form = await judge(room, SUBJECTS[0], failing="greeting")
    await judge(room, SUBJECTS[1])
    dialog = await opened(room)
    assert dialog.form.currentText() == "Support call, version 1"
    assert dialog.told.text().startswith("2 scorecards")
    greeting = next(one for one in form.questions() if one.question_id == "greeting")
    assert line(dialog, 0)[0] == greeting.title
    assert line(dialog, 0)[5:7] == ["1 of 2", "9 to 91 %"], "Wilson's interval of 1 in 2"
    header = dialog.table.horizontalHeaderItem(5)
    assert header is not None
    assert header.text() == "Failing"
    QTest.keyClick(dialog.group, Qt.Key.Key_End)
    await room.until(lambda: dialog.table.rowCount() == 1 and not room.tasks.running("results"))
    assert line(dialog, 0)[:2] == ["all", "2"]
    header = dialog.table.horizontalHeaderItem(5)
    assert header is not None
    assert header.text() == "Passed"
    dialog.close()


async def test_versions_are_chosen_and_never_mixed(room: Room) -> None:
    await judge(room, SUBJECTS[0])
    await judge(room, SUBJECTS[1], "clinical-note")
    dialog = await opened(room)
    forms = [dialog.form.itemText(at) for at in range(dialog.form.count())]
    assert len(forms) == 2
    for number, name in enumerate(forms):
        dialog.form.setFocus()
        QTest.keyClick(dialog.form, Qt.Key.Key_Home)
        for _ in range(number):
            QTest.keyClick(dialog.form, Qt.Key.Key_Down)
        await room.until(lambda name=name: dialog.form.currentText() == name)  # type: ignore[misc]
        assert dialog.told.text().startswith("1 scorecard;")
    dialog.close()


async def test_the_plot_draws_the_figures_in_the_theme_that_is_on(room: Room, qapp: QApplication) -> None:
    await judge(room, SUBJECTS[0], failing="greeting")
    await judge(room, SUBJECTS[1])
    dialog = await opened(room)
    for scheme, tokens in (("dark", theme.DARK), ("light", theme.LIGHT)):
        theme.apply(qapp, scheme)  # type: ignore[arg-type]
        await room.until(lambda tokens=tokens: theme.tokens_for(dialog.plot.palette()) is tokens)  # type: ignore[misc]
        picture = dialog.plot.grab().toImage()
        scale = picture.devicePixelRatio()
        x, middle = round(dialog.plot.x_of(50) * scale), HEADER + ROW // 2
        mean, share = (picture.pixelColor(x, round((middle + away) * scale)) for away in (-7, 7))
        assert (mean, share) == (QColor(tokens.agent), QColor(tokens.user)), "both are 50 % on the first row"
        beside = picture.pixelColor(x + 12, round((middle - 7 - 6) * scale))
        assert beside == QColor(tokens.surface)
    dialog.close()


async def test_the_results_are_written_where_one_says(room: Room, tmp_path: Path) -> None:
    await judge(room, SUBJECTS[0])
    dialog = await opened(room)
    QTest.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    (chooser,) = dialog.findChildren(QFileDialog)
    path = tmp_path / "results.html"
    chooser.fileSelected.emit(str(path))
    await room.until(path.exists)
    await room.until(lambda: "results.html is written" in dialog.told.text())
    assert "Support call, version 1" in path.read_text()
    chooser.fileSelected.emit(str(tmp_path / "results.doc"))
    await room.until(lambda: ".csv, .xlsx or .html" in dialog.told.text())
    chooser.close()
    dialog.close()
    acts = {event.action for event in await room.app.audit.show()}
    assert acts >= {"results.read", "results.exported"}
