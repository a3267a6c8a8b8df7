"""Other words for what stands there already: written below it, kept with Enter, left with Esc."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from qa_player.ui.widgets.text import Label, one_line

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
LONGEST_HEADING = 160
_LEAST, _MOST = 44, 62


class WordsEditor(QFrame):
    """``kept(subject, words)`` on Enter or the button, ``left(subject)`` on Esc, ``changed(subject)`` at every key."""

    kept = Signal(str, str)
    left = Signal(str)
    changed = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """``name`` is that of the field, for who does not see it."""
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.setProperty("tone", "accent")
        self.subject = ""
        self._before = ""
        self.heading = Label(kind="small", wrap=True)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(name)
        self.text.setTabChangesFocus(True)
        self.text.setMinimumHeight(_LEAST)
        self.text.setMaximumHeight(_MOST)
        self.text.textChanged.connect(lambda: self.changed.emit(self.subject))
        self.text.installEventFilter(self)
        self.keep, self.cancel = QPushButton("Keep"), QPushButton("Cancel")
        self.keep.setProperty("kind", "primary")
        for button, words, hint in (
            (self.keep, f"Keep: {name}", "Keep these words (Enter)"),
            (self.cancel, f"Cancel: {name}", "Leave it as it was (Esc)"),
        ):
            button.setAccessibleName(words)
            button.setToolTip(hint)
        self.keep.clicked.connect(lambda _=False: self._keep())
        self.cancel.clicked.connect(lambda _=False: self.left.emit(self.subject))
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(Label("Enter keeps · Esc leaves", kind="small"), 1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.keep)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 10, 10)
        column.setSpacing(6)
        column.addWidget(self.heading)
        column.addWidget(self.text)
        column.addLayout(buttons)
        self.setTabOrder(self.text, self.keep)
        self.setTabOrder(self.keep, self.cancel)

    def begin(self, subject: str, *, heading: str, before: str, words: str) -> None:
        """Write on ``words`` about ``subject``; ``before`` is what stands there now."""
        self.subject, self._before = subject, before
        told = one_line(heading)
        self.heading.show_text(told if len(told) <= LONGEST_HEADING else f"{told[:LONGEST_HEADING]}…")
        self.text.setPlainText(words)
        self.show()

    def take_focus(self) -> None:
        """The keys to the words, all of them chosen."""
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)
        self.text.selectAll()

    def written(self) -> str:
        """The words as they stand now."""
        return self.text.toPlainText()

    def touched(self) -> bool:
        """Whether they are others than before."""
        return self.written() != self._before

    def _keep(self) -> None:
        self.kept.emit(self.subject, self.written())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter and Esc mean the same wherever the window has commands for them."""
        if not isinstance(event, QKeyEvent) or event.key() not in (*_ENTER, Qt.Key.Key_Escape):
            return super().eventFilter(watched, event)
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.left.emit(self.subject)
            else:
                self._keep()
            return True
        return False
