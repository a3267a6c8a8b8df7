"""Samples in the window: what there is to draw from is said, what was drawn can be copied, and the list shows it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from parts import accessible
from parts.window import Room
from qa_player.formats.sample_words import sample_text
from qa_player.model.listing import SessionFilter
from qa_player.model.sample import Population, Rule, Strata
from qa_player.ui.dialogs.draw import DrawDialog
from qa_player.ui.dialogs.samples import SamplesDialog, whole_text


async def everything(room: Room) -> int:
    """How many sessions there are, once all of them are listed."""
    await room.until(lambda: not room.tasks.running("sessions-refresh") and not room.tasks.running("sessions-list"))
    return len(await room.app.library.numbers(SessionFilter()))


def front() -> QDialog | None:
    found = QApplication.activeModalWidget()
    return found if isinstance(found, QDialog) else None


async def asked(room: Room) -> DrawDialog:
    assert room.window.actions is not None
    room.window.actions["sample.draw"].trigger()
    await room.until(lambda: isinstance(front(), DrawDialog))
    dialog = front()
    assert isinstance(dialog, DrawDialog)
    await room.until(lambda: dialog.told.text() and not room.tasks.running("sample-outlook"))
    return dialog


async def told(room: Room) -> SamplesDialog:
    await room.until(lambda: isinstance(front(), SamplesDialog))
    dialog = front()
    assert isinstance(dialog, SamplesDialog)
    return dialog


async def test_a_sample_is_drawn_told_copied_and_shown_alone(room: Room) -> None:
    size = await everything(room)
    dialog = await asked(room)
    assert dialog.source.currentText() == "Every session kept here"
    assert dialog.told.text() == f"{size} sessions to draw from: 5 would be drawn."
    for name in ("From", "How", "How many", "Seed", "To be reviewed until", "What there is to draw from"):
        assert accessible.named(dialog, name), name
    proposed = dialog.seed.text()
    assert len(proposed) > 10
    dialog.count.setValue(3)
    await room.until(lambda: dialog.told.text().endswith("3 would be drawn."))
    dialog.seed.setText("week 48")
    dialog.due.setText("2031-03-05")
    QTest.keyClick(dialog.seed, Qt.Key.Key_Return)

    samples = await told(room)
    (sample,) = await room.app.queue.samples()
    assert (sample.seed, sample.count, sample.size, sample.population) == ("week 48", 3, size, Population())
    assert "seed week 48" in samples.list.item(0).text()
    assert sample_text(sample) in samples.text.toPlainText()
    await room.press(Qt.Key.Key_Return, on=samples.copy)
    assert QApplication.clipboard().text() == whole_text(sample)
    assert all(one.session_id in QApplication.clipboard().text() for one in sample.drawn)
    assert samples.told.text() == "Copied."
    assert {one.item.due_at is not None for one in await room.app.queue.all()} == {True}

    await room.press(Qt.Key.Key_Return, on=samples.list)
    await room.until(lambda: front() is None)
    rows, search = room.panels.sessions.list.sessions, room.panels.sessions.asked
    await room.until(lambda: rows.rowCount() == 3)
    assert room.panels.sessions.filter().sample_id == sample.sample_id
    chip = search.sample._chips[sample.sample_id]
    await room.until(lambda: chip.accessibleName() == "Sample: week 48")
    assert search.star.isEnabled(), "it can be kept like any other filter"
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    await room.until(lambda: rows.rowCount() == size)
    assert not search.sample.isVisible()


async def test_what_the_list_shows_is_drawn_from_and_by_a_rule(room: Room) -> None:
    size = await everything(room)
    await room.type("refund", room.panels.sessions.search)
    await room.until(lambda: 0 < room.panels.sessions.list.sessions.rowCount() < size)
    few = room.panels.sessions.list.sessions.rowCount()
    dialog = await asked(room)
    assert dialog.source.currentText() == "What the list shows: the sessions with “refund”"
    assert dialog.told.text().startswith(f"{few} session")
    dialog.source.setCurrentIndex(1)
    await room.until(lambda: dialog.told.text().startswith(f"{size} sessions"))
    dialog.source.setCurrentIndex(0)
    dialog.way.setCurrentIndex(dialog.way.findText("By chance, so many of each agent"))
    await room.until(lambda: dialog.told.text().startswith(f"{few} session") and "agent" in dialog.told.text())
    dialog.way.setCurrentIndex(dialog.way.findText("By rule: the longest first"))
    assert not dialog.seed.isEnabled()
    dialog.count.setValue(1)
    dialog.accept_button.click()
    samples = await told(room)
    (sample,) = await room.app.queue.samples()
    assert (sample.rule, sample.strata, sample.seed, sample.size) == (Rule.LONGEST, Strata.NONE, "", few)
    assert sample.population == Population(text="refund")
    assert "By rule, not by chance" in samples.text.toPlainText()
    samples.reject()


async def test_what_cannot_be_drawn_is_told_in_the_dialog_and_nothing_is_kept(room: Room) -> None:
    await everything(room)
    room.panels.sessions.search.setText("no such words anywhere")
    dialog = await asked(room)
    assert dialog.told.text() == "There is no session to draw from."
    dialog.accept_button.click()
    await room.until(lambda: "There is no session to draw from." in dialog.trouble.text())
    dialog.source.setCurrentIndex(1)
    dialog.seed.setText(" ")
    dialog.accept_button.click()
    assert "needs a seed" in dialog.trouble.text()
    dialog.seed.setText("x")
    dialog.due.setText("2001-01-01")
    dialog.accept_button.click()
    assert "This day is over." in dialog.trouble.text()
    dialog.reject()
    assert await room.app.queue.samples() == ()
    assert await room.app.queue.all() == ()


async def test_before_any_was_drawn_the_dialog_says_so_and_leads_on(room: Room) -> None:
    assert room.window.actions is not None
    room.window.actions["sample.list"].trigger()
    samples = await told(room)
    assert "No sample was drawn yet" in samples.heading.text()
    assert not samples.copy.isEnabled()
    assert not samples.show_these.isEnabled()
    QTest.mouseClick(samples.draw, Qt.MouseButton.LeftButton)
    await room.until(lambda: isinstance(front(), DrawDialog))
    dialog = front()
    assert dialog is not None
    dialog.reject()
