"""A moment to go to, written as one reads it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from qa_player.errors import UsageError
from qa_player.ui.dialogs.form import FormDialog
from qa_player.ui.widgets.times import clock, moment_ms


class GoToDialog(FormDialog):
    """``wanted(ms)`` when a moment of the recording was written; without a length every moment is one."""

    wanted = Signal(int)

    def __init__(self, position_ms: float, duration_ms: int | None, parent: QWidget) -> None:
        super().__init__("Go to", "Go there", parent)
        self._duration_ms = duration_ms
        self.moment = QLineEdit(clock(position_ms))
        self.moment.setMaxLength(40)
        self.moment.selectAll()
        end = "" if duration_ms is None else f" The recording ends at {clock(duration_ms)}."
        self.add_field("Moment", self.moment, hint=f"Minutes and seconds as 1:02.5, or seconds as 62.5.{end}")

    def go(self) -> None:
        at_ms = moment_ms(self.moment.text())
        if at_ms is None or (self._duration_ms is not None and at_ms > self._duration_ms):
            self.tell(UsageError("That is no moment of this recording.", "Write it as 1:02.5 or as 62.5."))
            self.moment.selectAll()
            return
        self.wanted.emit(at_ms)
        self.accept()
