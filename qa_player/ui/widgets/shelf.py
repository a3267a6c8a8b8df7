"""A shelf of things that are shared as files: what is there, what is in the chosen one, and what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QPlainTextEdit, QPushButton, QSplitter, QVBoxLayout, QWidget

from qa_player.ui.widgets.text import isolated, one_line


class Shelf(QWidget):
    """``chosen(row)``, -1 for none. ``take_in`` and ``write`` are its buttons; `add_button` gives it others."""

    chosen = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QListWidget()
        self.list.setProperty("kind", "framed")
        self.list.setAccessibleName(name)
        self.about = QPlainTextEdit()
        self.about.setReadOnly(True)
        self.about.setTabChangesFocus(True)
        self.about.setAccessibleName("What is in it")
        both = QSplitter(Qt.Orientation.Horizontal)
        both.setChildrenCollapsible(False)
        both.addWidget(self.list)
        both.addWidget(self.about)
        both.setHandleWidth(10)
        both.setSizes([260, 440])
        self._buttons = QHBoxLayout()
        self._buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(12)
        column.addWidget(both, 1)
        column.addLayout(self._buttons)
        self.take_in = self.add_button("Take in a file…")
        self.write = self.add_button("Write to a file…")
        self.list.currentRowChanged.connect(self.chosen)

    def add_button(self, words: str) -> QPushButton:
        """One more button, at the right of those there are."""
        button = QPushButton(words)
        self._buttons.insertWidget(self._buttons.count() - 1, button)
        return button

    def show_items(self, items: Sequence[str], at: int) -> None:
        """These are there, the cursor is on ``at``."""
        self.list.blockSignals(True)
        self.list.clear()
        self.list.addItems([isolated(one_line(words)) for words in items])
        self.list.setCurrentRow(at)
        self.list.blockSignals(False)
        self.write.setEnabled(bool(items))
        self.chosen.emit(self.list.currentRow())

    def show_about(self, lines: Iterable[str]) -> None:
        """What is in the chosen one, a line each, whatever stands in them."""
        self.about.setPlainText("\n".join(map(one_line, lines)))
