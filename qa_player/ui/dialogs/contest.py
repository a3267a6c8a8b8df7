"""Contesting answers of a submitted scorecard: which, why, and on what that rests; it becomes a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from qa_player.errors import QaPlayerError
from qa_player.model.annotation import Span
from qa_player.model.form import Question
from qa_player.model.scorecard import MOST_EVIDENCE, Scorecard, answer_text
from qa_player.services.disputes import Disputes
from qa_player.ui.dialogs.choosing import ask_where_to_write
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.evidence_list import EvidenceList
from qa_player.ui.widgets.plain_list import PlainList
from qa_player.ui.widgets.text import Label, isolated, one_line
from qa_player.ui.widgets.times import counted
from qa_player.ui.widgets.trouble import TroubleLine

SAVE = "save-dispute"


class ContestDialog(QDialog):
    """``hear_wanted(Span)``; ``written(file name)`` once the dispute is out. ``offered`` are stretches of audio, each
    with its words, that can be taken as evidence; ``cards`` are those that count, one at least."""

    hear_wanted = Signal(object)
    written = Signal(str)

    def __init__(
        self,
        disputes: Disputes,
        tasks: Tasks,
        cards: Sequence[Scorecard],
        offered: Sequence[tuple[Span, str]],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._disputes, self._tasks = disputes, tasks
        self._cards, self._offered = tuple(cards), tuple(offered)
        self._reasons: dict[str, str] = {}
        self._evidence: dict[str, list[Span]] = {}
        self.setWindowTitle("Contest a scorecard")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(860, 540)
        self.card = QComboBox()
        self.card.setAccessibleName("Which scorecard")
        for one in self._cards:
            self.card.addItem(isolated(one_line(f"{one.form.title}, version {one.form.version}, by {one.author}")))
        self.questions = PlainList("Questions; Space contests one")
        self.title = Label(wrap=True, kind="heading")
        self.answer = Label(wrap=True, kind="muted")
        self.evidence = EvidenceList()
        self.offers = QComboBox()
        self.reason = QPlainTextEdit()
        self.trouble = TroubleLine()
        self.told = Label(kind="muted")
        self._make_buttons()
        self._lay_out()
        self._connect()
        self._show_card()
        self.questions.setFocus(Qt.FocusReason.OtherFocusReason)

    def _make_buttons(self) -> None:
        self.hear = QPushButton("Hear it")
        self.hear.setAccessibleName("Hear the evidence")
        self.add = QPushButton("Add as evidence")
        self.offers.setAccessibleName("Stretch to add as evidence")
        self.offers.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.offers.setMinimumContentsLength(20)
        for span, words in self._offered:
            self.offers.addItem(isolated(one_line(words)), span)
        if not self._offered:
            self.offers.addItem("Select a stretch or annotate one, then contest")
            self.offers.setEnabled(False)
        self.reason.setAccessibleName("Why it is contested")
        self.reason.setPlaceholderText("Why it is contested, in a sentence or two")
        self.reason.setTabChangesFocus(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.write = self.buttons.addButton("Write the dispute…", QDialogButtonBox.ButtonRole.ActionRole)
        self.write.setProperty("kind", "primary")
        cancel = self.buttons.button(QDialogButtonBox.StandardButton.Cancel)
        for button in (self.hear, self.add, self.write, cancel):
            button.setAutoDefault(False)
            button.setIcon(QIcon())

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.addWidget(self.hear)
        line.addWidget(self.offers, 1)
        line.addWidget(self.add)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(14, 0, 0, 0)
        column.setSpacing(8)
        for part, stretch in ((self.title, 0), (self.answer, 0), (self.evidence, 1)):
            column.addWidget(part, stretch)
        column.addLayout(line)
        column.addWidget(self.reason, 2)
        both = QSplitter(Qt.Orientation.Horizontal)
        both.setChildrenCollapsible(False)
        both.setHandleWidth(1)
        self.questions.setMinimumWidth(260)
        both.addWidget(self.questions)
        both.addWidget(right)
        both.setSizes([340, 480])
        foot = QHBoxLayout()
        foot.addWidget(self.told, 1)
        foot.addWidget(self.buttons)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 18, 20, 16)
        whole.setSpacing(12)
        whole.addWidget(self.card)
        whole.addWidget(both, 1)
        whole.addWidget(self.trouble)
        whole.addLayout(foot)

    def _connect(self) -> None:
        self.card.activated.connect(lambda _: self._show_card())
        self.questions.currentRowChanged.connect(lambda _: self._show_question())
        self.questions.itemChanged.connect(lambda _: self._count())
        self.reason.textChanged.connect(self._typed)
        self.evidence.wanted.connect(self.hear_wanted)
        self.hear.clicked.connect(self.evidence.hear)
        self.add.clicked.connect(self._add)
        self.write.clicked.connect(self._ask)
        self.buttons.rejected.connect(self.reject)

    @property
    def _card(self) -> Scorecard:
        return self._cards[max(self.card.currentIndex(), 0)]

    def _question(self) -> Question | None:
        row = self.questions.currentRow()
        return None if row < 0 else self._card.form.question(str(self.questions.kept(row)))

    def _show_card(self) -> None:
        """Another card begins with nothing contested."""
        self._reasons, self._evidence = {}, {}
        self.questions.clear()
        for question in self._card.form.questions():
            given = self._card.answer(question.question_id)
            if given.given:
                words = f"{question.title}: {answer_text(question, given)}"
                self.questions.add_line(words, kept=question.question_id, checked=False)
        self.questions.setCurrentRow(0)
        self._count()

    def _show_question(self) -> None:
        question = self._question()
        for part in (self.reason, self.add, self.evidence):
            part.setEnabled(question is not None)
        if question is None:
            return
        given = self._card.answer(question.question_id)
        self.title.show_text(question.title)
        comment = f" – {given.comment}" if given.comment else ""
        self.answer.show_text(f"{self._card.author} answered: {answer_text(question, given)}{comment}")
        self.reason.blockSignals(True)
        self.reason.setPlainText(self._reasons.get(question.question_id, ""))
        self.reason.blockSignals(False)
        self._show_evidence(question)

    def _show_evidence(self, question: Question) -> None:
        under = [(span, f"evidence of {self._card.author}") for span in self._card.answer(question.question_id).spans]
        mine = [(span, "against it") for span in self._evidence.get(question.question_id, ())]
        self.evidence.show_evidence([*under, *mine])
        self.hear.setEnabled(bool(under or mine))
        self.add.setEnabled(bool(self._offered))

    def _typed(self) -> None:
        """A question for which there is a reason is contested."""
        question = self._question()
        if question is not None:
            words = self._reasons[question.question_id] = self.reason.toPlainText()
            if words.strip():
                self.questions.tick(self.questions.currentRow())

    def _add(self) -> None:
        question, span = self._question(), self.offers.currentData()
        if question is None or not isinstance(span, Span):
            return
        mine = self._evidence.setdefault(question.question_id, [])
        if span not in mine and len(mine) < MOST_EVIDENCE:
            mine.append(span)
        self.questions.tick(self.questions.currentRow())
        self._show_evidence(question)

    def contested(self) -> list[str]:
        """The ids of the questions that are ticked, in the order of the form."""
        return [str(self.questions.kept(row)) for row in self.questions.ticked()]

    def _count(self) -> None:
        number = len(self.contested())
        self.told.show_text(f"{counted(number, 'question')} contested" if number else "Tick what is contested.")

    def _ask(self) -> None:
        """First what is missing, with the keys where it can be mended; then where to write."""
        wanted = self.contested()
        if not wanted:
            self.trouble.tell("No question is contested yet. Tick one and say why.")
            self.questions.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        silent = next((one for one in wanted if not self._reasons.get(one, "").strip()), None)
        if silent is not None:
            self._go_to(silent)
            self.trouble.tell(f"“{self.title.text()}”: a dispute needs its reason. Say why it is contested.")
            return
        self.trouble.tell("")
        ask_where_to_write(self, "Where to write the dispute", "dispute.json", self.write_to)

    def _go_to(self, question_id: str) -> None:
        for row in range(self.questions.count()):
            if self.questions.kept(row) == question_id:
                self.questions.setCurrentRow(row)
        self.reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def write_to(self, path: Path) -> None:
        """Open the dispute, its file at ``path``."""
        self.write.setEnabled(False)
        self._tasks.then(SAVE, self._write(path), trouble=self._refused)

    async def _write(self, path: Path) -> None:
        card = self._card
        reasons = [(one, self._reasons[one]) for one in self.contested()]
        evidence = {one: self._evidence.get(one, []) for one, _ in reasons}
        file = await self._disputes.open(
            card.connection, card.session_id, reasons, evidence=evidence, scorecard_id=card.scorecard_id, path=path
        )
        self.written.emit(file.path.name)
        self.accept()

    def reject(self) -> None:
        """Not while something is being written: what came of it is told here."""
        if not self._tasks.running(SAVE):
            super().reject()

    def _refused(self, error: QaPlayerError) -> None:
        self.write.setEnabled(True)
        self.trouble.tell(f"{error.message} {error.next_step}")
