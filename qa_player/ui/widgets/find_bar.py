"""The field that seeks in the transcript, with the count of what it found."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from qa_player.ui.widgets.text import Label

PAUSE_MS = 120


class FindBar(QWidget):
    """``query_changed(text)`` a moment after typing; ``step_wanted(1 or -1)`` for Enter, F3 and their Shift."""

    query_changed = Signal(str)
    step_wanted = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = _Field(self)
        self.field.setAccessibleName("Find in transcript")
        self.field.setPlaceholderText("Find in transcript")
        self.field.setClearButtonEnabled(True)
        self.field.setMaxLength(1_000)
        self._count = Label(kind="muted")
        self._count.setAccessibleName("Found")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        row.addWidget(self._count)
        self._count.hide()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._emit_query)
        self.field.textChanged.connect(lambda _: self._timer.start(PAUSE_MS))
        self.field.stepped.connect(self.step)
        self.field.left.connect(self.left)

    def step(self, by: int) -> None:
        """Go to the next or previous hit, seeking first what was typed just now."""
        if self._timer.isActive():
            self._timer.stop()
            self._emit_query()
        self.step_wanted.emit(by)

    def show_count(self, current: int, total: int) -> None:
        """``1 of 3``; ``current`` counts from 0 and is -1 before the first step."""
        if not self.field.text():
            words = ""
        elif total == 0:
            words = "not found"
        elif current < 0:
            words = f"{total:,} found"
        else:
            words = f"{current + 1:,} of {total:,}"
        self._count.show_text(words)
        self._count.setVisible(bool(words))
        self._count.setAccessibleDescription(words)

    def count_text(self) -> str:
        """What the count says."""
        return self._count.text()

    def take_focus(self) -> None:
        """Ready to type over what was sought before."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def _emit_query(self) -> None:
        self.query_changed.emit(self.field.text())


class _Field(QLineEdit):
    stepped = Signal(int)
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.stepped.emit(-1 if back else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
