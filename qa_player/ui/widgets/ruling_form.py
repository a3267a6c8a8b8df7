"""What is decided of one contested question: accept, partly or reject, the answer from now on, and why."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from qa_player.model.dispute import DOES_NOT_APPLY, Decided, Decision, Ruling
from qa_player.model.form import Question, QuestionKind
from qa_player.model.scorecard import Answer
from qa_player.ui.widgets.text import Label, isolated, one_line

_WORDS = {Decision.ACCEPT: "Accept", Decision.PARTLY: "Partly", Decision.REJECT: "Reject"}
_HEIGHT = 64


class RulingForm(QWidget):
    """``changed`` when somebody decided otherwise or typed; `decided` says what stands in the fields."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._touched = self._showing = False
        self.group = QButtonGroup(self)
        self.decisions = {one: QRadioButton(words) for one, words in _WORDS.items()}
        self.options = QComboBox()
        self.options.setAccessibleName("The answer from now on")
        self.words = QLineEdit()
        self.words.setAccessibleName("The answer from now on, in words")
        self.words.setMaxLength(20_000)
        self.by = Label(kind="small")
        self.reason = QPlainTextEdit()
        self.reason.setAccessibleName("Why it is decided so")
        self.reason.setPlaceholderText("Why, in a sentence or two")
        self.reason.setTabChangesFocus(True)
        self.reason.setFixedHeight(_HEIGHT)
        self._lay_out()
        self.group.buttonClicked.connect(lambda _: self._touch())
        self.options.activated.connect(lambda _: self._touch())
        self.words.textEdited.connect(lambda _: self._touch())
        self.reason.textChanged.connect(self._touch)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(14)
        for button in self.decisions.values():
            self.group.addButton(button)
            line.addWidget(button)
        line.addWidget(self.options, 1)
        line.addWidget(self.words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        column.addLayout(line)
        column.addWidget(self.reason)
        column.addWidget(self.by)

    def show_question(self, question: Question, before: Answer, ruling: Ruling | None, decided: Decided | None) -> None:
        """Begin with what is decided here, else with what the file says was decided; with nothing where neither is."""
        self._showing = True
        self._touched = decided is not None
        self._fill(question, before)
        self._show_decision(None)
        if decided is not None:
            self._show_decision(decided.decision)
            self._choose(decided.named)
            self.reason.setPlainText(decided.text)
        elif ruling is not None:
            self._show_decision(ruling.decision)
            self._choose(None if ruling.answer is None else _name_of(ruling.answer))
            self.reason.setPlainText(ruling.text)
        else:
            self.reason.clear()
        self.by.show_text("" if ruling is None else f"Decided by {one_line(ruling.decided_by)}")
        self.by.setVisible(ruling is not None)
        self._showing = False
        self._show_answers()

    def decided(self, question_id: str) -> Decided | None:
        """What a person decided here; null while they did not."""
        decision = next((one for one, button in self.decisions.items() if button.isChecked()), None)
        if decision is None or not self._touched:
            return None
        named: str | None = None
        if decision is not Decision.REJECT:
            named = self.words.text() if self.options.isHidden() else self.options.currentData()
        return Decided(question_id, decision, named, self.reason.toPlainText())

    def _fill(self, question: Question, before: Answer) -> None:
        self.options.clear()
        others = [(one.label, one.option_id) for one in question.options if one.option_id != before.option_id]
        if question.may_not_apply and not before.does_not_apply:
            others.append(("Does not apply", DOES_NOT_APPLY))
        if len(others) > 1:
            self.options.addItem("Which answer stands from now on?", None)
        for words, named in others:
            self.options.addItem(isolated(one_line(words)), named)
        self.words.clear()
        in_words = question.kind is QuestionKind.TEXT
        self.words.setVisible(in_words)
        self.options.setVisible(not in_words)

    def _choose(self, named: str | None) -> None:
        if named is not None:
            self.words.setText(named)
            self.options.setCurrentIndex(max(self.options.findData(named), 0))

    def _show_decision(self, decision: Decision | None) -> None:
        self.group.setExclusive(False)
        for one, button in self.decisions.items():
            button.setChecked(one is decision)
        self.group.setExclusive(True)

    def _touch(self) -> None:
        if not self._showing:
            self._touched = True
            self._show_answers()
            self.changed.emit()

    def _show_answers(self) -> None:
        changes = any(self.decisions[one].isChecked() for one in (Decision.ACCEPT, Decision.PARTLY))
        self.options.setEnabled(changes)
        self.words.setEnabled(changes)


def _name_of(answer: Answer) -> str:
    return DOES_NOT_APPLY if answer.does_not_apply else answer.option_id or answer.text
