"""The transcript: turns that can be read, followed, sought in and jumped to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QWidget

from qa_player.model.connection import Sides
from qa_player.model.transcript import Turn
from qa_player.ui.widgets.rows_view import RowsView
from qa_player.ui.widgets.transcript_delegate import TranscriptDelegate
from qa_player.ui.widgets.transcript_model import Hit, Mark, TranscriptModel


class TranscriptView(RowsView):
    """``turn_chosen(index)``: Enter, a click, ↑ and ↓; ``follow_changed(bool)``: following was paused or taken up."""

    turn_chosen = Signal(int)
    follow_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Transcript")
        self.turns = TranscriptModel(self)
        self._delegate = TranscriptDelegate(self.turns, self)
        self.setItemDelegate(self._delegate)
        self.setModel(self.turns)
        self._follow = True
        self.row_chosen.connect(lambda index: self._choose(index.row()))
        self.scrolled_by_hand.connect(lambda: self.set_follow(False))
        self.turns.dataChanged.connect(self._turn_changed)
        self.doubleClicked.connect(self._toggle_fold)

    # what is shown

    def show_turns(self, turns: Sequence[Turn], sides: Sides) -> None:
        """Show another session, or the same under another timing."""
        self.turns.show_turns(turns, sides)

    def show_marks(self, marks: Mapping[int, Mark]) -> None:
        """What annotations say of turns, by turn index."""
        self.turns.show_marks(marks)

    def show_active(self, turn_indices: Sequence[int]) -> None:
        """Highlight the turns that speak now; while following, keep the primary one in sight."""
        self.turns.show_active(turn_indices)
        if self._follow:
            self._reveal_active()

    # follow

    @property
    def follow(self) -> bool:
        """Whether the list keeps up with the sound."""
        return self._follow

    def set_follow(self, follow: bool) -> None:
        """Pause following, or come back to the playhead and follow it again."""
        changed, self._follow = follow != self._follow, follow
        if follow:
            self._reveal_active()
        if changed:
            self.follow_changed.emit(follow)

    def _reveal_active(self) -> None:
        if not self.turns.active:
            return
        index = self.turns.index(self.turns.active[0], 0)
        rect, page = self.visualRect(index), self.viewport().height()
        if rect.top() < 0 or rect.bottom() > page * 0.8:
            self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    # find

    def reveal_hit(self, hit: Hit) -> None:
        """Bring a hit into sight and put the cursor on its row; this is reading, so following pauses."""
        self.set_follow(False)
        index = self.turns.index(hit.row, 0)
        self.setCurrentIndex(index)
        self.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    def first_row_in_sight(self) -> int:
        """The row at the top of the window, 0 where there is none."""
        return max(0, self._row_at(self.verticalOffset()))

    # hands

    def copy(self) -> None:
        """Put the whole text of the current turn on the clipboard, exactly as it was received."""
        row = self.currentIndex().row()
        if row >= 0:
            QGuiApplication.clipboard().setText(self.turns.turns[row].text)

    def current_turn(self) -> Turn | None:
        """The turn under the cursor, else the one that speaks."""
        row = self.currentIndex().row()
        if row < 0 and self.turns.active:
            row = self.turns.active[0]
        return self.turns.turns[row] if row >= 0 else None

    def toggle_fold(self) -> None:
        """Unfold or fold the current turn."""
        self._toggle_fold(self.currentIndex())

    def _toggle_fold(self, index: QModelIndex) -> None:
        if index.isValid() and "folded" in self.turns.turns[index.row()].flags:
            self.turns.toggle_fold(index.row())

    def _turn_changed(self, first: QModelIndex, _last: QModelIndex, roles: list[int]) -> None:
        if not roles:
            self.forget_height(first.row())

    def _choose(self, row: int) -> None:
        self.set_follow(True)
        self.turn_chosen.emit(self.turns.turns[row].index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        if (
            event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down)
            and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        ):
            self._step(-1 if event.key() == Qt.Key.Key_Up else 1)
            event.accept()
            return
        super().keyPressEvent(event)

    def _step(self, step: int) -> None:
        """From the turn that speaks while following, else from the cursor."""
        rows = self.turns.rowCount()
        if not rows:
            return
        here = self.currentIndex().row()
        if self.turns.active and (self._follow or here < 0):
            here = self.turns.active[0]
        row = min(max(here + step, 0), rows - 1)
        self.setCurrentIndex(self.turns.index(row, 0))
        self._choose(row)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_delegate"):
            self._delegate.refresh()
            self.forget_heights()
        super().changeEvent(event)
