"""Until when a session of the queue is to be reviewed: a day, or none."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from qa_player.errors import UsageError
from qa_player.ui.dialogs.form import FormDialog

_LATEST = 2199
HINT = "A day as 2026-12-05, or +3 for in three days; empty for none. It counts to its end."


class DueDialog(FormDialog):
    """``wanted(datetime or null)``: the end of the day, as the clock on the wall has it."""

    wanted = Signal(object)

    def __init__(self, what: str, due_at: datetime | None, parent: QWidget) -> None:
        super().__init__(f"Due: {what}", "Keep", parent)
        self.day = QLineEdit("" if due_at is None else due_at.astimezone().date().isoformat())
        self.day.setMaxLength(20)
        self.day.setPlaceholderText("No day")
        self.day.selectAll()
        self.add_field("To be reviewed until", self.day, hint=HINT)

    def go(self) -> None:
        try:
            due_at = end_of(self.day.text(), datetime.now().astimezone().date())
        except UsageError as error:
            self.tell(error)
        else:
            self.wanted.emit(due_at)
            self.accept()


def end_of(text: str, today: date) -> datetime | None:
    """The last moment of the day that ``text`` names, null for no day. Raises UsageError for what is no day and for a
    day that is over.

    >>> end_of(" ", date(2026, 12, 2)) is None, end_of("+3", date(2026, 12, 2)).date().isoformat()
    (True, '2026-12-05')
    """
    told = text.strip()
    if not told:
        return None
    try:
        day = today + timedelta(days=int(told)) if told.startswith("+") else date.fromisoformat(told)
    except (ValueError, OverflowError):
        raise UsageError("This is not a day.", "Write it as 2026-12-05, or +3 for in three days.") from None
    if day < today:
        raise UsageError("This day is over.", "Name today or a day to come, or leave it empty.")
    if day.year > _LATEST:
        raise UsageError("This day is too far away.", "Name a day in this century.")
    return (datetime.combine(day, datetime.min.time()) + timedelta(days=1, milliseconds=-1)).astimezone()
