"""The stretches of audio that an answer or a reproach rests on: Enter or two clicks play one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QWidget

from qa_player.model.annotation import Span
from qa_player.ui.widgets.plain_list import PlainList
from qa_player.ui.widgets.text import isolated, one_line
from qa_player.ui.widgets.times import span_words

_LINES = 3.5


class EvidenceList(PlainList):
    """``wanted(Span)`` when one is to be heard."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Evidence", parent)
        self.chosen_row.connect(lambda _row: self.hear())

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), round(self.fontMetrics().height() * 1.7 * _LINES))

    def show_evidence(self, evidence: Sequence[tuple[Span, str]]) -> None:
        """Each stretch with a word on it: whose it is, what is said there."""
        row = self.currentRow()
        self.clear()
        for span, words in evidence:
            at = span_words(span.start_ms, span.end_ms, None)
            self.add_line(" · ".join(filter(None, (at, isolated(one_line(words))))), kept=span)
        if evidence:
            self.setCurrentRow(min(max(row, 0), len(evidence) - 1))

    def hear(self) -> None:
        """Ask for the one that the keys are on."""
        span = self.kept(self.currentRow()) if self.currentRow() >= 0 else None
        if isinstance(span, Span):
            self.wanted.emit(span)
