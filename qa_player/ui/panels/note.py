"""The AI-written note beside the conversation: read whole, or statement by statement."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from qa_player.errors import NotReadyError, QaPlayerError
from qa_player.model.note import KeptNote, NoteOrigin
from qa_player.services.library import OpenSession
from qa_player.services.notes import Notes
from qa_player.services.playback import Playback
from qa_player.services.unfinished import UnfinishedWork
from qa_player.services.verification.corrected import marked_texts
from qa_player.services.verification.service import Verification
from qa_player.ui.panels.note_statements import StatementsView
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.note_text import NoteText
from qa_player.ui.widgets.placeholder import CoveredList, Placeholder
from qa_player.ui.widgets.switch import Switch
from qa_player.ui.widgets.text import Label
from qa_player.ui.widgets.times import long_time

_TASK = "note-open"
_ORIGINS = {NoteOrigin.PROVIDER: "from the provider", NoteOrigin.FILE: "from a file", NoteOrigin.PASTED: "pasted"}

NEVER = "This connection's provider gives no notes."


class NotePanel(QFrame):
    """``note_expected(bool)``: whether the open session has a note, or its provider may give one.

    A note is opened when it is looked at and not before: the trail says who read what.
    """

    note_expected = Signal(bool)
    bring_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self._notes: Notes | None = None
        self._verification: Verification | None = None
        self._playback: Playback | None = None
        self._tasks: Tasks | None = None
        self._shown: OpenSession | None = None
        self.source = Label(kind="small", wrap=True)
        self.source.setContentsMargins(14, 4, 14, 2)
        self.source.hide()
        self.again = QPushButton("Ask again")
        self.again.setToolTip("Ask the provider for its note as it is now; what was judged of it is there again")
        self.again.setProperty("kind", "flat")
        self.again.clicked.connect(lambda: self._load(fresh=True))
        self.bring = QPushButton("Bring a note…")
        self.bring.setProperty("kind", "flat")
        self.bring.clicked.connect(self.bring_wanted)
        self.text = NoteText()
        self.placeholder = Placeholder()
        self.statements = StatementsView()
        self.whole = Switch("Whole note")
        self.whole.setProperty("kind", "flat")
        self.whole.setToolTip("All of the note with what you changed marked in it, in place of its statements")
        self.whole.switched.connect(lambda _on: self._show_either())
        self._pages = QStackedWidget()
        self._pages.addWidget(self.statements)
        self._pages.addWidget(self.text)
        self._stack = CoveredList(self._pages, self.placeholder)
        self._lay_out()
        self.clear()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(6, 6, 6, 2)
        head.addWidget(self.whole)
        head.addWidget(self.again)
        head.addWidget(self.bring)
        head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.source)
        column.addLayout(self._stack, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 6, 12, 8)
        foot.addWidget(self.statements.handing_on)
        column.addLayout(foot)

    def attach(
        self, notes: Notes, verification: Verification, playback: Playback, tasks: Tasks, *, work: UnfinishedWork
    ) -> None:
        """Work with these services from now on."""
        self._notes, self._verification, self._playback, self._tasks = notes, verification, playback, tasks
        self.statements.attach(verification, playback, work, tasks)
        verification.changed.connect(self._verdicts_changed)
        playback.opened.connect(self._opened)
        playback.closed.connect(self.clear)
        notes.note_changed.connect(lambda _connection, _session: self._note_changed())

    def take_focus(self) -> None:
        """To the first statement that is doubtful and not judged."""
        self.whole.show_on(False)
        self._show_either()
        self.statements.step_to_doubtful()
        self.statements.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def take_focus_left_out(self) -> None:
        """To what was said and stands in no statement."""
        self.whole.show_on(False)
        self._show_either()
        self.statements.left_out.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def clear(self) -> None:
        """No session is open."""
        self._shown = None
        if self._verification is not None:
            self._verification.close()
        self._tell("No note", "Open a visit to read its note beside what was said.")
        self._allow(False)

    def _opened(self, _session: OpenSession) -> None:
        self.clear()
        self._allow(True)
        if self._tasks is not None and self._notes is not None:
            self._tasks.start("note-expected", self._expect(self._notes))
        if self.isVisible():
            self._load()

    async def _expect(self, notes: Notes) -> None:
        session = None if self._playback is None else self._playback.session
        if session is not None:
            self.note_expected.emit(await notes.may_have(session.connection.name, session.session_id))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._shown is None:
            self._load()

    def _load(self, *, fresh: bool = False) -> None:
        session = None if self._playback is None else self._playback.session
        if self._tasks is None or self._notes is None or session is None or not self.isVisible():
            return
        self._shown = session
        self._tell("Opening the note …", busy=True)
        self._tasks.start(_TASK, self._open(self._notes, session, fresh=fresh), trouble=self._trouble)

    async def _open(self, notes: Notes, session: OpenSession, *, fresh: bool) -> None:
        kept = await notes.open(session.connection.name, session.session_id, fresh=fresh)
        if not self._is_open(session):
            return
        if kept is None:
            why = "This session has none." if notes.are_given(session.connection.name) else NEVER
            self._tell("No note", f"{why} A note from elsewhere can be held against what was said.")
            return
        if self._verification is not None:
            await self._verification.load(kept, session.turns)
        if self._is_open(session):
            self._show(kept)

    def _is_open(self, session: OpenSession) -> bool:
        """Whether it is still that session; its turns may have been placed anew meanwhile."""
        now = None if self._playback is None else self._playback.session
        return now is not None and now.detail is session.detail

    def _note_changed(self) -> None:
        if self._tasks is not None and not self._tasks.running(_TASK):
            self._load()

    def _show(self, kept: KeptNote) -> None:
        self.source.show_text(f"Received {long_time(kept.received_at)}, {_ORIGINS[kept.origin]}")
        self._show_whole()
        self._stack.show_rows()
        self.statements.handing_on.show()
        self._allow(True)

    def _show_whole(self) -> None:
        """The whole note as it stands now, what was struck, amended and added marked beside the original."""
        checked = None if self._verification is None else self._verification.checked
        if self._verification is None or checked is None:
            return
        verdicts = self._verification.verdicts
        texts, added = marked_texts(checked.kept.note, checked.statements, verdicts, checked.turns)
        self.text.show_note(checked.kept, texts, added)

    def _verdicts_changed(self) -> None:
        if self.whole.isChecked():
            self._show_whole()

    def _show_either(self) -> None:
        """Statements, or the whole note."""
        whole = self.whole.isChecked()
        if whole:
            self._show_whole()
        self._pages.setCurrentWidget(self.text if whole else self.statements)
        self.source.setVisible(whole)

    def _trouble(self, error: QaPlayerError) -> None:
        if isinstance(error, NotReadyError):
            self.placeholder.tell("The note is being written", error.next_step, button="Ask again", act=self._load)
        else:
            self.placeholder.tell(error.message, error.next_step, button="Try again", act=self._load)
        self._show_words()

    def _show_words(self) -> None:
        self._stack.show_words()
        self.statements.handing_on.hide()

    def _tell(self, heading: str, sentence: str = "", *, busy: bool = False) -> None:
        self.source.show_text("")
        self.placeholder.tell(heading, sentence, busy=busy)
        self._show_words()

    def _allow(self, reading: bool) -> None:
        session = None if self._playback is None else self._playback.session
        asked = session is not None and self._notes is not None and self._notes.are_given(session.connection.name)
        self.again.setEnabled(reading and asked)
        self.bring.setEnabled(reading)
        self.whole.setEnabled(reading)
