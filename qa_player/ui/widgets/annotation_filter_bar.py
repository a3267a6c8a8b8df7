"""Narrowing the annotations: words, and drop-downs of what there is to choose between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from qa_player.model.annotation import Annotation, AnnotationKind, Severity
from qa_player.model.annotation_filter import AnnotationFilter
from qa_player.ui.widgets.choice import Choice
from qa_player.ui.widgets.text import ValueLabel, one_line

_KINDS = tuple((f"{kind.value.capitalize()}s", kind) for kind in AnnotationKind)
_SEVERITIES = (*((severity.value.capitalize(), severity) for severity in reversed(Severity)), ("No severity", "none"))


class AnnotationFilterBar(QWidget):
    """``changed`` when another filter is in force, ``left`` when the person is done with it (Esc, Enter)."""

    changed = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = QLineEdit()
        self.text.setAccessibleName("Filter annotations")
        self.text.setPlaceholderText("Filter")
        self.text.setClearButtonEnabled(True)
        self.tag = _choice("Filter by tag")
        self.sort = _choice("Filter by severity or kind")
        self.author = _choice("Filter by author")
        self.count = ValueLabel("Shown annotations", kind="small")
        row, below = QHBoxLayout(), QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.text, 4)
        row.addWidget(self.tag, 3)
        row.addWidget(self.sort, 3)
        below.addWidget(self.author)
        below.addWidget(self.count, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(row)
        column.addLayout(below)
        self.count.hide()
        self.text.textChanged.connect(lambda _text: self.changed.emit())
        for choice in (self.tag, self.sort, self.author):
            choice.currentIndexChanged.connect(lambda _at: self.changed.emit())

    @property
    def filter(self) -> AnnotationFilter:
        """What is wanted now."""
        sort = self.sort.currentData()
        return AnnotationFilter(
            text=self.text.text().strip(),
            tag=self.tag.currentData(),
            severity=sort[1] if sort and sort[0] == "severity" else None,
            kind=sort[1] if sort and sort[0] == "kind" else None,
            author=self.author.currentData(),
        )

    def offer(self, annotations: Sequence[Annotation]) -> None:
        """Let one choose between what these have; what is chosen stays chosen, even where nothing has it any more."""
        tags = sorted({one.tag for one in annotations}, key=str.casefold)
        authors = sorted({one.author for one in annotations}, key=str.casefold)
        severities = {one.severity or "none" for one in annotations}
        kinds = {one.kind for one in annotations}
        sorts = [(words, ("severity", value)) for words, value in _SEVERITIES if value in severities]
        sorts += [(words, ("kind", value)) for words, value in _KINDS if value in kinds]
        _fill(self.tag, "All tags", [(one_line(tag), tag) for tag in tags])
        _fill(self.sort, "All kinds", sorts)
        _fill(self.author, "All authors", [(one_line(author), author) for author in authors])
        self.author.setVisible(self.author.count() > 2)

    def take_focus(self) -> None:
        """The keys to the words, where the bar is shown."""
        if self.isVisible():
            self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.text.selectAll()

    def clear(self) -> None:
        """Show all again."""
        self.text.clear()
        for choice in (self.tag, self.sort, self.author):
            choice.setCurrentIndex(0)

    def show_count(self, shown: int, of: int) -> None:
        """How many are left of how many."""
        self.count.setVisible(bool(self.filter))
        self.count.show_value(f"{shown:,} of {of:,}", text=f"{shown:,} of {of:,} shown")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left.emit()
        else:
            super().keyPressEvent(event)


def _choice(name: str) -> Choice:
    choice = Choice(name)
    choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    choice.setMinimumContentsLength(4)
    return choice


def _fill(choice: Choice, everything: str, entries: Sequence[tuple[str, Any]]) -> None:
    chosen = (choice.currentText(), choice.currentData())
    if chosen[1] is not None and chosen not in entries:
        entries = [*entries, chosen]
    wanted = [(everything, None), *entries]
    if wanted == [(choice.itemText(at), choice.itemData(at)) for at in range(choice.count())]:
        return
    choice.blockSignals(True)
    choice.clear()
    for words, value in wanted:
        choice.addItem(words, value)
    choice.setCurrentIndex(next(at for at, (_, value) in enumerate(wanted) if value == chosen[1]))
    choice.blockSignals(False)
