"""The transcript of the open session: read, followed, sought in; a turn is one press away from being heard."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from qa_player.errors import QaPlayerError
from qa_player.model.annotation import Annotation, Severity
from qa_player.model.connection import Sides
from qa_player.model.correction import corrected_texts
from qa_player.model.playback import Phase, PlaybackState
from qa_player.model.session import SessionState
from qa_player.model.timing import Timing
from qa_player.services.library import OpenSession
from qa_player.services.playback import Playback
from qa_player.ui.widgets.find_bar import FindBar
from qa_player.ui.widgets.placeholder import CoveredList, Placeholder
from qa_player.ui.widgets.switch import Switch
from qa_player.ui.widgets.text import one_line
from qa_player.ui.widgets.timing_words import timing_words
from qa_player.ui.widgets.transcript_model import Mark
from qa_player.ui.widgets.transcript_view import TranscriptView

_RANK = {None: 0, Severity.MINOR: 1, Severity.MAJOR: 2, Severity.CRITICAL: 3}


class TranscriptPanel(QFrame):
    """``annotate_turn_wanted(index)`` and ``correct_turn_wanted(index)`` from the menu of a turn; ``timing_wanted`` to
    see and set the clock.
    """

    annotate_turn_wanted = Signal(int)
    correct_turn_wanted = Signal(int)
    timing_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "framed")
        self._playback: Playback | None = None
        self._annotations: tuple[Annotation, ...] = ()
        self.find_bar = FindBar()
        self.follow = Switch("Follow ✓", on=True)
        self.follow.setAccessibleName("Follow the sound")
        self.follow.setToolTip("Keep the turn one hears in sight (Ctrl+G)")
        self.timing = QPushButton()
        self.timing.setAccessibleName("Timing of the transcript")
        self.notable = Switch()
        self.notable.setAccessibleName("Only slow answers and interruptions")
        self.notable.hide()
        self._notable: frozenset[int] = frozenset()
        self._marks: dict[int, Mark] = {}
        self.view = TranscriptView()
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.placeholder = Placeholder()
        self._stack = CoveredList(self.view, self.placeholder)
        line = QFrame()
        line.setProperty("kind", "line")
        line.setFixedHeight(1)
        head = QHBoxLayout()
        head.setContentsMargins(10, 8, 10, 8)
        head.setSpacing(8)
        head.addWidget(self.find_bar, 1)
        head.addWidget(self.notable)
        head.addWidget(self.follow)
        head.addWidget(self.timing)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 1, 1)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(line)
        column.addLayout(self._stack, 1)
        self.find_bar.query_changed.connect(self._find)
        self.find_bar.step_wanted.connect(self._step_hit)
        self.find_bar.left.connect(lambda: self.view.setFocus(Qt.FocusReason.OtherFocusReason))
        self.follow.switched.connect(self._follow_pressed)
        self.timing.clicked.connect(self.timing_wanted)
        self.notable.switched.connect(lambda _: self._narrow())
        self.view.follow_changed.connect(self._show_follow)
        self.view.turn_chosen.connect(self._seek_turn)
        self.view.customContextMenuRequested.connect(self._menu)
        self.show_nothing()

    def attach(self, playback: Playback) -> None:
        """Follow this player from now on."""
        self._playback = playback
        playback.opened.connect(self._show_session)
        playback.turns_placed.connect(self._place)
        playback.closed.connect(self.show_nothing)
        playback.state_changed.connect(self._show_state)
        playback.active_turns_changed.connect(self.view.show_active)
        self.view.step_wanted.connect(lambda step: playback.next_turn() if step > 0 else playback.previous_turn())

    # states

    def show_nothing(self) -> None:
        """No session is open."""
        self.view.turns.show_turns((), Sides())
        self._tell("Nothing is open", "Choose a session in the list to hear and read it.")

    def _show_state(self, state: PlaybackState) -> None:
        # once its turns are there they can be read, however long the recording takes
        if state.phase is Phase.LOADING and (self._playback is None or self._playback.session is None):
            self.show_loading()

    def show_loading(self) -> None:
        """A session is on its way."""
        self._tell("Opening the session …", busy=True)

    def show_error(self, error: QaPlayerError, again: Callable[[], object]) -> None:
        """The session could not be opened; ``again`` tries once more."""
        self._tell(error.message, error.next_step)
        self.placeholder.tell(error.message, error.next_step, button="Try again", act=again)

    def _tell(self, heading: str, sentence: str = "", *, busy: bool = False) -> None:
        self.placeholder.tell(heading, sentence, busy=busy)
        self._stack.show_words()
        self._allow(False)
        self._show_timing(None)

    def _allow(self, reading: bool) -> None:
        """Whether there is something to seek in and to follow."""
        self.find_bar.setEnabled(reading)
        self.follow.setEnabled(reading)

    def _show_timing(self, timing: Timing | None) -> None:
        self.timing.setVisible(timing is not None)
        if timing is not None:
            self.timing.setText(f"Timing {timing.offset_ms / 1000:+.2f} s")
            words = timing_words(timing)
            self.timing.setAccessibleDescription(words)
            self.timing.setToolTip(words)

    def _show_session(self, session: OpenSession) -> None:
        self.notable.show_on(False)
        self._place(session)
        self.view.set_follow(True)

    def _show_or_tell(self, session: OpenSession) -> None:
        if session.turns:
            self._allow(True)
            self._stack.show_rows()
        elif session.detail.session.state is SessionState.IN_PROGRESS:
            self._tell("Nothing was said yet", "The conversation goes on; what is said comes by itself.")
        elif session.detail.session.state is SessionState.PROCESSING:
            self._tell(
                "No transcript yet",
                "The provider still works on this session. It is asked again by itself, and the turns come here.",
            )
        else:
            self._tell("No transcript", "The provider has no turns for this session.")

    def _place(self, session: OpenSession) -> None:
        at = self.view.verticalOffset()
        narrow = self.notable.isChecked()
        turns = [turn for turn in session.turns if turn.index in self._notable] if narrow else session.turns
        self.view.show_turns(turns, session.connection.sides)
        self.view.show_marks(self._marks)
        self._correct()
        self.view.verticalScrollBar().setValue(at)
        self._show_timing(session.timing)
        if self._playback is not None:
            self.view.show_active(self._playback.active_turns)
        self.find_bar.show_count(-1, len(self.view.turns.hits))
        self._show_or_tell(session)

    def show_annotations(self, annotations: Sequence[Annotation]) -> None:
        """Flag the turns that something was said of, with the worst severity of each."""
        marks: dict[int, Mark] = {}
        for one in annotations:
            if one.turn_index is None:
                continue
            before = marks.get(one.turn_index)
            if before is None or _RANK[one.severity] > _RANK[before.severity]:
                words = one.severity.value if one.severity else one_line(one.tag)
                marks[one.turn_index] = Mark(words, one.severity)
        self._marks, self._annotations = marks, tuple(annotations)
        self.view.show_marks(marks)
        self._correct()

    def _correct(self) -> None:
        turns = self.view.turns
        turns.show_corrections(corrected_texts(turns.turns, self._annotations))
        self.find_bar.show_count(turns.current_hit, len(turns.hits))

    def show_delays(self, notes: Mapping[int, str], notable: Collection[int], *, slow_ms: int) -> None:
        """A word beside the turns in ``notes``; ``notable`` are those that can be shown alone."""
        self.view.turns.show_notes(notes)
        changed = frozenset(notable) != self._notable
        self._notable = frozenset(notable)
        self.notable.setVisible(bool(notes))
        self.notable.setText(f"Delays {len(notes):,}")
        self.notable.setToolTip(f"Show only answers after {slow_ms / 1_000:g} s or more, and interruptions")
        if self.notable.isChecked() and (changed or not notes):
            self.notable.show_on(bool(notes))
            self._narrow()

    def _narrow(self) -> None:
        """Show only the notable turns, or all of them again, the turn one hears in sight."""
        session = None if self._playback is None else self._playback.session
        if session is not None:
            self._place(session)
            self.view.set_follow(True)
            self.take_focus()

    # hands

    def take_focus(self) -> None:
        """Ready to read, and for bare keys."""
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def back_to_playhead(self) -> None:
        """Show the turn one hears, and follow it again."""
        self.view.set_follow(True)

    def step_hit(self, by: int) -> None:
        """To the next or the previous place where the sought text stands."""
        self.find_bar.step(by)

    def _follow_pressed(self) -> None:
        self.view.set_follow(self.follow.isChecked())
        self.take_focus()

    def _show_follow(self, follow: bool) -> None:
        self.follow.show_on(follow)
        self.follow.setText("Follow ✓" if follow else "Follow")

    def _seek_turn(self, index: int) -> None:
        row = self.view.turns.row_of(index)
        start_ms = self.view.turns.turns[row].start_ms if row >= 0 else None
        if self._playback is not None and start_ms is not None:
            self._playback.seek(start_ms)

    def _find(self, query: str) -> None:
        self.view.turns.find(query)
        self.find_bar.show_count(-1, len(self.view.turns.hits))

    def _step_hit(self, by: int) -> None:
        hit = self.view.turns.step_hit(by, from_row=self.view.first_row_in_sight())
        if hit is not None:
            self.view.reveal_hit(hit)
        self.find_bar.show_count(self.view.turns.current_hit, len(self.view.turns.hits))

    def _menu(self, at: QPoint) -> None:
        index = self.view.indexAt(at)
        if not index.isValid():
            return
        row = index.row()
        self.view.put_cursor(row)
        turn = self.view.turns.turns[row]
        menu = QMenu(self.view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        hear = menu.addAction("Hear from here", lambda: self._seek_turn(turn.index))
        hear.setEnabled(turn.start_ms is not None)
        menu.addAction("Mark this turn…", lambda: self.annotate_turn_wanted.emit(turn.index))
        menu.addAction("Correct its text…", lambda: self.correct_turn_wanted.emit(turn.index))
        menu.addAction("Copy its text", lambda: self.view.copy(row))
        if "folded" in turn.flags:
            words = "Show all of it" if self.view.turns.is_folded(row) else "Fold it"
            menu.addAction(words, lambda: self.view.toggle_fold(row))
        menu.popup(self.view.viewport().mapToGlobal(at))
