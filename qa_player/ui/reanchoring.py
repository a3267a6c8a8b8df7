"""When a transcript changed: says which annotations stand on other words now, and moves those that a person lets go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from qa_player.model.wording import listed
from qa_player.services.reanchoring import Displaced, Found
from qa_player.services.review import Review
from qa_player.ui.dialogs.displaced import DisplacedDialog
from qa_player.ui.panels.annotation_keeping import SAVE
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.message_bar import MessageBar
from qa_player.ui.widgets.times import counted

ABOUT = "displaced"


class Reanchoring:
    """Tells of them once, and again when there are others."""

    def __init__(self, window: QWidget, review: Review, tasks: Tasks, messages: MessageBar) -> None:
        self._window, self._review, self._tasks, self._messages = window, review, tasks, messages
        self._told: frozenset[str] = frozenset()
        self._dialog: DisplacedDialog | None = None
        review.annotations_changed.connect(self._look)

    def show(self) -> None:
        """Show them, each with what was said then and is said now."""
        displaced = self._review.displaced()
        if not displaced:
            self._messages.done("Every annotation stands on the words it was made on.")
            return
        dialog = self._dialog = DisplacedDialog(displaced, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.move_wanted.connect(self._move)
        dialog.finished.connect(self._closed)
        dialog.open()

    def _closed(self) -> None:
        self._dialog = None

    def _look(self) -> None:
        displaced = self._review.displaced()
        if self._dialog is not None:
            self._dialog.show_displaced(displaced)
        ids = frozenset(one.annotation.annotation_id for one in displaced)
        if not ids:
            self._messages.settled(ABOUT)
        elif not ids <= self._told:
            next_step = "Nothing was moved."
            self._messages.trouble(_sentence(displaced), next_step, about=ABOUT, button="See them", act=self.show)
        self._told = ids

    def _move(self, wanted: Sequence[Displaced]) -> None:
        for one in wanted:
            if one.turn is not None:
                self._tasks.then(SAVE, self._review.reanchor(one.annotation.annotation_id, one.turn.index))


_ONE = {
    Found.ELSEWHERE: "has its words in another turn",
    Found.REWORDED: "has other words by now",
    Found.NOWHERE: "has its words nowhere",
}
_MANY = {
    Found.ELSEWHERE: "have their words in other turns",
    Found.REWORDED: "have other words by now",
    Found.NOWHERE: "have their words nowhere",
}


def _sentence(displaced: Sequence[Displaced]) -> str:
    counts = Counter(one.found for one in displaced)
    told = [
        f"{counted(counts[found], 'annotation')} {(_ONE if counts[found] == 1 else _MANY)[found]}"
        for found in Found
        if counts[found]
    ]
    return f"The transcript changed since it was marked: {listed(told)}."
