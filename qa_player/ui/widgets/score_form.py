"""A form being answered: its sections one below the other, the questions that are asked, worked by keys alone."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from qa_player.model.form import Form
from qa_player.model.scorecard import Answer
from qa_player.model.scoring import asked, missing
from qa_player.ui.widgets.score_row import QuestionRow
from qa_player.ui.widgets.text import Label


class ScoreForm(QScrollArea):
    """``wished(question id, what, value)`` as `QuestionRow` tells it; Up and Down go from question to question."""

    wished = Signal(str, str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.rows: dict[str, QuestionRow] = {}
        self._headings: dict[str, Label] = {}
        self._form: Form | None = None

    def show_form(self, form: Form, answers: Mapping[str, Answer], *, allowed: bool, remind: bool) -> None:
        """Show ``form`` as it is answered; ``remind`` says at each question what is missing."""
        if form != self._form:
            self._build(form)
        open_now = {one.question_id for one in asked(form, answers)}
        lacking = {one.question_id: why for one, why in missing(form, answers)} if remind else {}
        for question_id, row in self.rows.items():
            row.setVisible(question_id in open_now)
            answer = answers.get(question_id, Answer(question_id=question_id))
            row.show_answer(answer, missing=lacking.get(question_id, ""), allowed=allowed)
        for section in form.sections:
            shown = any(one.question_id in open_now for one in section.questions)
            self._headings[section.section_id].setVisible(shown)

    @property
    def shown(self) -> Form | None:
        """The form whose questions stand here."""
        return self._form

    def clear_words(self) -> None:
        """What stands in the fields belongs to a session that was left."""
        for row in self.rows.values():
            row.clear_words()

    def to_top(self) -> None:
        """Another session begins with the first question."""
        self.verticalScrollBar().setValue(0)

    def settle(self) -> None:
        """Tell of what was typed at once."""
        for row in self.rows.values():
            row.settle()

    def current(self) -> str | None:
        """The id of the question that has the keys; null where none has."""
        return next((question_id for question_id, row in self.rows.items() if _has_keys(row)), None)

    def go_to(self, question_id: str | None) -> None:
        """The keys to a question, the first one where none is named."""
        row = self.rows.get(question_id or "") or next(iter(self._shown()), None)
        if row is not None:
            row.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.ensureWidgetVisible(row, 0, 30)

    def step(self, by: int) -> None:
        """The keys to the question after the one that has them, or before it."""
        rows = self._shown()
        at = next((place for place, row in enumerate(rows) if _has_keys(row)), None)
        if rows:
            self.go_to(rows[0 if at is None else min(max(at + by, 0), len(rows) - 1)].question.question_id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and not event.modifiers():
            by = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if by is not None:
                self.step(by)
                return True
        return super().eventFilter(watched, event)

    def _shown(self) -> list[QuestionRow]:
        return [row for row in self.rows.values() if not row.isHidden()]

    def _build(self, form: Form) -> None:
        self._form, self.rows, self._headings = form, {}, {}
        body = QFrame()
        body.setProperty("kind", "panel")
        column = QVBoxLayout(body)
        column.setContentsMargins(4, 0, 4, 8)
        column.setSpacing(0)
        for section in form.sections:
            heading = self._headings[section.section_id] = Label(section.title, kind="heading")
            heading.setContentsMargins(8, 10, 8, 2)
            column.addWidget(heading)
            for question in section.questions:
                row = self.rows[question.question_id] = QuestionRow(question)
                row.wished.connect(self.wished)
                row.looked_at.connect(lambda _id, row=row: self.ensureWidgetVisible(row, 0, 30))
                row.installEventFilter(self)
                column.addWidget(row)
        column.addStretch(1)
        self.setWidget(body)


def _has_keys(row: QuestionRow) -> bool:
    return row.hasFocus() or (row.words is not None and row.words.hasFocus())
