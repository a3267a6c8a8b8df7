"""The list of sessions in rows of two lines under the headings of their days."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from qa_player.model.listing import SessionRow
from qa_player.ui.theme import Tokens, figures, mix, tokens_for
from qa_player.ui.widgets.icons import icon
from qa_player.ui.widgets.rows_view import RowsView
from qa_player.ui.widgets.session_model import SessionModel, deadline_tone, deadline_words, pill_icon
from qa_player.ui.widgets.text import isolated, one_line

EDGE = 12
ICON = 11
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class SessionDelegate(QStyledItemDelegate):
    """Paints title, time, where it comes from, its deadline and its state."""

    def __init__(self, model: SessionModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model, self._widget = model, parent

    def _metrics(self) -> tuple[int, int]:
        """The heights of a row and of a day's heading."""
        line = QFontMetrics(self._widget.font()).height()
        return 2 * line + 22, line + 12

    def estimates(self, _width: int) -> list[int]:
        """Rows without headings; the rest is seen when the row is here."""
        row, heading = self._metrics()
        heights = [row] * self._model.rowCount()
        if heights and self._model.by_day:
            heights[0] += heading
        return heights

    def measure(self, row: int, _width: int) -> int:
        """With the heading, where a day begins."""
        height, heading = self._metrics()
        return height + (heading if self._model.heading(row) else 0)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(option.rect.width(), self.measure(index.row(), option.rect.width()))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens, rect = tokens_for(option.palette), QRect(option.rect)
        heading = self._model.heading(index.row())
        painter.save()
        painter.setClipRect(rect)
        if heading:
            tall = self._metrics()[1]
            self._paint_heading(painter, QRect(rect.left(), rect.top(), rect.width(), tall), heading, tokens)
            rect.setTop(rect.top() + tall)
        self._paint_ground(painter, option, rect, tokens)
        row = self._model.row(index.row())
        if row is None:
            painter.setPen(QColor(tokens.muted))
            painter.drawText(rect.adjusted(EDGE, 0, -EDGE, 0), int(_LEFT), "Loading …")
        else:
            self._paint_row(painter, rect.adjusted(EDGE, 9, -EDGE, -9), row, tokens)
        painter.restore()

    def _paint_heading(self, painter: QPainter, rect: QRect, heading: str, tokens: Tokens) -> None:
        painter.setFont(_smaller(self._widget.font()))
        painter.setPen(QColor(tokens.muted))
        painter.drawText(rect.adjusted(EDGE, 0, -EDGE, 0), int(_LEFT), heading)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(tokens.border))

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, tokens: Tokens) -> None:
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(tokens.selected))
            painter.fillRect(rect.left(), rect.top(), 3, rect.height(), QColor(tokens.accent))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(tokens.field))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(tokens.border))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.drawRoundedRect(rect.adjusted(2, 2, -3, -3), 4, 4)

    def _paint_row(self, painter: QPainter, rect: QRect, row: SessionRow, tokens: Tokens) -> None:
        session, font = row.session, self._widget.font()
        line = QFontMetrics(font).height()
        first = QRect(rect.left(), rect.top(), rect.width(), line)
        second = QRect(rect.left(), rect.bottom() + 1 - line, rect.width(), line)
        painter.setFont(figures(font))
        painter.setPen(QColor(tokens.muted))
        time = self._model.time_text(session)
        painter.drawText(first, int(_RIGHT), time)
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        painter.setPen(QColor(tokens.text))
        room = first.adjusted(0, 0, -QFontMetrics(font).horizontalAdvance(time) - 10, 0)
        _draw_cut(painter, room, isolated(one_line(session.title or session.session_id)))
        words, tone = self._model.pill(row)
        left = self._paint_pill(
            painter,
            second,
            words,
            tone=tone,
            icon_name=pill_icon(row) if self._model.lasts_ms(session) is None else "",
            tokens=tokens,
        )
        painter.setFont(_smaller(font))
        painter.setPen(QColor(tokens.muted))
        room = QRect(second.left(), second.top(), left - 8 - second.left(), line)
        now = self._model.time_at(session.connection)
        deadline = deadline_words(session, now)
        if deadline:
            width = painter.fontMetrics().horizontalAdvance(deadline)
            painter.setPen(QColor(getattr(tokens, deadline_tone(session, now))))
            painter.drawText(room, int(_RIGHT), deadline)
            painter.setPen(QColor(tokens.muted))
            room.setRight(room.right() - width - 8)
        _draw_cut(painter, room, self._model.second_line(row))

    def _paint_pill(
        self, painter: QPainter, line: QRect, words: str, *, tone: str, icon_name: str, tokens: Tokens
    ) -> int:
        """The state at the right end of ``line``; returns where it begins."""
        font = _smaller(self._widget.font(), 0.85)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        side = ICON + 3 if icon_name else 0
        width, height = metrics.horizontalAdvance(words) + 16 + side, metrics.height() + 3
        box = QRect(line.right() + 1 - width, line.center().y() - height // 2, width, height)
        colour = QColor(getattr(tokens, tone))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour if tone != "muted" else mix(tokens.muted, tokens.surface, 0.6), 1))
        painter.drawRoundedRect(box.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), height / 2, height / 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(colour)
        if icon_name:
            place = QRect(box.left() + 7, box.center().y() - ICON // 2 + 1, ICON, ICON)
            icon(icon_name, colour.name(), size=ICON).paint(painter, place)
        painter.drawText(box.adjusted(side, 0, 0, 0), int(Qt.AlignmentFlag.AlignCenter), words)
        return box.left()


class SessionList(RowsView):
    """``session_chosen(row)``: Enter or a click on a session that is here."""

    session_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Sessions")
        self.sessions = SessionModel(self)
        self.setItemDelegate(SessionDelegate(self.sessions, self))
        self.setModel(self.sessions)
        self.sessions.dataChanged.connect(self._rows_came)
        self.row_chosen.connect(self._chosen)

    def show_numbers(self, numbers: Sequence[int], *, by_day: bool) -> None:
        """List these. The cursor stays on its session, or is on the first where the keys go and it is on none."""
        before, here = self.sessions.numbers, self.currentIndex().row()
        self.sessions.show_numbers(numbers, by_day=by_day)
        kept = before[here] if 0 <= here < len(before) else None
        row = self.sessions.numbers.index(kept) if kept in self.sessions.numbers else 0
        if self.sessions.rowCount() and (kept is not None or self.hasFocus()):
            index = self.sessions.index(row, 0)
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)

    def step(self, by: int) -> None:
        """Choose the session before or after the one that is selected."""
        rows = self.sessions.rowCount()
        at = min(max(self.currentIndex().row() + by, 0), rows - 1)
        if rows and at != self.currentIndex().row():
            self.setCurrentIndex(self.sessions.index(at, 0))
            self._chosen(self.sessions.index(at, 0))

    def select(self, connection: str, session_id: str) -> None:
        """Put the selection on a session, if it is among the rows on hand; what is in sight stays in sight."""
        at = self.sessions.find(connection, session_id)
        if at >= 0 and not self.selectionModel().isSelected(self.sessions.index(at, 0)):
            self.setAutoScroll(False)
            self.setCurrentIndex(self.sessions.index(at, 0))
            self.setAutoScroll(True)

    def _chosen(self, index: QModelIndex) -> None:
        row = self.sessions.row(index.row())
        if row is not None:
            self.session_chosen.emit(row)

    def _rows_came(self, first: QModelIndex, last: QModelIndex) -> None:
        for row in range(first.row(), min(last.row() + 2, self.sessions.rowCount())):
            self.forget_height(row)


def _smaller(font: QFont, by: float = 0.93) -> QFont:
    smaller = QFont(font)
    smaller.setPointSizeF(font.pointSizeF() * by) if font.pointSizeF() > 0 else smaller.setPixelSize(
        max(9, round(font.pixelSize() * by))
    )
    return smaller


def _draw_cut(painter: QPainter, room: QRect, text: str) -> None:
    cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, int(_LEFT), cut)
