"""A plot of figures in percent with their intervals: a row each, two marks at most; a table beside it says the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from qa_player.ui.theme import Tokens, figures, tokens_for
from qa_player.ui.widgets.text import isolated, one_line

ROW = 42
HEADER = 44
MARGIN = 16
_TICKS = (0, 25, 50, 75, 100)
_RADIUS = 4.5


class Mark(NamedTuple):
    """A figure from 0 to 100 and the ends of its interval; both null where nobody can tell them."""

    value: float
    low: float | None
    high: float | None


class PlotRow(NamedTuple):
    """``marks`` in the order of the plot's names; null where there is no such figure."""

    label: str
    marks: tuple[Mark | None, Mark | None]


class IntervalPlot(QWidget):
    """A disc and a diamond on lines as long as their intervals; told apart by colour, shape and height in the row.

    The axis stays at the upper edge of what is seen of it, `HEADER` high, so that it can stand beside a table.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[PlotRow] = ()
        self._names = ("", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Plot of the results")
        self.setAccessibleDescription("The table beside it says the same in figures.")

    def show_rows(self, rows: Sequence[PlotRow], names: tuple[str, str]) -> None:
        """``names`` are what the disc and the diamond stand for; an empty one is not in the legend."""
        self._rows, self._names = tuple(rows), names
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(420, HEADER + ROW * len(self._rows) + MARGIN)

    def x_of(self, percent: float) -> float:
        """Where a percentage lies, in pixels from the left edge."""
        left = self._label_width() + MARGIN
        return left + (self.width() - left - MARGIN) * percent / 100

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = tokens_for(self.palette())
        painter.fillRect(event.rect(), QColor(tokens.surface))
        self._paint_grid(painter, tokens)
        for number, row in enumerate(self._rows):
            top = HEADER + ROW * number
            if event.rect().intersects(QRect(0, top, self.width(), ROW)):
                self._paint_row(painter, tokens, row, top)
        painter.translate(0, max(self.visibleRegion().boundingRect().top(), 0))
        painter.fillRect(QRect(0, 0, self.width(), HEADER), QColor(tokens.surface))
        self._paint_axis(painter, tokens)
        self._paint_legend(painter, tokens)

    def _label_width(self) -> int:
        metrics = QFontMetrics(self.font())
        widest = max((metrics.horizontalAdvance(_shown(row.label)) for row in self._rows), default=0)
        return min(widest + MARGIN, self.width() * 2 // 5)

    def _paint_grid(self, painter: QPainter, tokens: Tokens) -> None:
        painter.setPen(QPen(QColor(tokens.border), 1))
        for tick in _TICKS:
            x = round(self.x_of(tick)) + 0.5
            painter.drawLine(QPointF(x, HEADER - 4), QPointF(x, HEADER + ROW * len(self._rows)))

    def _paint_axis(self, painter: QPainter, tokens: Tokens) -> None:
        painter.setFont(figures(self.font()))
        metrics = QFontMetrics(painter.font())
        for tick in _TICKS:
            x = self.x_of(tick)
            words = f"{tick} %" if tick in (0, 100) else str(tick)
            wide = metrics.horizontalAdvance(words)
            left = min(max(x - wide / 2, 0), self.width() - wide - 1)
            painter.setPen(QColor(tokens.muted))
            painter.drawText(QPointF(left, HEADER - 9), words)

    def _paint_legend(self, painter: QPainter, tokens: Tokens) -> None:
        painter.setFont(self.font())
        metrics = QFontMetrics(self.font())
        x = float(MARGIN)
        for which, name in enumerate(self._names):
            if name:
                _paint_mark(painter, QPointF(x, 11), which, QColor(_colours(tokens)[which]))
                painter.setPen(QColor(tokens.muted))
                painter.drawText(QPointF(x + 10, 11 + metrics.capHeight() / 2), name)
                x += 10 + metrics.horizontalAdvance(name) + 2 * MARGIN

    def _paint_row(self, painter: QPainter, tokens: Tokens, row: PlotRow, top: int) -> None:
        wide = self._label_width()
        painter.setFont(self.font())
        painter.setPen(QColor(tokens.text))
        words = QFontMetrics(self.font()).elidedText(_shown(row.label), Qt.TextElideMode.ElideRight, wide - MARGIN // 2)
        place = QRectF(MARGIN // 2, top, wide - MARGIN // 2, ROW)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), words)
        there = [which for which, mark in enumerate(row.marks) if mark is not None]
        for which in there:
            mark = row.marks[which]
            if mark is None:
                continue
            y = top + ROW / 2 + (0.0 if len(there) == 1 else (-7.0, 7.0)[which])
            colour = QColor(_colours(tokens)[which])
            if mark.low is not None and mark.high is not None:
                painter.setPen(QPen(colour, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
                painter.drawLine(QPointF(self.x_of(mark.low), y), QPointF(self.x_of(mark.high), y))
                for end in (mark.low, mark.high):
                    painter.drawLine(QPointF(self.x_of(end), y - 4), QPointF(self.x_of(end), y + 4))
            _paint_mark(painter, QPointF(self.x_of(mark.value), y), which, colour)


def _colours(tokens: Tokens) -> tuple[str, str]:
    return tokens.agent, tokens.user


def _paint_mark(painter: QPainter, at: QPointF, which: int, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    if which == 0:
        painter.drawEllipse(at, _RADIUS, _RADIUS)
        return
    reach = _RADIUS + 1
    corners = [(0.0, -reach), (reach, 0.0), (0.0, reach), (-reach, 0.0)]
    painter.drawPolygon(QPolygonF([at + QPointF(x, y) for x, y in corners]))


def _shown(label: str) -> str:
    return isolated(one_line(label))
