"""Annotations whose words changed: each with what was said then and what is said now, moved only when one says so."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QFont, QTextCharFormat
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QPushButton,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from qa_player.services.reanchoring import Displaced, Found, difference
from qa_player.ui.theme import tokens_for
from qa_player.ui.widgets.annotation_list import place_words
from qa_player.ui.widgets.text import Label, isolated, one_line, shown

_WORDS = {
    Found.ELSEWHERE: "The same words are turn {turn} now.",
    Found.REWORDED: "Turn {turn} says nearly this now. What is gone is struck out, what is new is underlined.",
    Found.NOWHERE: "These words are nowhere in the transcript now. The annotation keeps its time and these words.",
}


class DisplacedDialog(QDialog):
    """``move_wanted(tuple of Displaced)`` when the person agrees; moving them is not the dialog's."""

    move_wanted = Signal(object)

    def __init__(self, displaced: Sequence[Displaced], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Annotations whose words changed")
        self.resize(620, 460)
        self._displaced: tuple[Displaced, ...] = ()
        self.heading = Label(wrap=True)
        self.list = QListWidget()
        self.list.setAccessibleName("Annotations whose words changed")
        self.about = Label(wrap=True, kind="muted")
        self.words = QTextEdit()
        self.words.setReadOnly(True)
        self.words.setTabChangesFocus(True)
        self.words.setAccessibleName("What was said then and is said now")
        self.take = QPushButton("Take it there")
        self.take_all = QPushButton("Take all with the same words")
        self._lay_out()
        self.list.currentRowChanged.connect(self._show)
        self.take.clicked.connect(self._take_one)
        self.take_all.clicked.connect(self._take_all)
        self.show_displaced(displaced)

    def _lay_out(self) -> None:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self.take)
        row.addWidget(self.take_all)
        row.addStretch(1)
        row.addWidget(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        column.addWidget(self.heading)
        column.addWidget(self.list, 1)
        column.addWidget(self.about)
        column.addWidget(self.words, 1)
        column.addLayout(row)

    def show_displaced(self, displaced: Sequence[Displaced]) -> None:
        """These are left; the dialog closes itself when none is."""
        row = max(self.list.currentRow(), 0)
        self._displaced = tuple(displaced)
        if not displaced:
            self.accept()
            return
        self.heading.show_text("The transcript changed since these were made. Nothing was moved.")
        self.list.clear()
        for one in displaced:
            words = (one_line(one.annotation.tag), place_words(one.annotation), f"words {one.found.value}")
            self.list.addItem(" · ".join(map(isolated, words)))
        self.take_all.setEnabled(any(one.found is Found.ELSEWHERE for one in displaced))
        self.list.setCurrentRow(min(row, len(displaced) - 1))

    def _show(self, row: int) -> None:
        one = self._displaced[row] if 0 <= row < len(self._displaced) else None
        self.take.setEnabled(one is not None and one.turn is not None)
        self.words.clear()
        if one is None:
            return
        turn = "" if one.turn is None else one.turn.index
        self.about.show_text(_WORDS[one.found].format(turn=turn))
        now = one.annotation.quote if one.turn is None else one.turn.text
        tokens, cursor = tokens_for(self.palette()), self.words.textCursor()
        for kind, words in difference(one.annotation.quote, now):
            look = QTextCharFormat()
            look.setFontStrikeOut(kind == "gone")
            look.setFontUnderline(kind == "new")
            look.setFontWeight(QFont.Weight.DemiBold if kind == "new" else QFont.Weight.Normal)
            look.setForeground(QColor(tokens.critical if kind == "gone" else tokens.text))
            cursor.insertText(f"{shown(words)} ", look)

    def _take_one(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._displaced) and self._displaced[row].turn is not None:
            self.move_wanted.emit((self._displaced[row],))

    def _take_all(self) -> None:
        self.move_wanted.emit(tuple(one for one in self._displaced if one.found is Found.ELSEWHERE))
