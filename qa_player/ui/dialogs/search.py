"""Searching all sessions: words in, places out, and a press opens the session at that moment."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from qa_player.errors import QaPlayerError, UsageError
from qa_player.model.search import Hit, Sought
from qa_player.model.transcript import Role
from qa_player.services.searching import Searching
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.text import Label, isolated, one_line
from qa_player.ui.widgets.times import clock, counted, short_day

_TYPING_MS = 250
_SPEAKERS = (("Everybody", None), ("Agent", Role.AGENT), ("Customer", Role.USER))
_SHOWN = 200


class SearchDialog(QDialog):
    """``chosen(connection, session id, moment in ms or null)`` and it goes out of the way of what was opened;
    `seek` shows it again with what was sought last, at the hit after which one goes on."""

    chosen = Signal(str, str, object)

    def __init__(self, searching: Searching, tasks: Tasks, parent: QWidget) -> None:
        super().__init__(parent)
        self._searching, self._tasks = searching, tasks
        self._hits: Sequence[Hit] = ()
        self.setWindowTitle("Search all sessions")
        self.text = QLineEdit()
        self.text.setMaxLength(2_000)
        self.text.setAccessibleName("Words to seek in all sessions")
        self.text.setPlaceholderText('Words, or "words in quotes", or a beginning*')
        self.text.setClearButtonEnabled(True)
        self.speaker = QComboBox()
        self.speaker.setAccessibleName("Who said it")
        for words, role in _SPEAKERS:
            self.speaker.addItem(words, role)
        self.told = Label(kind="muted", wrap=True)
        self.hits = QListWidget()
        self.hits.setAccessibleName("Hits")
        self.hits.setProperty("kind", "framed")
        self.hits.setObjectName("hits")
        self.hits.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.hits.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.hits.setUniformItemSizes(True)
        self.hits.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._soon = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._soon.timeout.connect(self._search)
        self.text.textEdited.connect(lambda _: self._soon.start())
        self.text.returnPressed.connect(self._go_on)
        self.text.installEventFilter(self)
        self.speaker.activated.connect(lambda _: self._search())
        self.hits.activated.connect(self._open)
        self.hits.clicked.connect(self._open)
        self._lay_out()
        self._tell("What was said and written in every session that was opened here.")

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.text, 1)
        line.addWidget(self.speaker)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 16)
        column.setSpacing(10)
        column.addLayout(line)
        column.addWidget(self.told)
        column.addWidget(self.hits, 1)

    def sizeHint(self) -> QSize:
        return QSize(760, 520)

    def seek(self) -> None:
        """Show it, ready for other words; what was found last is found anew."""
        self.open()
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)
        self.text.selectAll()
        if self.text.text().strip():
            self._search()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrow down leads from the words into the hits."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Down:
            self._into_hits()
            return True
        return super().eventFilter(watched, event)

    def _into_hits(self) -> None:
        if self._hits:
            self.hits.setFocus(Qt.FocusReason.OtherFocusReason)
            self.hits.setCurrentRow(max(self.hits.currentRow(), 0))

    def _go_on(self) -> None:
        """Enter seeks at once, and once more goes into the hits."""
        if self._soon.isActive():
            self._soon.stop()
            self._search()
        else:
            self._into_hits()

    def _search(self) -> None:
        words = self.text.text()
        if not words.strip():
            self._show(())
            self._tell("What was said and written in every session that was opened here.")
            return
        sought = Sought(text=words, role=self.speaker.currentData(), limit=_SHOWN)
        self._tasks.start("search-all", self._find(sought), trouble=self._refused)

    async def _find(self, sought: Sought) -> None:
        found = await self._searching.find(sought)
        self._show(found)
        sessions = len({(hit.connection, hit.session_id) for hit in found})
        more = "The first " if len(found) == _SHOWN else ""
        self._tell(
            f"{more}{counted(len(found), 'hit')} in {counted(sessions, 'session')}." if found else "Nothing is found."
        )

    def _refused(self, error: QaPlayerError) -> None:
        self._show(())
        self._tell(error.message if isinstance(error, UsageError) else f"{error.message} {error.next_step}")

    def _show(self, found: Sequence[Hit]) -> None:
        at = self.hits.currentRow() if found == self._hits else -1
        self._hits = found
        self.hits.clear()
        for hit in found:
            words = hit_words(hit)
            item = QListWidgetItem(words)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, words.replace("\n", " · "))
            self.hits.addItem(item)
        self.hits.setCurrentRow(at)

    def _tell(self, words: str) -> None:
        self.told.show_text(words)
        self.told.setAccessibleDescription(words)

    def _open(self, index: QModelIndex) -> None:
        if 0 <= index.row() < len(self._hits):
            hit = self._hits[index.row()]
            self.accept()
            self.chosen.emit(hit.connection, hit.session_id, hit.start_ms)


def hit_words(hit: Hit) -> str:
    """Two lines: where, when and who, and the words around what was sought."""
    day = "" if hit.started_at is None else short_day(hit.started_at)
    who = hit.tag if hit.tag is not None else "" if hit.role is None else hit.role.value.replace("_", " ")
    at = "" if hit.start_ms is None else clock(hit.start_ms)
    where = one_line(hit.title or hit.session_id)[:60]
    parts = (isolated(where), day, at, isolated(one_line(who)))
    return " · ".join(part for part in parts if part) + f"\n{isolated(one_line(hit.excerpt))}"
