"""One question of a scorecard: its words, its answers a key apart, and what the answer rests on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from qa_player.model.form import Fails, Question, QuestionKind
from qa_player.model.scorecard import Answer
from qa_player.model.scoring import failing
from qa_player.ui.widgets.flow_layout import FlowLayout
from qa_player.ui.widgets.switch import Switch
from qa_player.ui.widgets.text import Label, caption, one_line
from qa_player.ui.widgets.times import clock

NOT_APPLICABLE = ""
"""Stands for the answer that a question does not apply, where options have their ids."""

_TYPED_MS = 800
_WORDS_HEIGHT = 58


class QuestionRow(QFrame):
    """Digits choose an answer, 0 says that the question does not apply, E takes the evidence, A states that it is
    nowhere, Delete lets the evidence go, Enter plays it.

    ``wished(question id, what, value)``: ``option`` with an id, ``text`` with words, ``evidence``, ``absence``,
    ``clear`` and ``play`` with nothing.
    """

    wished = Signal(str, str, str)
    looked_at = Signal(str)

    def __init__(self, question: Question, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.question = question
        self._answer = Answer(question_id=question.question_id)
        self.setProperty("kind", "question")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(one_line(question.title))
        title = Label(question.title, wrap=True)
        if question.instructions:
            title.setToolTip(one_line(question.instructions)[:500])
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(title, 1)
        mark = _mark_of(question)
        if mark:
            pill = Label(mark, kind="pill")
            pill.setProperty("tone", "critical")
            head.addWidget(pill, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 7, 8, 8)
        column.setSpacing(5)
        column.addLayout(head)
        self.buttons: dict[str, Switch] = {}
        self.words: QPlainTextEdit | None = None
        self._typed = QTimer(self, singleShot=True, interval=_TYPED_MS)
        self._typed.timeout.connect(self._tell_words)
        self._told: str | None = None
        """Words that were told and are not the answer yet: nothing older takes their place."""
        if question.kind is QuestionKind.TEXT:
            column.addWidget(self._make_words())
        else:
            column.addWidget(self._make_buttons())
        self.evidence = Label(wrap=True, kind="small")
        self.evidence.hide()
        column.addWidget(self.evidence)
        self.proofs = self._make_proofs()
        column.addWidget(self.proofs)

    def _make_proofs(self) -> QWidget:
        """What a failing answer can rest on, for the mouse; keys do the same."""
        holder = QWidget()
        flow = FlowLayout(holder, gap=4)
        for words, wish, tip in (
            ("Evidence", "evidence", "The selected stretch, else the turn one hears, shows it (E)"),
            ("Nowhere in it", "absence", "It is nowhere in the recording, all of which was heard (A)"),
        ):
            button = QPushButton(words)
            button.setAccessibleName(one_line(f"{words}: {self.question.title}"))
            button.setToolTip(tip)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setProperty("kind", "answer")
            button.clicked.connect(lambda _=False, wish=wish: self.wished.emit(self.question.question_id, wish, ""))
            flow.addWidget(button)
        holder.hide()
        return holder

    def _make_words(self) -> QPlainTextEdit:
        self.words = QPlainTextEdit()
        self.words.setAccessibleName(one_line(f"Answer: {self.question.title}"))
        self.words.setFixedHeight(_WORDS_HEIGHT)
        self.words.setTabChangesFocus(True)
        self.words.textChanged.connect(self._type)
        self.setFocusProxy(self.words)
        return self.words

    def _make_buttons(self) -> QWidget:
        holder = QWidget()
        flow = FlowLayout(holder, gap=4)
        answers: Sequence[tuple[str, str]] = [(one.option_id, one.label) for one in self.question.options]
        if self.question.may_not_apply:
            answers = [*answers, (NOT_APPLICABLE, "N/A")]
        for number, (option_id, label) in enumerate(answers, start=1):
            button = self.buttons[option_id] = Switch(caption(label))
            button.setAccessibleName(one_line(f"{label}: {self.question.title}"))
            button.setToolTip("0" if option_id == NOT_APPLICABLE else str(number))
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setProperty("kind", "answer")
            button.switched.connect(lambda _on, option_id=option_id: self._choose(option_id))
            flow.addWidget(button)
        return holder

    def show_answer(self, answer: Answer, *, missing: str, allowed: bool) -> None:
        """What is answered; ``missing`` is what keeps it from being submitted, ``allowed`` whether it may change."""
        self._answer = answer
        chosen = NOT_APPLICABLE if answer.does_not_apply else answer.option_id
        bad = failing(self.question, answer)
        for option_id, button in self.buttons.items():
            button.show_on(option_id == chosen)
            tone = "muted" if option_id == NOT_APPLICABLE else "critical" if bad and option_id == chosen else "good"
            if button.property("tone") != tone:
                button.setProperty("tone", tone)
                button.style().polish(button)
            button.setEnabled(allowed)
        self.proofs.setVisible(bad and allowed)
        if self.words is not None:
            self.words.setReadOnly(not allowed)
            if not self._typed.isActive() and self._told in (None, answer.text):
                self._put_words(answer.text)
        rests_on = " · ".join(part for part in (evidence_words(answer), missing) if part)
        self.evidence.show_text(rests_on)
        self.evidence.setVisible(bool(rests_on))
        self.setAccessibleDescription(one_line(". ".join(part for part in (self._said(chosen), rests_on) if part)))

    def _said(self, chosen: str | None) -> str:
        if chosen is None:
            return self._answer.text or "not answered"
        return self.buttons[chosen].text() if chosen in self.buttons else ""

    def clear_words(self) -> None:
        """What stands in the field is not of the session that is open."""
        self._typed.stop()
        self._put_words("")

    def _put_words(self, text: str) -> None:
        self._told = None
        if self.words is not None and self.words.toPlainText() != text:
            self.words.blockSignals(True)
            self.words.setPlainText(text)
            self.words.blockSignals(False)

    def settle(self) -> None:
        """Tell of what was typed at once."""
        if self._typed.isActive():
            self._typed.stop()
            self._tell_words()

    def _type(self) -> None:
        """Told a moment after the first key, not after the last: who writes on and on loses no more than that."""
        if not self._typed.isActive():
            self._typed.start()

    def _tell_words(self) -> None:
        if self.words is not None:
            self._told = self.words.toPlainText()
            self.wished.emit(self.question.question_id, "text", self._told)

    def _choose(self, option_id: str) -> None:
        self.wished.emit(self.question.question_id, "option", option_id)
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.looked_at.emit(self.question.question_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        wish = _KEYS.get(Qt.Key(event.key())) if plain else None
        digit = event.key() - Qt.Key.Key_0
        if plain and 0 <= digit <= 9:
            self._answer_by(digit)
        elif wish is not None:
            self.wished.emit(self.question.question_id, wish, "")
        else:
            super().keyPressEvent(event)

    def _answer_by(self, digit: int) -> None:
        ids = [option.option_id for option in self.question.options]
        if digit == 0 and NOT_APPLICABLE in self.buttons:
            self.buttons[NOT_APPLICABLE].click()
        elif 1 <= digit <= len(ids):
            self.buttons[ids[digit - 1]].click()


_KEYS = {
    Qt.Key.Key_E: "evidence",
    Qt.Key.Key_A: "absence",
    Qt.Key.Key_Delete: "clear",
    Qt.Key.Key_Backspace: "clear",
    Qt.Key.Key_Return: "play",
    Qt.Key.Key_Enter: "play",
}


def _mark_of(question: Question) -> str:
    if any(one.fails is not Fails.NOTHING for one in question.options):
        return "auto-fail"
    return "critical" if question.critical else ""


def evidence_words(answer: Answer) -> str:
    """What an answer rests on, in a line; empty where on nothing."""
    parts = [f"evidence {clock(span.start_ms)}–{clock(span.end_ms)}" for span in answer.spans]
    if answer.absence is not None:
        parts.append("nowhere in the recording, all of which was heard")
    return ", ".join(parts)
