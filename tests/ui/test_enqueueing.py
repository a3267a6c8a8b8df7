"""The queue by hand: by the menu of a row, by the menu bar and by keys, on the row one is on or on the open session."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from parts.window import Room
from qa_player.errors import UsageError
from qa_player.model.queue import Queued
from qa_player.model.scorecard import Answer
from qa_player.ui.dialogs.due import DueDialog, end_of

FIRST, SECOND = "Cancel the add-on", "Refund status"
BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


async def on_row(room: Room, subject: str) -> int:
    """The keys on the row of that subject, which is not opened by it."""
    listed = room.panels.sessions.list
    room.shell.activateWindow()
    await room.until(lambda: QApplication.activeWindow() is room.shell)
    await room.until(lambda: any(subject in listed.sessions.row_text(at) for at in range(listed.sessions.rowCount())))
    at = next(at for at in range(listed.sessions.rowCount()) if subject in listed.sessions.row_text(at))
    listed.setFocus()
    await room.until(listed.hasFocus)
    listed.setCurrentIndex(listed.sessions.index(at, 0))
    return at


def text_of(room: Room, subject: str) -> str:
    rows = room.panels.sessions.list.sessions
    return next((text for at in range(rows.rowCount()) if subject in (text := rows.row_text(at))), "")


async def menu_of(room: Room, subject: str) -> QMenu:
    at = await on_row(room, subject)
    listed = room.panels.sessions.list
    place: QPoint = listed.visualRect(listed.sessions.index(at, 0)).center()
    listed.customContextMenuRequested.emit(place)
    await room.until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


async def pick(room: Room, subject: str, words: str) -> None:
    menu = await menu_of(room, subject)
    action = next(one for one in menu.actions() if one.text() == words)
    menu.setActiveAction(action)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    await room.until(lambda: not room.tasks.running("save-queue"))


async def queue(room: Room) -> list[Queued]:
    return list(await room.app.queue.all())


async def test_a_row_is_put_into_the_queue_and_taken_out_by_its_menu(room: Room) -> None:
    await room.open(SECOND)
    await pick(room, FIRST, "Put into the queue")
    assert room.panels.messages.text() == f"“{FIRST}” is in the queue."
    assert [one.session.title for one in await queue(room) if one.session] == [FIRST], "the row, not what is open"
    await room.until(lambda: "queued · " in text_of(room, FIRST) and "queued" not in text_of(room, SECOND))
    menu = await menu_of(room, FIRST)
    assert [one.text() for one in menu.actions() if one.text()] == ["Open", "Take out of the queue", "Due…"]
    menu.close()
    await pick(room, FIRST, "Take out of the queue")
    assert "is out of the queue" in room.panels.messages.text()
    assert await queue(room) == []
    await room.until(lambda: "queued" not in text_of(room, FIRST))
    actions = [event.action for event in await room.app.audit.show()]
    assert [one for one in actions if one.startswith("queue.")] == ["queue.added", "queue.removed"]


async def test_from_the_transcript_the_open_session_is_meant(room: Room) -> None:
    await room.open(SECOND)
    await on_row(room, FIRST)
    await room.press(Qt.Key.Key_Q, BOTH, on=room.panels.transcript.view)
    await room.until(lambda: room.panels.messages.text() == f"“{SECOND}” is in the queue.")
    await room.press(Qt.Key.Key_Q, BOTH, on=room.panels.transcript.view)
    await room.until(lambda: room.panels.messages.text() == f"“{SECOND}” was in the queue already.")
    await room.until(lambda: room.panels.status.queue.text().startswith("1 of 1 in the queue"))
    assert room.window.actions is not None
    room.window.actions["queue.remove"].trigger()
    await room.until(lambda: "is out of the queue" in room.panels.messages.text())
    await room.until(lambda: room.panels.status.queue.text() == "")
    room.window.actions["queue.remove"].trigger()
    await room.until(lambda: "This session is not in the queue." in room.panels.messages.text())
    assert [error.kind for error in room.troubles] == ["not_found_or_forbidden"]


async def due_dialog(room: Room, subject: str) -> DueDialog:
    at = await on_row(room, subject)
    assert at >= 0
    await room.press(Qt.Key.Key_D, BOTH)
    await room.until(lambda: isinstance(QApplication.activeModalWidget(), DueDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, DueDialog)
    await room.until(dialog.day.hasFocus)
    return dialog


async def test_until_when_it_is_due_is_said_changed_and_taken_back_by_keys(room: Room) -> None:
    dialog = await due_dialog(room, FIRST)
    assert dialog.windowTitle() == f"Due: {FIRST}"
    QTest.keyClicks(dialog.day, "soon")
    QTest.keyClick(dialog.day, Qt.Key.Key_Return)
    assert "This is not a day." in dialog.trouble.text()
    assert await queue(room) == []
    dialog.day.setText("2031-03-05")
    QTest.keyClick(dialog.day, Qt.Key.Key_Return)
    await room.until(lambda: room.panels.messages.text() == f"“{FIRST}” is due on 5 Mar.")
    (one,) = await queue(room)
    assert one.item.due_at == datetime(2031, 3, 5, 23, 59, 59, 999_000).astimezone()
    await room.until(lambda: "due 5 Mar" in text_of(room, FIRST))

    dialog = await due_dialog(room, FIRST)
    assert dialog.day.text() == "2031-03-05"
    dialog.day.clear()
    QTest.keyClick(dialog.day, Qt.Key.Key_Return)
    await room.until(lambda: "without a day" in room.panels.messages.text())
    assert [one.item.due_at for one in await queue(room)] == [None]
    await room.until(lambda: "queued" in text_of(room, FIRST))
    acts = [event for event in await room.app.audit.show() if event.action.startswith("queue.")]
    assert [(event.action, dict(event.detail)) for event in acts] == [
        ("queue.added", {}),
        ("queue.due_set", {"due_at": None}),
    ]


async def test_once_the_last_session_is_done_the_line_says_so(room: Room) -> None:
    await room.open(FIRST)
    await room.press(Qt.Key.Key_Q, BOTH)
    line = room.panels.status.queue
    await room.until(lambda: line.text().startswith("1 of 1 in the queue, "))
    form = await room.app.forms.named("support-call")
    best = [
        Answer(question_id=one.question_id, option_id=max(one.options, key=lambda option: option.score or 0).option_id)
        if one.options
        else Answer(question_id=one.question_id, text="well")
        for one in form.questions()
    ]
    await room.app.scoring.take(form, best)
    await room.until(lambda: line.text() == "1 of 1 in the queue done")


TODAY = date(2026, 12, 2)


@pytest.mark.parametrize(
    ("text", "day"), [("2026-12-02", TODAY), (" +0 ", TODAY), ("+30", TODAY + timedelta(days=30)), ("", None)]
)
def test_a_day_is_read(text: str, day: date | None) -> None:
    end = end_of(text, TODAY)
    assert (None if end is None else end.date()) == day


@pytest.mark.parametrize("text", ["soon", "2026-02-30", "+x", "2026-12-01", "+-1", "9999-12-31", "+99999999999"])
def test_what_is_no_day_to_come_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        end_of(text, TODAY)
