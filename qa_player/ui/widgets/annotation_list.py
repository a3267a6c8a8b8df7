"""The annotations of the open session as cards, by where they begin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPen, QTextLayout
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from qa_player.model.annotation import Annotation, AnnotationKind
from qa_player.ui.theme import Tokens, figures, tokens_for
from qa_player.ui.widgets.rows_view import RowsView
from qa_player.ui.widgets.tag_colours import NO_COLOURS, TagColours
from qa_player.ui.widgets.text import isolated, one_line, shown
from qa_player.ui.widgets.text_layout import height_of, laid_out
from qa_player.ui.widgets.times import span_words

EDGE, PAD, LONGEST = 10, 11, 2_000
PRIVATE = "private, in no export"


def place_words(annotation: Annotation) -> str:
    """Where it was said of: a span, a moment, or a turn by its number."""
    if annotation.kind in (AnnotationKind.TURN, AnnotationKind.CORRECTION) and annotation.turn_index is not None:
        return f"turn {annotation.turn_index}"
    return span_words(annotation.start_ms, annotation.end_ms, annotation.turn_index)


class AnnotationModel(QAbstractListModel):
    """Rows by start; a row reads as its card does."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.annotations: tuple[Annotation, ...] = ()
        self.colours = NO_COLOURS

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.annotations)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.annotations):
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            one = self.annotations[index.row()]
            severity = one.severity.value if one.severity else ""
            private = PRIVATE if one.private else ""
            where, author = place_words(one), one_line(one.author)
            parts = (one_line(one.tag), where, shown(one.text[:LONGEST]), severity, private, author)
            return ", ".join(isolated(part) for part in parts if part)
        return None

    def show_annotations(self, annotations: Sequence[Annotation]) -> None:
        """Replace the rows."""
        self.beginResetModel()
        self.annotations = tuple(annotations)
        self.endResetModel()


class AnnotationDelegate(QStyledItemDelegate):
    """Paints one card: tag and place, the comment, severity and author."""

    def __init__(self, model: AnnotationModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model, self._widget = model, parent

    def estimates(self, _width: int) -> list[int]:
        """Short comments take one line."""
        line = QFontMetrics(self._widget.font()).height()
        return [3 * line + 2 * PAD + 14] * self._model.rowCount()

    def measure(self, row: int, width: int) -> int:
        """With the whole comment."""
        metrics = QFontMetrics(self._widget.font())
        one, line = self._model.annotations[row], metrics.height()
        height = 2 * PAD + 8 + line + (line + 4)
        if one.text:
            height += height_of(self._comment(one, width)) + 6
        return height

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(option.rect.width(), self.measure(index.row(), option.rect.width()))

    def _comment(self, one: Annotation, width: int) -> QTextLayout:
        room = max(width - 2 * EDGE - 2 * PAD - 4, 60)
        return laid_out(shown(one.text[:LONGEST]), self._widget.font(), room)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        one, tokens = self._model.annotations[index.row()], tokens_for(option.palette)
        card = option.rect.adjusted(EDGE, 0, -EDGE, -8)
        painter.save()
        painter.setClipRect(option.rect)
        self._paint_card(painter, option, card, one, tokens)
        font, metrics = self._widget.font(), QFontMetrics(self._widget.font())
        inner = card.adjusted(PAD + 4, PAD, -PAD, -PAD)
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        painter.setPen(QColor(tokens.text))
        place = place_words(one)
        place_width = QFontMetrics(figures(font)).horizontalAdvance(place)
        room = max(inner.width() - place_width - 8, 40)
        tag = QFontMetrics(bold).elidedText(isolated(one_line(one.tag)), Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(inner.left(), inner.top(), room, metrics.height()), 0, tag)
        painter.setFont(figures(font))
        painter.setPen(QColor(tokens.muted))
        after = inner.left() + QFontMetrics(bold).horizontalAdvance(tag) + 8
        painter.drawText(QRect(after, inner.top(), inner.right() - after + 1, metrics.height()), 0, place)
        if one.text:
            painter.setPen(QColor(tokens.text))
            top = inner.top() + metrics.height() + 3
            self._comment(one, option.rect.width()).draw(painter, QPointF(inner.left(), top))
        self._paint_foot(
            painter,
            QRect(inner.left(), inner.bottom() - metrics.height(), inner.width(), metrics.height() + 1),
            one,
            tokens,
        )
        painter.restore()

    def _paint_card(
        self, painter: QPainter, option: QStyleOptionViewItem, card: QRect, one: Annotation, tokens: Tokens
    ) -> None:
        selected = option.state & QStyle.StateFlag.State_Selected
        focused = option.state & QStyle.StateFlag.State_HasFocus
        hovered = option.state & QStyle.StateFlag.State_MouseOver
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = tokens.accent if focused or selected else tokens.border_strong if hovered else tokens.border
        painter.setPen(QPen(QColor(edge), 2 if focused else 1))
        painter.setBrush(QColor(tokens.selected if selected else tokens.surface))
        painter.drawRoundedRect(card.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.mark(self._model.colours.of(one))))
        painter.drawRoundedRect(QRect(card.left(), card.top(), 4, card.height()), 2, 2)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_foot(self, painter: QPainter, line: QRect, one: Annotation, tokens: Tokens) -> None:
        small = QFont(self._widget.font())
        small.setPointSizeF(max(small.pointSizeF() * 0.88, 6))
        painter.setFont(small)
        left = line.left()
        if one.severity is not None:
            words = one.severity.value
            width = painter.fontMetrics().horizontalAdvance(words) + 16
            box = QRect(left, line.top(), width, line.height())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(tokens.severity(one.severity)))
            painter.drawRoundedRect(box.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), box.height() / 2, box.height() / 2)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), words)
            left += width + 8
        painter.setPen(QColor(tokens.muted))
        rest = QRect(left, line.top(), line.right() - left + 1, line.height())
        words = f"{PRIVATE} · {one_line(one.author)}" if one.private else one_line(one.author)
        author = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, rest.width())
        painter.drawText(rest, int(Qt.AlignmentFlag.AlignVCenter), author)


class AnnotationList(RowsView):
    """Enter or a click goes to its place; F2 or a double click edits it; Delete takes it away."""

    annotation_chosen = Signal(str)
    current_changed = Signal(str)
    """The id of the annotation that the cursor is on now, empty for none."""
    edit_wanted = Signal(str)
    delete_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Annotations")
        self.annotations = AnnotationModel(self)
        self.setItemDelegate(AnnotationDelegate(self.annotations, self))
        self.setModel(self.annotations)
        self.row_chosen.connect(lambda index: self._emit(self.annotation_chosen, index))
        self.doubleClicked.connect(lambda index: self._emit(self.edit_wanted, index))

    def show_annotations(self, annotations: Sequence[Annotation]) -> None:
        """Show these, keeping the cursor on the one it was on."""
        chosen = self.current_id()
        self.annotations.show_annotations(annotations)
        self.select(chosen)
        if chosen != self.current_id():
            self.current_changed.emit(self.current_id())

    def set_colours(self, colours: TagColours) -> None:
        """Which colours the cards' edges have."""
        self.annotations.colours = colours
        self.viewport().update()

    def current_id(self) -> str:
        """The annotation under the cursor, empty where there is none."""
        row = self.currentIndex().row()
        return self.annotations.annotations[row].annotation_id if row >= 0 else ""

    def select(self, annotation_id: str) -> None:
        """Put the cursor on an annotation, if it is there."""
        for row, one in enumerate(self.annotations.annotations):
            if one.annotation_id == annotation_id:
                self.setCurrentIndex(self.annotations.index(row, 0))

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().currentChanged(current, previous)
        rows = self.annotations.annotations
        self.current_changed.emit(rows[current.row()].annotation_id if 0 <= current.row() < len(rows) else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2:
            self._emit(self.edit_wanted, self.currentIndex())
        elif event.key() == Qt.Key.Key_Delete:
            self._emit(self.delete_wanted, self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _emit(self, signal: object, index: QModelIndex) -> None:
        if index.isValid():
            signal.emit(self.annotations.annotations[index.row()].annotation_id)  # type: ignore[attr-defined]
