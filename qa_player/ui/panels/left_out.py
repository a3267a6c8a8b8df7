"""What was said and stands in no statement of the note: added in words of one's own, or not needed."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from qa_player.model.connection import Sides
from qa_player.model.statement import VerdictWord, turn_subject
from qa_player.model.transcript import Turn
from qa_player.services.verification.service import Checked, Verification
from qa_player.ui.panels.evidence import Evidence
from qa_player.ui.panels.note_words import unmentioned_claim
from qa_player.ui.panels.note_writing import NoteWriting
from qa_player.ui.widgets.claim_list import ClaimList
from qa_player.ui.widgets.text import Label
from qa_player.ui.widgets.verdict_bar import VerdictBar
from qa_player.ui.widgets.words_editor import WordsEditor

_KEYS = {Qt.Key.Key_1: "added", Qt.Key.Key_2: "not_needed", Qt.Key.Key_A: "reword"}
MOST_LEFT_OUT = 50


class LeftOutView(QWidget):
    """Cards of turns; the words in which one is added can be others than those that were said."""

    def __init__(self, evidence: Evidence, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._evidence = evidence
        self._verification: Verification | None = None
        self._writing: NoteWriting | None = None
        self._start: Callable[[Coroutine[Any, Any, object]], object] = lambda work: work.close()
        self._turns: Mapping[int, Turn] = {}
        self.heading = Label("Said, and not in the note", kind="heading")
        self.list = ClaimList("Said and not in the note", _KEYS)
        self.settling = VerdictBar((("added", "Add to note", "1"), ("not_needed", "Not needed", "2")))
        self.reword = QPushButton("Reword…")
        self.reword.setAccessibleName("Reword")
        self.reword.setToolTip("Add it in other words than were said, or change those it was added in (A)")
        self.rewording = WordsEditor("Words in which it is added")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.setContentsMargins(12, 0, 12, 0)
        head.addWidget(self.heading)
        column.addLayout(head)
        column.addWidget(self.list, 1)
        settling = QHBoxLayout()
        settling.setContentsMargins(12, 0, 12, 0)
        settling.addWidget(self.settling, 1)
        settling.addWidget(self.reword)
        column.addLayout(settling)
        writing = QHBoxLayout()
        writing.setContentsMargins(12, 0, 12, 0)
        writing.addWidget(self.rewording)
        column.addLayout(writing)

    def _connect(self) -> None:
        self.list.play_wanted.connect(lambda subject: self._evidence.hear(turn_index(subject)))
        self.list.clicked.connect(lambda _: self._evidence.seek(turn_index(self.list.current())))
        self.list.looked_at.connect(lambda _: self.show_verdict())
        self.list.key_pressed.connect(lambda _, key: self._settle(key))
        self.settling.pressed.connect(self._settle)
        self.reword.clicked.connect(lambda _=False: self._settle("reword"))
        self.rewording.kept.connect(self._keep)
        self.rewording.left.connect(self._leave)

    def attach(
        self,
        verification: Verification,
        writing: NoteWriting,
        *,
        start: Callable[[Coroutine[Any, Any, object]], object],
    ) -> None:
        """Work with these from now on; ``start`` begins what is to be saved."""
        self._verification, self._writing, self._start = verification, writing, start

    def show_turns(self, checked: Checked, turns: Mapping[int, Turn], sides: Sides) -> None:
        """Show what ``checked`` found, as it was judged."""
        if self._verification is None or self._writing is None:
            return
        self._turns = turns
        verdicts = self._verification.verdicts
        self.list.show_claims(
            [
                unmentioned_claim(
                    turns[one.turn_index],
                    one,
                    verdicts.get(turn_subject(one.turn_index)),
                    sides,
                    waiting=self._writing.waiting(turn_subject(one.turn_index)),
                )
                for one in checked.unmentioned[:MOST_LEFT_OUT]
                if one.turn_index in turns
            ]
        )
        self.setVisible(bool(checked.unmentioned))
        self.show_verdict()

    def clear(self) -> None:
        """No note is worked on."""
        self._turns = {}
        self.list.show_claims(())
        self.show_verdict()

    def show_verdict(self) -> None:
        """What was said of the card under the cursor."""
        known = {} if self._verification is None else self._verification.verdicts
        verdict = known.get(self.list.current())
        word = verdict.word.value if verdict is not None and verdict.word is not None else ""
        self.settling.show_word(word, allowed=bool(self.list.current()))
        self.reword.setEnabled(bool(self.list.current()))

    def begin(self, subject: str, *, focus: bool) -> None:
        """Write in which words a turn is added."""
        index = turn_index(subject)
        turn = None if index is None else self._turns.get(index)
        if self._verification is None or self._writing is None or turn is None:
            return
        held = self._verification.verdicts.get(subject)
        before = (held.amended if held is not None else None) or turn.text
        self._writing.begin(self.rewording, subject, heading=f"Added in place of “{turn.text}”", before=before)
        if focus:
            self.rewording.take_focus()

    def _settle(self, key: str) -> None:
        subject = self.list.current()
        index = turn_index(subject)
        if self._verification is None or index is None:
            return
        if key == "reword":
            self.begin(subject, focus=True)
            return
        held = self._verification.verdicts.get(subject)
        again = held is not None and held.word == key
        self._start(self._verification.settle(index, None if again else VerdictWord(key)))

    def _keep(self, subject: str, words: str) -> None:
        index, verification = turn_index(subject), self._verification
        if verification is None or self._writing is None or index is None:
            return
        self._writing.put_away(self.rewording)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        self._start(self._writing.save(subject, lambda: verification.settle(index, VerdictWord.ADDED, words)))

    def _leave(self, subject: str) -> None:
        if self._writing is not None:
            self._writing.put_away(self.rewording)
            self._writing.forget(subject)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)


def turn_index(subject: str) -> int | None:
    """The number of the turn that a subject names; null where it names a statement."""
    return int(subject.removeprefix("turn:")) if subject.startswith("turn:") else None
