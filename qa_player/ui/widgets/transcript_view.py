"""The transcript: turns that can be read, followed, sought in and jumped to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QWidget

from qa_player.model.connection import Sides
from qa_player.model.transcript import Turn
from qa_player.ui.widgets.rows_view import RowsView
from qa_player.ui.widgets.transcript_delegate import TranscriptDelegate
from qa_player.ui.widgets.transcript_model import Hit, Mark, TranscriptModel


class TranscriptView(RowsView):
    """``turn_chosen(index)``: Enter, a click, ↑ and ↓; ``step_wanted(1 or -1)``: ↑ or ↓ where no turn speaks;
    ``follow_changed(bool)``: following was paused or taken up.

    The cursor, on which all keys act, is where it was put last; while following it goes with the sound again as soon
    as another turn speaks.
    """

    turn_chosen = Signal(int)
    step_wanted = Signal(int)
    follow_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Transcript")
        self.turns = TranscriptModel(self)
        self._delegate = TranscriptDelegate(self.turns, self)
        self.setItemDelegate(self._delegate)
        self.setModel(self.turns)
        self._follow = True
        self._put = -1
        self.row_chosen.connect(lambda index: self._choose(index.row()))
        self.scrolled_by_hand.connect(lambda: self.set_follow(False))
        self.turns.dataChanged.connect(self._turn_changed)
        self.doubleClicked.connect(self._toggle_fold)

    # what is shown

    def show_turns(self, turns: Sequence[Turn], sides: Sides) -> None:
        """Show another session, or the same under another timing."""
        self.turns.show_turns(turns, sides)

    def reset(self) -> None:
        super().reset()
        self._put = -1

    def show_marks(self, marks: Mapping[int, Mark]) -> None:
        """What annotations say of turns, by turn index."""
        self.turns.show_marks(marks)

    def show_active(self, turn_indices: Sequence[int]) -> None:
        """Highlight the turns that speak now; while following, keep the primary one in sight."""
        self.turns.show_active(turn_indices)
        if self._follow:
            self._put = -1
            self._reveal_cursor()

    # follow

    @property
    def follow(self) -> bool:
        """Whether the list keeps up with the sound."""
        return self._follow

    def set_follow(self, follow: bool) -> None:
        """Pause following, or come back to the playhead and follow it again."""
        changed, self._follow = follow != self._follow, follow
        if follow:
            self._put = -1
            self._reveal_cursor()
        if changed:
            self.follow_changed.emit(follow)

    def _reveal_cursor(self) -> None:
        if self.cursor_row() < 0:
            return
        index = self.turns.index(self.cursor_row(), 0)
        rect, page = self.visualRect(index), self.viewport().height()
        if rect.top() < 0 or rect.bottom() > page * 0.8:
            self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    # find

    def reveal_hit(self, hit: Hit) -> None:
        """Bring a hit into sight and put the cursor on its row; this is reading, so following pauses."""
        self.set_follow(False)
        self.put_cursor(hit.row)
        self.scrollTo(self.turns.index(hit.row, 0), QAbstractItemView.ScrollHint.EnsureVisible)

    def first_row_in_sight(self) -> int:
        """The row at the top of the window, 0 where there is none."""
        return max(0, self._row_at(self.verticalOffset()))

    # hands

    def cursor_row(self) -> int:
        if 0 <= self._put < self.turns.rowCount():
            return self._put
        return self.turns.active[0] if self.turns.active else -1

    def put_cursor(self, row: int) -> None:
        """The cursor is on that row now."""
        self.setCurrentIndex(self.turns.index(row, 0))
        self._put = row
        self.viewport().update()

    def copy(self, row: int) -> None:
        """Put the whole text of a turn on the clipboard, exactly as it was received."""
        if row >= 0:
            QGuiApplication.clipboard().setText(self.turns.turns[row].text)

    def chosen_turn(self) -> Turn | None:
        """The turn that the cursor was put on, null while it goes with the sound."""
        return self.turns.turns[self._put] if 0 <= self._put < self.turns.rowCount() else None

    def toggle_fold(self, row: int) -> None:
        """Unfold or fold a long turn."""
        self._toggle_fold(self.turns.index(row, 0))

    def _toggle_fold(self, index: QModelIndex) -> None:
        if index.isValid() and "folded" in self.turns.turns[index.row()].flags:
            self.turns.toggle_fold(index.row())

    def _turn_changed(self, first: QModelIndex, _last: QModelIndex, roles: list[int]) -> None:
        if not roles:
            self.forget_height(first.row())

    def _choose(self, row: int) -> None:
        self.set_follow(True)
        self.turn_chosen.emit(self.turns.turns[row].index)
        # a turn without a time, or one that begins with another, is not the one that speaks now
        self.put_cursor(row)

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().currentChanged(current, previous)
        self._put = current.row()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt would put the cursor on the first row."""
        put = self._put
        super().focusInEvent(event)
        self._put = put

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy(self.cursor_row())
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            if self.cursor_row() >= 0:
                self._choose(self.cursor_row())
            event.accept()
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
        """From the cursor; in a silence from where the sound is, if any turn has a time."""
        rows, here = self.turns.rowCount(), self.cursor_row()
        if here < 0 and any(turn.start_ms is not None for turn in self.turns.turns):
            self.step_wanted.emit(step)
        elif rows:
            self._choose(min(max(here + step, 0), rows - 1))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_delegate"):
            self._delegate.refresh()
            self.forget_heights()
        super().changeEvent(event)
