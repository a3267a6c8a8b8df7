"""Deciding of a dispute: what is contested and on what it rests, accepted, partly or rejected with a word, applied."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from qa_player.errors import QaPlayerError, UsageError
from qa_player.model.dispute import Contested, Decided, Dispute, quoted
from qa_player.model.scorecard import Scorecard, answer_text
from qa_player.services.disputes import Disputes
from qa_player.ui.dialogs.choosing import ask_where_to_write
from qa_player.ui.dialogs.dispute_words import contested_words, head_words, outcome_words
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.evidence_list import EvidenceList
from qa_player.ui.widgets.plain_list import PlainList
from qa_player.ui.widgets.ruling_form import RulingForm
from qa_player.ui.widgets.text import Label
from qa_player.ui.widgets.trouble import TroubleLine

SAVE = "save-dispute"


class DisputeDialog(QDialog):
    """``hear_wanted(Span)`` of the disputed session; ``applied(sentence)`` once the decisions stand.

    What is decided is kept in mind until it is written; only what is written can be applied, and only where the dispute
    was opened (``here``).
    """

    hear_wanted = Signal(object)
    applied = Signal(str)

    def __init__(
        self, disputes: Disputes, tasks: Tasks, dispute: Dispute, path: Path, *, here: bool, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._disputes, self._tasks = disputes, tasks
        self._dispute, self._path, self._here = dispute, path, here
        self._decided: dict[str, Decided] = {}
        self._at: str | None = None
        self.setWindowTitle("Decide a dispute")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(900, 600)
        self.head = Label(head_words(dispute), wrap=True)
        self.outcome = Label(wrap=True, kind="muted")
        self.questions = PlainList("Contested questions")
        self.title = Label(wrap=True, kind="heading")
        self.answer = Label(wrap=True, kind="muted")
        self.reason = Label(wrap=True)
        self.evidence = EvidenceList()
        self.hear = QPushButton("Hear it")
        self.hear.setAccessibleName("Hear the evidence")
        self.ruling = RulingForm()
        self.trouble = TroubleLine()
        self._make_buttons()
        self._lay_out()
        self._connect()
        for one in dispute.contested:
            self.questions.add_line(contested_words(dispute, one))
        self.questions.setCurrentRow(0)
        self.questions.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_state()

    def _make_buttons(self) -> None:
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.save = self.buttons.addButton("Save decisions…", QDialogButtonBox.ButtonRole.ActionRole)
        self.apply = self.buttons.addButton("Apply", QDialogButtonBox.ButtonRole.ActionRole)
        self.apply.setAccessibleName("Let the decisions stand")
        self.save.setProperty("kind", "primary")
        close = self.buttons.button(QDialogButtonBox.StandardButton.Close)
        for button in (self.hear, self.save, self.apply, close):
            button.setAutoDefault(False)
            button.setIcon(QIcon())

    def _lay_out(self) -> None:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(14, 0, 0, 0)
        column.setSpacing(8)
        for part in (self.title, self.answer, self.reason):
            column.addWidget(part)
        column.addWidget(self.evidence, 1)
        column.addWidget(self.hear, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.ruling)
        both = QSplitter(Qt.Orientation.Horizontal)
        both.setChildrenCollapsible(False)
        both.setHandleWidth(1)
        self.questions.setMinimumWidth(240)
        both.addWidget(self.questions)
        both.addWidget(right)
        both.setSizes([320, 540])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 18, 20, 16)
        whole.setSpacing(10)
        whole.addWidget(self.head)
        whole.addWidget(both, 1)
        whole.addWidget(self.outcome)
        whole.addWidget(self.trouble)
        whole.addWidget(self.buttons)

    def _connect(self) -> None:
        self.questions.currentRowChanged.connect(self._show)
        self.evidence.wanted.connect(self.hear_wanted)
        self.hear.clicked.connect(self.evidence.hear)
        self.ruling.changed.connect(self._changed)
        self.save.clicked.connect(self._ask)
        self.apply.clicked.connect(self.let_stand)
        self.buttons.rejected.connect(self.reject)

    def _show(self, row: int) -> None:
        one = self._dispute.contested[row]
        question = self._dispute.scorecard.form.question(one.question_id)
        if question is None:
            return
        before = self._dispute.scorecard.answer(one.question_id)
        self.title.show_text(question.title)
        comment = f" – {before.comment}" if before.comment else ""
        author = self._dispute.scorecard.author
        self.answer.show_text(f"{author} answered: {answer_text(question, before)}{comment}")
        self.reason.show_text(f"{self._dispute.opened_by}: {one.text}")
        self._at = None
        self.ruling.show_question(question, before, one.ruling, self._decided.get(one.question_id))
        self._at = one.question_id
        self._show_evidence(one)

    def _show_evidence(self, one: Contested) -> None:
        session, card = self._dispute.session, self._dispute.scorecard
        evidence = []
        for spans, whose in ((card.answer(one.question_id).spans, card.author), (one.spans, self._dispute.opened_by)):
            for span in spans:
                said = " ".join(turn.text for turn in quoted(session.turns, (span,)))
                evidence.append((span, f"{whose}: {said}" if said else whose))
        self.evidence.show_evidence(evidence)
        self.hear.setEnabled(bool(evidence))

    def _changed(self) -> None:
        """What the fields say now is decided, as soon as it says something."""
        if self._at is None:
            return
        decided = self.ruling.decided(self._at)
        if decided is None:
            self._decided.pop(self._at, None)
        else:
            self._decided[self._at] = decided
        self.trouble.tell("")
        self._show_state()

    def _show_state(self) -> None:
        """What is decided of each question, what it comes to, and what can be done about it."""
        for row, one in enumerate(self._dispute.contested):
            decided = self._decided.get(one.question_id)
            self.questions.set_line(row, contested_words(self._dispute, one, decided))
        still = [one for one in self._dispute.open_questions if one.question_id not in self._decided]
        self.outcome.show_text(
            outcome_words(self._under(), open_still=len(still), unsaved=bool(self._decided), here=self._here)
        )
        self.save.setEnabled(bool(self._decided))
        self.apply.setEnabled(self._here and not still and not self._decided)

    def _under(self) -> Dispute:
        """The dispute under what is decided so far, as far as that can be."""
        under = self._dispute
        for one in self._decided.values():
            try:
                under = self._disputes.decide(under, [one])
            except UsageError:
                continue
        return under

    def _ask(self) -> None:
        """Refuse what says nothing before a file is asked for."""
        for row, one in enumerate(self._dispute.contested):
            decided = self._decided.get(one.question_id)
            if decided is not None:
                try:
                    self._disputes.decide(self._dispute, [decided])
                except UsageError as error:
                    self.questions.setCurrentRow(row)
                    self.ruling.reason.setFocus(Qt.FocusReason.OtherFocusReason)
                    self._refused(error)
                    return
        self.trouble.tell("")
        ask_where_to_write(self, "Where to write the decisions", str(self._path.absolute()), self.save_to)

    def save_to(self, path: Path) -> None:
        """Write the dispute with what is decided to ``path``."""
        self._tasks.then(SAVE, self._save(path), trouble=self._refused)

    async def _save(self, path: Path) -> None:
        decided = tuple(self._decided.values())
        under = self._disputes.decide(self._dispute, decided)
        file = await self._disputes.save(under, decided, path=path)
        self._dispute, self._path = under, file.path
        for one in decided:
            if self._decided.get(one.question_id) == one:
                del self._decided[one.question_id]
        self._show_state()
        self.trouble.tell(f"{file.path.name} is written.", tone="good")

    def let_stand(self) -> None:
        """Apply what was written."""
        self.apply.setEnabled(False)
        self._tasks.then(SAVE, self._apply(), trouble=self._refused)

    async def _apply(self) -> None:
        card = await self._disputes.apply(self._dispute)
        self.applied.emit(_stands(card))
        self.accept()

    def reject(self) -> None:
        """Not while something is being written: what came of it is told here."""
        if not self._tasks.running(SAVE):
            super().reject()

    def _refused(self, error: QaPlayerError) -> None:
        self._show_state()
        self.trouble.tell(f"{error.message} {error.next_step}")


def _stands(card: Scorecard | None) -> str:
    if card is None:
        return "Everything was rejected; the scorecard stands."
    return "A new scorecard counts now. The old one stays as it was."
