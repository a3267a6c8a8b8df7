"""How far several people agree: a line for all questions together, then each, the least agreed on first."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from qa_player.model.comparison import Comparison, Difference, Figures, PairFigures
from qa_player.model.scorecard import answer_text
from qa_player.ui.widgets.text import isolated, one_line, tooltip

_COLUMNS = ("Question", "Judged", "N/A", "Same", "κ", "α", "α ordinal", "α interval", "Spans F1", "Time shared")
_MEANING = (
    "",
    "Sessions that two people at least judged by it",
    "Judgements on them that say that it does not apply",
    "Pairs of judgements that are the same",
    "Cohen's kappa of each pair of people",
    "Krippendorff's alpha; that it does not apply is an answer like any other",
    "Krippendorff's alpha for ranks, of scales only",
    "Krippendorff's alpha for numbers, of scored scales only",
    "Moments of evidence that both mean, out of all",
    "Time that both marked, out of what at least one marked",
)
_ROW = 28


class AgreementTable(QTableWidget):
    """Read with the arrows; nothing in it is edited."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(_COLUMNS), parent)
        self.setAccessibleName("Agreement by question")
        self.setProperty("kind", "framed")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setHorizontalHeaderLabels(list(_COLUMNS))
        for column, meaning in enumerate(_MEANING):
            item = self.horizontalHeaderItem(column)
            if item is not None:
                item.setToolTip(tooltip(meaning))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def show_comparison(self, told: Comparison | None) -> None:
        """Null empties the table."""
        rows = [] if told is None else [("In all", told.overall)]
        if told is not None:
            rows += [(question.title, figures) for question, figures in told.least_agreed_first]
        self.setRowCount(len(rows))
        for line, (title, figures) in enumerate(rows):
            for column, words in enumerate((isolated(one_line(title)), *_cells(figures))):
                item = QTableWidgetItem(words)
                if column == 0:
                    item.setToolTip(tooltip(title))
                else:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if column == _COLUMNS.index("κ"):
                    item.setToolTip(tooltip("\n".join(map(_pair_words, figures.pairs))))
                self.setItem(line, column, item)
        if rows:
            self.setCurrentCell(0, 0)

    def as_text(self) -> str:
        """What a spreadsheet takes from the clipboard: a line each, columns apart by tabs."""
        lines = ["\t".join(_COLUMNS)]
        for row in range(self.rowCount()):
            cells = (self.item(row, column) for column in range(self.columnCount()))
            lines.append("\t".join("" if cell is None else cell.text() for cell in cells))
        return "\n".join(lines) + "\n"


def difference_words(one: Difference) -> str:
    """Which session, which question, and what each said."""
    said = [f"{name}: {answer_text(one.question, answer)}" for name, answer in one.said.items()]
    parts = [one.session.title or one.session.session_id, one.question.title, *said]
    return " · ".join(isolated(one_line(part)) for part in parts)


def _cells(figures: Figures) -> Iterator[str]:
    yield f"{figures.units:,}"
    yield str(figures.not_applicable) if figures.not_applicable else "–"
    yield _percent(figures.agreed.share)
    kappas = [pair.kappa for pair in figures.pairs if pair.kappa is not None]
    if len(kappas) > 1 and min(kappas) != max(kappas):
        yield f"{_number(min(kappas))} to {_number(max(kappas))}"
    else:
        yield _number(kappas[0] if kappas else None)
    yield from map(_number, (figures.alpha, figures.ordinal, figures.interval))
    yield _number(figures.spans.f1)
    yield _percent(figures.spans.overlap)


def _pair_words(pair: PairFigures) -> str:
    return f"{pair.first} and {pair.second}: {_percent(pair.share)} the same of {pair.units}, κ {_number(pair.kappa)}"


def _number(coefficient: Fraction | None) -> str:
    return "–" if coefficient is None else f"{float(coefficient):.2f}"


def _percent(share: Fraction | None) -> str:
    return "–" if share is None else f"{float(share):.0%}".replace("%", " %")
