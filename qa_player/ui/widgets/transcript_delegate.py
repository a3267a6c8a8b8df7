"""Paints one turn: its time, who speaks, the wrapped text with what was found in it, and what annotations say."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from qa_player.model.transcript import Role
from qa_player.ui.theme import Tokens, figures, mix, tokens_for
from qa_player.ui.widgets.text import one_line, utf16_offset
from qa_player.ui.widgets.text_layout import LEADING, height_of, laid_out
from qa_player.ui.widgets.transcript_model import TranscriptModel

EDGE, GAP, ABOVE = 10, 12, 9
BESIDE_BAR = 5
LAYOUTS_KEPT = 200
QUIET = (Role.TOOL, Role.SYSTEM)
"""What nobody said: it is read where it stands, and does not speak up."""


@dataclass(frozen=True)
class Columns:
    """Where the columns of a row lie, in pixels from its left."""

    role: int
    text: int
    text_width: int
    """Beside a mark."""
    whole_width: int
    """Where there is none."""
    mark: int
    mark_width: int


class TranscriptDelegate(QStyledItemDelegate):
    """Keeps the text layouts of the rows that were shown last; `estimates` costs no layout at all."""

    def __init__(self, model: TranscriptModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model, self._widget = model, parent
        self._layouts: OrderedDict[int, tuple[str, int, QTextLayout]] = OrderedDict()
        self.refresh()

    def refresh(self) -> None:
        """Take over the widget's font, as at the start and whenever it changes."""
        self._layouts.clear()
        self._font = QFont(self._widget.font())
        self._bold = QFont(self._font)
        self._bold.setWeight(QFont.Weight.DemiBold)
        self._figures = figures(self._font)
        self._metrics = QFontMetrics(self._font)
        self._line = self._metrics.height()

    def columns(self, width: int) -> Columns:
        """The columns of rows that are ``width`` pixels wide."""
        digits = QFontMetrics(self._figures).horizontalAdvance("0:00:00.00" if self._model.has_hours else "00:00.00")
        bold = QFontMetrics(self._bold)
        widest = max((bold.horizontalAdvance(name) for name in self._model.speakers()), default=0)
        role_width = min(max(widest + 6, 60), 140 if width > 420 else 70)
        mark_width = 116 if width > 520 else 70
        role = EDGE + digits + GAP
        text = role + role_width + GAP
        right = width - EDGE - BESIDE_BAR
        mark = right - mark_width
        return Columns(role, text, max(mark - GAP - text, 60), max(right - text, 60), mark, mark_width)

    def estimates(self, width: int) -> list[int]:
        """Heights from the lengths of the texts alone."""
        per_line = max(self.columns(width).whole_width / max(self._metrics.averageCharWidth(), 1), 4)
        line, around = round(self._line * LEADING), 2 * ABOVE
        return [around + line * (1 + int(length / per_line)) for length in self._model.lengths()]

    def measure(self, row: int, width: int) -> int:
        """The exact height, from the layout that will be painted."""
        layout = self._layout(row, self._text_width(row, self.columns(width)))
        mark = self._model.mark_of(row)
        beside = 2 if mark is not None and mark.below else 1
        return max(beside * self._line, height_of(layout)) + 2 * ABOVE

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(option.rect.width(), self.measure(index.row(), max(option.rect.width(), 200)))

    def _text_width(self, row: int, columns: Columns) -> int:
        return columns.whole_width if self._model.mark_of(row) is None else columns.text_width

    def _layout(self, row: int, width: int) -> QTextLayout:
        text = self._model.texts[row]
        kept = self._layouts.get(row)
        if kept is not None and kept[0] is text and kept[1] == width:
            self._layouts.move_to_end(row)
            return kept[2]
        layout = laid_out(text, self._font, width)
        self._layouts[row] = (text, width, layout)
        if len(self._layouts) > LAYOUTS_KEPT:
            self._layouts.popitem(last=False)
        return layout

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row, rect = index.row(), option.rect
        tokens, columns = tokens_for(option.palette), self.columns(rect.width())
        painter.save()
        painter.setClipRect(rect)
        self._paint_ground(painter, option, row, tokens)
        top = rect.top() + ABOVE
        painter.setFont(self._figures)
        painter.setPen(QColor(tokens.muted))
        painter.drawText(
            EDGE, top, columns.role - EDGE, self._line, Qt.AlignmentFlag.AlignVCenter, self._model.time_of(row)
        )
        painter.setFont(self._bold)
        painter.setPen(QColor(tokens.role_text(self._model.turns[row].role)))
        room = columns.text - GAP - columns.role
        name = QFontMetrics(self._bold).elidedText(
            one_line(self._model.name_of(row)), Qt.TextElideMode.ElideRight, room
        )
        painter.drawText(columns.role, top, room, self._line, Qt.AlignmentFlag.AlignVCenter, name)
        quiet = self._model.turns[row].role in QUIET
        painter.setPen(QColor(tokens.muted if quiet else tokens.text))
        layout = self._layout(row, self._text_width(row, columns))
        looks = self._received(row, tokens) + self._found(row, tokens)
        layout.draw(painter, QPointF(columns.text, top), looks)
        self._paint_mark(painter, row, QRect(columns.mark, top, columns.mark_width, self._line), tokens)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, row: int, tokens: Tokens) -> None:
        rect, active = option.rect, self._model.active
        if row in active:
            primary = row == active[0]
            painter.fillRect(rect, QColor(tokens.selected) if primary else mix(tokens.selected, tokens.surface, 0.6))
            bar = QColor(tokens.accent) if primary else mix(tokens.accent, tokens.surface, 0.45)
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), bar)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(tokens.field))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))

    def _received(self, row: int, tokens: Tokens) -> list[QTextLayout.FormatRange]:
        """Below a correction, what the provider heard is read after it."""
        start = self._model.received_from(row)
        if start is None:
            return []
        text = self._model.texts[row]
        received = QTextLayout.FormatRange()
        received.start = utf16_offset(text, start)
        received.length = utf16_offset(text, len(text)) - received.start
        look = QTextCharFormat()
        look.setForeground(QColor(tokens.muted))
        received.format = look
        return [received]

    def _found(self, row: int, tokens: Tokens) -> list[QTextLayout.FormatRange]:
        text, ranges = self._model.texts[row], []
        for hit, current in self._model.hits_in(row):
            found = QTextLayout.FormatRange()
            found.start = utf16_offset(text, hit.start)
            found.length = utf16_offset(text, hit.end) - utf16_offset(text, hit.start)
            look = QTextCharFormat()
            look.setBackground(QColor(tokens.accent if current else tokens.highlight))
            look.setForeground(QColor(tokens.on_accent if current else tokens.on_highlight))
            found.format = look
            ranges.append(found)
        return ranges

    def _paint_mark(self, painter: QPainter, row: int, rect: QRect, tokens: Tokens) -> None:
        mark = self._model.mark_of(row)
        if mark is None:
            return
        painter.setFont(self._font)
        painter.setPen(QColor(tokens.severity(mark.severity) if mark.annotated else tokens.muted))
        words = f"⚑ {mark.words}" if mark.annotated else mark.words
        self._paint_beside(painter, rect, words)
        if mark.below:
            painter.setPen(QColor(tokens.muted))
            self._paint_beside(painter, rect.translated(0, self._line), mark.below)

    def _paint_beside(self, painter: QPainter, rect: QRect, words: str) -> None:
        cut = self._metrics.elidedText(one_line(words), Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), cut)
