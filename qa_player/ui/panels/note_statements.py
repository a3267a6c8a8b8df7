"""A note statement by statement: the most doubtful first, their evidence a key away, and what was left out."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from qa_player.model.statement import Linked, Statement, VerdictWord
from qa_player.services.playback import Playback
from qa_player.services.unfinished import UnfinishedWork
from qa_player.services.verification.service import Verification
from qa_player.services.verification.undecided import needs_you
from qa_player.ui.panels.evidence import Evidence
from qa_player.ui.panels.left_out import LeftOutView, turn_index
from qa_player.ui.panels.note_handing_on import HandingOn
from qa_player.ui.panels.note_words import statement_claim, summary_words
from qa_player.ui.panels.note_writing import NoteWriting
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.claim_list import ClaimList
from qa_player.ui.widgets.text import Label
from qa_player.ui.widgets.verdict_bar import VerdictBar
from qa_player.ui.widgets.words_editor import WordsEditor

_SAVE = "save"
"""One queue with what is marked: undo takes back what was done last of both."""
_WORDS = (
    ("supported", "Supported", "1"),
    ("partly", "Partly", "2"),
    ("contradicted", "Contradicted", "3"),
    ("not_said", "Not said", "4"),
)
_STATEMENT_KEYS = {
    Qt.Key.Key_1: "supported",
    Qt.Key.Key_2: "partly",
    Qt.Key.Key_3: "contradicted",
    Qt.Key.Key_4: "not_said",
    Qt.Key.Key_A: "amend",
    Qt.Key.Key_X: "strike",
    Qt.Key.Key_Right: "next",
    Qt.Key.Key_Left: "previous",
}


class StatementsView(QFrame):
    """Its ``told(words)`` is for the message bar; ``handing_on`` stands below it and below the whole note alike."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._verification: Verification | None = None
        self._playback: Playback | None = None
        self._tasks: Tasks | None = None
        self._evidence = Evidence()
        self._chosen: dict[str, int] = {}
        """Which of its candidates a statement shows, where it is not the first."""
        self.summary = Label(wrap=True, kind="muted")
        self.list = ClaimList("Statements", _STATEMENT_KEYS)
        self.verdicts = VerdictBar(_WORDS)
        self.amending = WordsEditor("Amended words")
        self.left_out = LeftOutView(self._evidence)
        self.writing = NoteWriting(self.amending, self.left_out.rewording, parent=self)
        self.amend = _button("Amend…", "Other words beside the original (A)", self._begin_amending)
        self.strike = _button("Strike", "Take it out of the corrected note, or put it back (X)", self._strike)
        self.handing_on = HandingOn()
        self.told = self.handing_on.told
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        changing = QHBoxLayout()
        changing.addWidget(Label("Enter plays · ← → other evidence", kind="small"), 1)
        changing.addWidget(self.amend)
        changing.addWidget(self.strike)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(6)
        column.addLayout(_inset(self.summary))
        column.addSpacing(2)
        column.addWidget(self.list, 3)
        column.addLayout(_inset(self.verdicts))
        column.addLayout(_inset(changing))
        column.addLayout(_inset(self.amending))
        column.addWidget(self.left_out, 2)

    def _connect(self) -> None:
        self.list.play_wanted.connect(lambda subject: self._evidence.hear(self._turn_of(subject)))
        self.list.clicked.connect(lambda _: self._evidence.seek(self._turn_of(self.list.current())))
        self.list.looked_at.connect(lambda _: self._show_verdict())
        self.list.key_pressed.connect(lambda _, key: self._act(key))
        self.verdicts.pressed.connect(self._act)
        self.amending.kept.connect(self._amend)
        self.amending.left.connect(self._leave)
        self.writing.changed.connect(self._show)
        self.writing.came_back.connect(self._came_back)

    def attach(self, verification: Verification, playback: Playback, work: UnfinishedWork, tasks: Tasks) -> None:
        """Work with these services from now on."""
        self._verification, self._playback, self._tasks = verification, playback, tasks
        self.handing_on.attach(verification, tasks)
        self._evidence.attach(playback)
        self.writing.attach(verification, work, tasks)
        self.left_out.attach(verification, self.writing, start=self._start)
        verification.changed.connect(self._show)

    # showing

    def _show(self) -> None:
        checked = None if self._verification is None else self._verification.checked
        session = None if self._playback is None else self._playback.session
        if self._verification is None or checked is None or session is None:
            self._chosen = {}
            self.list.show_claims(())
            self.left_out.clear()
            self._show_verdict()
            return
        verdicts = self._verification.verdicts
        turns, sides = {turn.index: turn for turn in session.turns}, session.connection.sides
        self.list.show_claims(
            [
                statement_claim(
                    one,
                    verdicts.get(one.statement.subject),
                    turns,
                    sides,
                    evidence=self._chosen.get(one.statement.subject, 0),
                    waiting=self.writing.waiting(one.statement.subject),
                )
                for one in checked.linked
            ]
        )
        self.left_out.show_turns(checked, turns, sides)
        attested = self._verification.attestation is not None
        self.summary.show_text(summary_words(checked.linked, verdicts, attested=attested))
        self._show_verdict()

    def _show_verdict(self) -> None:
        known = {} if self._verification is None else self._verification.verdicts
        verdict = known.get(self.list.current())
        word = verdict.word.value if verdict is not None and verdict.word is not None else ""
        self.verdicts.show_word(word, allowed=bool(self.list.current()))
        self.strike.setText("Put back" if verdict is not None and verdict.struck else "Strike")
        for button in (self.amend, self.strike, self.handing_on):
            button.setEnabled(bool(self.list.current()))

    # judging

    def _act(self, key: str) -> None:
        if key == "amend":
            self._begin_amending()
        elif key == "strike":
            self._strike()
        elif key in ("next", "previous"):
            self._other_evidence(1 if key == "next" else -1)
        else:
            self._judge(VerdictWord(key))

    def _judge(self, word: VerdictWord) -> None:
        statement = self._statement()
        if self._verification is None or statement is None:
            return
        held = self._verification.verdicts.get(statement.subject)
        again = held is not None and held.word is word
        self._start(self._verification.judge(statement, None if again else word))

    def _strike(self) -> None:
        statement = self._statement()
        if self._verification is not None and statement is not None:
            held = self._verification.verdicts.get(statement.subject)
            self._start(self._verification.strike(statement, struck=held is None or not held.struck))

    def _begin_amending(self) -> None:
        if self._write_on(self.list.current()):
            self.amending.take_focus()

    def _write_on(self, subject: str) -> bool:
        """Other words for a statement into the editor: as it is amended, else its own."""
        linked = self._linked(subject)
        if self._verification is None or linked is None:
            return False
        held = self._verification.verdicts.get(subject)
        before = (held.amended if held is not None else None) or linked.statement.text
        heading = f"In place of “{linked.statement.text}”"
        self.writing.begin(self.amending, subject, heading=heading, before=before)
        return True

    def _amend(self, subject: str, words: str) -> None:
        linked, verification = self._linked(subject), self._verification
        self.writing.put_away(self.amending)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        if verification is not None and linked is not None:
            self._start(self.writing.save(subject, lambda: verification.amend(linked.statement, words)))

    def _leave(self, subject: str) -> None:
        self.writing.put_away(self.amending)
        self.writing.forget(subject)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _came_back(self, subject: str) -> None:
        """What was being written when the visit was left is in its editor; the keys stay where they are."""
        if turn_index(subject) is not None:
            self.left_out.begin(subject, focus=False)
        else:
            self._write_on(subject)
        self.told.emit("What you were writing on the note is back.")

    # hearing

    def _other_evidence(self, by: int) -> None:
        subject = self.list.current()
        linked = self._linked(subject)
        if linked is not None and linked.candidates:
            self._chosen[subject] = (self._chosen.get(subject, 0) + by) % len(linked.candidates)
            self._show()

    def _turn_of(self, subject: str) -> int | None:
        linked = self._linked(subject)
        if linked is None or not linked.candidates:
            return None
        return linked.candidates[self._chosen.get(subject, 0)].turn_index

    # the card under the cursor

    def _start(self, work: Coroutine[Any, Any, object]) -> None:
        if self._tasks is None:
            work.close()
        else:
            self._tasks.then(_SAVE, work)

    def _linked(self, subject: str) -> Linked | None:
        checked = None if self._verification is None else self._verification.checked
        found = () if checked is None else checked.linked
        return next((one for one in found if one.statement.subject == subject), None)

    def _statement(self) -> Statement | None:
        linked = self._linked(self.list.current())
        return None if linked is None else linked.statement

    def step_to_doubtful(self) -> None:
        """To the first statement that is doubtful and was not judged; says so where none is left."""
        if self._verification is None or self._verification.checked is None:
            return
        for one in self._verification.checked.linked:
            if needs_you(one, self._verification.verdicts.get(one.statement.subject)):
                self.list.select(one.statement.subject)
                return
        self.told.emit("Every doubtful statement is decided.")


def _button(words: str, hint: str, act: Any) -> QPushButton:
    button = QPushButton(words)
    button.setToolTip(hint)
    button.setAccessibleName(words.rstrip("…"))
    button.clicked.connect(lambda _=False: act())
    return button


def _inset(part: QWidget | QHBoxLayout) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(12, 0, 12, 0)
    if isinstance(part, QWidget):
        row.addWidget(part, 1)
    else:
        row.addLayout(part, 1)
    return row
