"""A list view over rows of many heights that never lays out more than it shows.

A QListView asks for the height of every row before it paints one, and again at every change of width. This one keeps
the list's face to keyboard, mouse and assistive technology and answers for the geometry itself: heights are estimated
until a row is first shown, then measured, and the row at the top of the window stays where it is.
"""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QHoverEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QRegion, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyleOptionViewItem, QWidget

from qa_player.ui.theme import tokens_for
from qa_player.ui.widgets.row_heights import RowHeights

SCROLL_BAR = 10
"""The width of a scroll bar as app.qss has it."""

AnyIndex = QModelIndex | QPersistentModelIndex


class RowSizes(Protocol):
    """What the view asks of its delegate: heights in pixels of rows at a width."""

    def estimates(self, width: int) -> list[int]: ...
    def measure(self, row: int, width: int) -> int: ...


class RowsView(QListView):
    """Rows stacked from the top; ``row_chosen`` is Enter or a click."""

    row_chosen = Signal(QModelIndex)
    scrolled_by_hand = Signal()
    """The wheel, the scroll bar or a paging key: somebody reads elsewhere."""
    _selected = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = RowHeights()
        self._hovered = -1
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        # the bar lies over the margin of the rows, so that they reach to the edge as everything above them does
        self.setViewportMargins(0, 0, -SCROLL_BAR, 0)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setTabKeyNavigation(False)
        self.verticalScrollBar().sliderMoved.connect(lambda _: self.scrolled_by_hand.emit())
        self.verticalScrollBar().actionTriggered.connect(lambda _: self.scrolled_by_hand.emit())
        self.clicked.connect(self.row_chosen)
        self._selected.connect(self._choose_what_was_selected, Qt.ConnectionType.QueuedConnection)

    # heights

    def sizes(self) -> RowSizes:
        """The delegate, as the view sees it."""
        return self.itemDelegate()  # type: ignore[return-value]

    def forget_heights(self) -> None:
        """All rows may have other heights now (another width, font or content)."""
        self._rows.forget()
        # before anybody sees the rows their width changes once or twice more
        if self.isVisible():
            self._estimate()

    def _estimate(self) -> None:
        if not self._rows.known:
            self._rows.estimate([] if self.model() is None else self.sizes().estimates(self.viewport().width()))

    def forget_height(self, row: int) -> None:
        """One row may have another height now."""
        self._rows.forget_row(row)
        self.viewport().update()

    def _measure(self, first: int, bottom: int) -> int:
        """Measure rows from ``first`` until they reach ``bottom`` (a place in the whole list); the row after them."""
        width, sizes = self.viewport().width(), self.sizes()
        end, changed = self._rows.measure(first, bottom, lambda row: sizes.measure(row, width))
        if changed:
            super().updateGeometries()
            self._set_range()
        return end

    def _row_at(self, y: int) -> int:
        """The row at ``y`` of the whole list, -1 where there is none."""
        return self._rows.row_at(y)

    def _set_range(self) -> None:
        bar, page = self.verticalScrollBar(), self.viewport().height()
        bar.setPageStep(page)
        bar.setSingleStep(24)
        bar.setRange(0, max(0, self._rows.tops[-1] - page))
        bar.setEnabled(bar.maximum() > 0)

    def cursor_row(self) -> int:
        """The row on which keys act, -1 where there is none."""
        return self.currentIndex().row()

    # geometry, as QAbstractItemView asks for it

    def visualRect(self, index: AnyIndex) -> QRect:
        self._estimate()
        if not index.isValid() or index.row() >= len(self._rows):
            return QRect()
        top = self._rows.tops[index.row()] - self.verticalOffset()
        return QRect(0, top, self.viewport().width(), self._rows[index.row()])

    def indexAt(self, point: QPoint) -> QModelIndex:
        self._estimate()
        row = self._row_at(point.y() + self.verticalOffset())
        return QModelIndex() if row < 0 or self.model() is None else self.model().index(row, 0)

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def horizontalOffset(self) -> int:
        return 0

    def scrollTo(
        self, index: AnyIndex, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        self._estimate()
        if not index.isValid() or index.row() >= len(self._rows):
            return
        page, row = self.viewport().height(), index.row()
        self._measure(row, self._rows.tops[row] + page)
        self._measure(max(0, self._row_at(max(0, self._rows.tops[row] - page))), self._rows.tops[row] + 1)
        top, height, offset = self._rows.tops[row], self._rows[row], self.verticalOffset()
        if hint == QAbstractItemView.ScrollHint.PositionAtCenter:
            target = top - max(0, (page - height) // 2)
        elif hint == QAbstractItemView.ScrollHint.PositionAtTop or top < offset or height > page:
            target = top
        elif hint == QAbstractItemView.ScrollHint.PositionAtBottom or top + height > offset + page:
            target = top + height - page
        else:
            target = offset
        self.verticalScrollBar().setValue(target)

    def doItemsLayout(self) -> None:
        if self.model() is not None and self._rows.known and len(self._rows) != self.model().rowCount():
            self.forget_heights()
        QAbstractItemView.doItemsLayout(self)

    def showEvent(self, event: QShowEvent) -> None:
        self._estimate()
        self._set_range()
        super().showEvent(event)

    def updateGeometries(self) -> None:
        self._set_range()
        QAbstractItemView.updateGeometries(self)

    def reset(self) -> None:
        super().reset()
        self.forget_heights()
        self._set_range()
        self.verticalScrollBar().setValue(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.oldSize().width() != event.size().width():
            anchor = self._row_at(self.verticalOffset())
            below = self.verticalOffset() - self._rows.tops[anchor] if anchor >= 0 else 0
            self.forget_heights()
            self._set_range()
            if anchor > 0:
                self._measure(anchor, self._rows.tops[anchor] + self.viewport().height())
                self.verticalScrollBar().setValue(self._rows.tops[anchor] + min(below, self._rows[anchor]))
        QAbstractItemView.resizeEvent(self, event)

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        self.viewport().update()

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        region = QRegion()
        for index in selection.indexes():
            region += self.visualRect(index)
        return region

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        index = self.indexAt(rect.center())
        if index.isValid():
            self.selectionModel().select(index, command)

    def moveCursor(self, action: QAbstractItemView.CursorAction, _modifiers: Qt.KeyboardModifier) -> QModelIndex:
        self._estimate()
        rows = len(self._rows)
        if not rows:
            return QModelIndex()
        move = QAbstractItemView.CursorAction
        here, page = self.cursor_row(), self.viewport().height()
        if action in (move.MoveHome, move.MoveEnd):
            return self.model().index(0 if action == move.MoveHome else rows - 1, 0)
        if action in (move.MovePageUp, move.MovePageDown):
            self.scrolled_by_hand.emit()
            y = self._rows.tops[max(here, 0)] + (page if action == move.MovePageDown else -page)
            found = self._row_at(max(0, y))
            return self.model().index(found if found >= 0 else rows - 1, 0)
        step = -1 if action in (move.MoveUp, move.MovePrevious, move.MoveLeft) else 1
        return self.model().index(min(max(here + step, 0), rows - 1), 0)

    def keyboardSearch(self, search: str) -> None:
        """Type-ahead is off: bare letters are commands here."""

    # painting and hands

    def paintEvent(self, event: QPaintEvent) -> None:
        self._paint_rows(event)
        if self.hasFocus() and self.cursor_row() < 0:
            # the keys act here, on no row yet
            painter = QPainter(self.viewport())
            painter.setPen(QPen(QColor(tokens_for(self.palette()).accent), 2))
            painter.drawRoundedRect(self.viewport().rect().adjusted(2, 2, -2, -2), 4, 4)
            painter.end()

    def _paint_rows(self, event: QPaintEvent) -> None:
        if self.model() is None or not len(self._rows):
            return
        first = self._row_at(self.verticalOffset())
        if first < 0:
            return
        last = self._measure(first, self.verticalOffset() + self.viewport().height())
        offset = self.verticalOffset()
        painter = QPainter(self.viewport())
        selection, current, focused = self.selectionModel(), self.cursor_row(), self.hasFocus()
        delegate = self.itemDelegate()
        for row in range(first, last):
            rect = QRect(0, self._rows.tops[row] - offset, self.viewport().width(), self._rows[row])
            if rect.intersects(event.rect()):
                index = self.model().index(row, 0)
                option = self._option(rect, focus=focused and row == current, hover=row == self._hovered)
                if selection.isSelected(index):
                    option.state |= QStyle.StateFlag.State_Selected
                delegate.paint(painter, option, index)
        painter.end()

    def _option(self, rect: QRect, *, focus: bool, hover: bool) -> QStyleOptionViewItem:
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        option.rect = rect
        option.state &= ~(QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_Selected)
        if focus:
            option.state |= QStyle.StateFlag.State_HasFocus
        if hover:
            option.state |= QStyle.StateFlag.State_MouseOver
        return option

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.HoverMove, QEvent.Type.HoverEnter, QEvent.Type.HoverLeave):
            leaving = event.type() == QEvent.Type.HoverLeave or not isinstance(event, QHoverEvent)
            hovered = -1 if leaving else self.indexAt(event.position().toPoint()).row()  # type: ignore[attr-defined]
            if hovered != self._hovered:
                self._hovered = hovered
                self.viewport().update()
        if event.type() == QEvent.Type.Wheel:
            self.scrolled_by_hand.emit()
        return super().viewportEvent(event)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self._selected.emit()

    def _choose_what_was_selected(self) -> None:
        """Assistive technology selects a row and leaves the cursor where it was; hands move both."""
        found = self.selectedIndexes()
        if len(found) == 1 and found[0] != self.currentIndex():
            self.setCurrentIndex(found[0])
            self.row_chosen.emit(found[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            if self.currentIndex().isValid():
                self.row_chosen.emit(self.currentIndex())
            event.accept()
            return
        super().keyPressEvent(event)
