"""A list of lines in a dialog: cut where room is short, with the whole in a tool tip, and an Enter of its own."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from qa_player.ui.widgets.text import isolated, one_line, tooltip

_AIR = 10


class PlainList(QListWidget):
    """``chosen_row(row)`` on Enter or two clicks. Enter ends here: a list hands it on, and the dialog around it would
    press a button."""

    chosen_row = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setProperty("kind", "framed")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setUniformItemSizes(True)
        self.doubleClicked.connect(self._double_clicked)

    def add_line(self, words: str, *, kept: object = None, checked: bool | None = None) -> None:
        """One line more; ``kept`` is what stands behind it, ``checked`` gives it a box that Space ticks."""
        item = QListWidgetItem()
        item.setData(Qt.ItemDataRole.UserRole, kept)
        item.setSizeHint(QSize(0, self.fontMetrics().height() + _AIR))
        if checked is not None:
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked)
        self.addItem(item)
        self.set_line(self.count() - 1, words)

    def set_line(self, row: int, words: str) -> None:
        """Let a line read otherwise."""
        item = self.item(row)
        item.setText(isolated(one_line(words)))
        item.setToolTip(tooltip(words))

    def kept(self, row: int) -> object:
        """What stands behind a line."""
        return self.item(row).data(Qt.ItemDataRole.UserRole)

    def ticked(self) -> list[int]:
        """The rows whose boxes are ticked."""
        return [row for row in range(self.count()) if self.item(row).checkState() is Qt.CheckState.Checked]

    def tick(self, row: int, ticked: bool = True) -> None:
        """Tick a box, or not."""
        self.item(row).setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentRow() >= 0:
                self.chosen_row.emit(self.currentRow())
        else:
            super().keyPressEvent(event)

    def _double_clicked(self, index: QModelIndex) -> None:
        self.chosen_row.emit(index.row())
