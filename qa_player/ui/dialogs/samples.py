"""The samples that were drawn, each with all that anyone needs to draw it again, to be read and copied."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qa_player.formats.sample_words import sample_name, sample_text
from qa_player.model.sample import Sample
from qa_player.ui.widgets.text import Label, isolated, one_line, shown
from qa_player.ui.widgets.times import counted

_LINES_SHOWN = 1_000
_NONE = "No sample was drawn yet. Draw one: it goes into the queue, and anyone can draw it again."
_HEADING = "What stands below lets anyone draw the sample again from the same sessions."


class SamplesDialog(QDialog):
    """``show_wanted(Sample)``: the list of sessions is to show those alone. ``draw_wanted``: another one is wanted."""

    show_wanted = Signal(object)
    draw_wanted = Signal()

    def __init__(self, samples: Sequence[Sample], parent: QWidget, *, chosen: str = "") -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Samples")
        self.resize(680, 480)
        self._samples = tuple(reversed(samples))
        self.heading = Label(_HEADING if samples else _NONE, wrap=True)
        self.list = QListWidget()
        self.list.setProperty("kind", "framed")
        self.list.setAccessibleName("Samples, the newest first")
        for one in self._samples:
            words = f"{one_line(sample_name(one))} · {counted(len(one.drawn), 'session')} of {one.size:,}"
            self.list.addItem(isolated(words))
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName("How to draw it again")
        self.told = Label(kind="muted")
        self.copy = QPushButton("Copy")
        self.copy.setAccessibleName("Copy how to draw it again")
        self.show_these = QPushButton("Show these in the list")
        self.draw = QPushButton("Draw another…")
        self._lay_out()
        self.list.currentRowChanged.connect(self._show)
        self.list.doubleClicked.connect(lambda _: self._show_these())
        self.copy.clicked.connect(self._copy)
        self.show_these.clicked.connect(self._show_these)
        self.draw.clicked.connect(self._draw)
        ids = [one.sample_id for one in self._samples]
        self.list.setCurrentRow(ids.index(chosen) if chosen in ids else 0)
        self._show(self.list.currentRow())
        (self.show_these if samples else self.draw).setDefault(True)
        (self.list if samples else self.draw).setFocus(Qt.FocusReason.TabFocusReason)

    def _lay_out(self) -> None:
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        row = QHBoxLayout()
        for button in close.buttons():
            button.setIcon(QIcon())
        for button in (self.copy, self.show_these, self.draw):
            row.addWidget(button)
        row.addWidget(self.told, 1)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        column.addWidget(self.heading)
        column.addWidget(self.list, 1)
        column.addWidget(self.text, 2)
        column.addLayout(row)

    def _chosen(self) -> Sample | None:
        row = self.list.currentRow()
        return self._samples[row] if 0 <= row < len(self._samples) else None

    def _show(self, _row: int) -> None:
        sample = self._chosen()
        self.told.show_text("")
        self.copy.setEnabled(sample is not None)
        self.show_these.setEnabled(sample is not None)
        self.text.setPlainText("" if sample is None else shown(whole_text(sample, most=_LINES_SHOWN)))

    def _copy(self) -> None:
        sample = self._chosen()
        if sample is not None:
            QApplication.clipboard().setText(whole_text(sample))
            self.told.show_text("Copied.")

    def _show_these(self) -> None:
        sample = self._chosen()
        if sample is not None:
            self.show_wanted.emit(sample)
            self.accept()

    def _draw(self) -> None:
        self.accept()
        self.draw_wanted.emit()


def whole_text(sample: Sample, *, most: int | None = None) -> str:
    """How it was drawn, and below it what: a line ``connection TAB session id`` for each, at ``most`` so many."""
    lines = [f"{one.connection}\t{one.session_id}" for one in sample.drawn[:most]]
    left = len(sample.drawn) - len(lines)
    more = [f"… and {left:,} more, which Copy brings along"] if left else []
    return "\n".join((sample_text(sample), "", *lines, *more))
