"""The scorecard of the open session: a form, its answers, the score so far, and what keeps it from being submitted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from qa_player.errors import QaPlayerError
from qa_player.model.annotation import Span
from qa_player.model.form import Form
from qa_player.model.scorecard import Answer, Scorecard, counting
from qa_player.model.scoring import answers_of, missing
from qa_player.services.forms import Forms
from qa_player.services.library import OpenSession
from qa_player.services.playback import Playback
from qa_player.services.scoring import Scoring
from qa_player.ui.panels.score_words import result_words
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.score_form import ScoreForm
from qa_player.ui.widgets.score_row import NOT_APPLICABLE
from qa_player.ui.widgets.text import Label, ValueLabel, caption

SAVE = "save-scorecard"
_USUAL_HEIGHT = 400


@dataclass(frozen=True)
class Wish:
    """What a press or words at a question mean, with the stretch of audio that was meant at that moment."""

    question_id: str
    what: str
    value: str
    span: Span | None


class ScorecardPanel(QFrame):
    """``form_chosen(form id)`` when a person takes another form; ``submitted`` after a card was handed in.

    The first answer begins the draft; ``where`` says which stretch of audio is meant by evidence.
    """

    form_chosen = Signal(str)
    submit_wanted = Signal()
    submitted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self.where: Callable[[], Span | None] = lambda: None
        self._scoring: Scoring | None = None
        self._playback: Playback | None = None
        self._tasks: Tasks | None = None
        self._kept_forms: Forms | None = None
        self._forms: tuple[Form, ...] = ()
        self._offered: Form | None = None
        self._wanted = ""
        self._remind = False
        self._aside = False
        self.chooser = QComboBox()
        self.chooser.setAccessibleName("Form of the scorecard")
        self.chooser.activated.connect(self._choose)
        self.result = ValueLabel("Score", kind="heading")
        self.form = ScoreForm()
        self.form.setAccessibleName("Questions of the scorecard")
        self.form.wished.connect(self._wish)
        self.trouble = Label(wrap=True, kind="small")
        self.trouble.setProperty("tone", "critical")
        self.trouble.hide()
        self.submit = QPushButton("Submit and next")
        self.submit.setAccessibleName("Submit scorecard and open the next session")
        self.submit.setProperty("kind", "primary")
        self.submit.clicked.connect(self.submit_wanted)
        self.reopen = QPushButton("Reopen")
        self.reopen.setAccessibleName("Reopen scorecard")
        self.reopen.clicked.connect(self._reopen)
        self.contest = QPushButton("Contest…")
        self.contest.setAccessibleName("Contest the scorecard")
        self._lay_out()
        self._show()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(10, 8, 12, 6)
        head.setSpacing(10)
        head.addWidget(self.chooser, 1)
        head.addWidget(self.result)
        line = QFrame()
        line.setProperty("kind", "line")
        line.setFixedHeight(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(line)
        column.addLayout(head)
        column.addWidget(self.form, 1)
        self.trouble.setContentsMargins(12, 4, 12, 0)
        column.addWidget(self.trouble)

    def attach(self, scoring: Scoring, forms: Forms, playback: Playback, tasks: Tasks, *, form: str) -> None:
        """Work with these services from now on; ``form`` is the id of the form that was used last."""
        self._scoring, self._playback, self._tasks, self._wanted = scoring, playback, tasks, form
        scoring.changed.connect(self._show)
        playback.opened.connect(self._opened)
        playback.closed.connect(self._closed)
        self._kept_forms = forms
        self.read_forms()

    def read_forms(self) -> None:
        """There may be other forms than before; a card that was begun keeps its own."""
        if self._tasks is not None and self._kept_forms is not None:
            self._tasks.start("forms", self._read_forms(self._kept_forms))

    def offer(self, form: Form) -> None:
        """Let this version of a form be the one that is answered next, until a person takes another."""
        self._offered = form
        self._show()

    async def _read_forms(self, forms: Forms) -> None:
        self._forms = await forms.latest()
        self._show()

    @property
    def shown_form(self) -> Form | None:
        """The form that is being answered: of the card there is, else the one chosen last."""
        card = self.card
        if card is not None:
            return card.form
        if self._offered is not None:
            return self._offered
        wanted = self._wanted or self._usual()
        return next((one for one in self._forms if one.form_id == wanted), next(iter(self._forms), None))

    def _usual(self) -> str:
        """Until a person chose a form, visits have that of their note and calls that of support."""
        session = None if self._playback is None else self._playback.session
        return "clinical-note" if session is not None and session.connection.sides.user == "Patient" else "support-call"

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), _USUAL_HEIGHT)

    @property
    def card(self) -> Scorecard | None:
        """This person's card on the open session; null while nothing is answered."""
        session = None if self._playback is None else self._playback.session
        mine = None if self._scoring is None else self._scoring.mine
        if (
            session is None
            or mine is None
            or (mine.connection, mine.session_id)
            != (
                session.connection.name,
                session.session_id,
            )
        ):
            return None
        return mine

    def take_focus(self) -> None:
        """To the first question that keeps the card from being submitted."""
        form = self.shown_form
        if form is not None:
            lacking = missing(form, {} if self.card is None else answers_of(self.card))
            self.form.go_to(lacking[0][0].question_id if lacking else None)

    def set_aside(self, aside: bool) -> None:
        """A layout without a scorecard has none of its buttons either."""
        self._aside = aside
        self._show()

    def hand_in(self) -> None:
        """Submit the card, or show what is missing."""
        self.form.settle()
        if self._scoring is not None and self._tasks is not None and self.card is not None:
            self._tasks.then(SAVE, self._submit(self._scoring), trouble=self._refused)

    async def _submit(self, scoring: Scoring) -> None:
        card = self.card
        if card is not None:
            await scoring.submit(card.scorecard_id)
            self.trouble.hide()
            self.submitted.emit()

    def _reopen(self) -> None:
        card, scoring = self.card, self._scoring
        if card is not None and scoring is not None and self._tasks is not None:
            self._tasks.then(SAVE, scoring.reopen(card.scorecard_id), trouble=self._refused)

    def _refused(self, error: QaPlayerError) -> None:
        self._remind = True
        self._show()
        self._tell(f"{error.message} {error.next_step}")
        self.take_focus()

    def _closed(self) -> None:
        """What was typed last is an answer of the session that was left."""
        self.form.settle()
        self.form.clear_words()
        self._show()

    def _opened(self, session: OpenSession) -> None:
        self._remind = False
        self.trouble.hide()
        self.form.to_top()
        if self._scoring is not None and self._tasks is not None:
            # behind what is still being saved of the session that was left
            self._tasks.then(SAVE, self._scoring.load(session))
        self._show()

    def _choose(self, at: int) -> None:
        if at >= len(self._forms):  # the one that was offered and is not the newest
            return
        self._offered = None
        self._wanted = self._forms[at].form_id
        self.form_chosen.emit(self._wanted)
        self._show()

    def _wish(self, question_id: str, what: str, value: str) -> None:
        form = self.form.shown
        if self._scoring is None or self._tasks is None or form is None:
            return
        if what == "play":
            self._hear(question_id)
        elif what == "evidence" and self.where() is None:
            self._tell("Select a span, or put the cursor on a turn; then take it as evidence.")
        elif self.card is None or self.card.submitted_at is None:
            work = self._carry_out(self._scoring, form, Wish(question_id, what, value, self.where()))
            self._tasks.then(SAVE, work, trouble=lambda error: self._tell(f"{error.message} {error.next_step}"))

    async def _carry_out(self, scoring: Scoring, form: Form, wish: Wish) -> None:
        card = scoring.mine or await scoring.start(form)
        answer = card.answer(wish.question_id)
        if wish.what == "evidence" and wish.span is not None:
            await scoring.add_span(card.scorecard_id, wish.question_id, wish.span)
        elif wish.what == "absence":
            await scoring.state_absent(card.scorecard_id, wish.question_id)
        elif (after := _changed(answer, wish.what, wish.value)) != answer:
            await scoring.answer(card.scorecard_id, after)
        self.trouble.hide()

    def _hear(self, question_id: str) -> None:
        spans = () if self.card is None else self.card.answer(question_id).spans
        if spans and self._playback is not None:
            self._playback.seek(spans[0].start_ms)
            self._playback.play()

    def _tell(self, words: str) -> None:
        self.trouble.show_text(words)
        self.trouble.show()

    def _show(self) -> None:
        form, card = self.shown_form, self.card
        is_open = self._playback is not None and self._playback.session is not None
        draft = card is None or card.submitted_at is None
        shown = form is not None and not self._aside
        self.setVisible(shown)
        self.submit.setVisible(shown and draft)
        replacing = None if self._scoring is None else self._scoring.replacing
        self.reopen.setVisible(shown and not draft and replacing is None)
        counts = () if self._scoring is None or not is_open else counting(self._scoring.cards)
        self.contest.setVisible(shown and bool(counts) and (card is None or not draft))
        if form is None:
            return
        self._show_chooser(form)
        self.chooser.setEnabled(is_open and card is None)
        self.form.show_form(
            form, {} if card is None else answers_of(card), allowed=is_open and draft, remind=self._remind and draft
        )
        words, tone = result_words(form, card, replacing=replacing)
        self.result.show_value(words)
        if self.result.property("tone") != tone:
            self.result.setProperty("tone", tone)
            self.result.style().polish(self.result)
        self.submit.setEnabled(card is not None)

    def _show_chooser(self, form: Form) -> None:
        forms = self._forms if form in self._forms else (*self._forms, form)
        titles = [caption(f"{one.title} v{one.version}") for one in forms]
        if [self.chooser.itemText(at) for at in range(self.chooser.count())] != titles:
            self.chooser.clear()
            self.chooser.addItems(titles)
        self.chooser.setCurrentIndex(forms.index(form))


def _changed(answer: Answer, what: str, value: str) -> Answer:
    """The answer after a press: the same option pressed again takes it back."""
    if what == "text":
        return answer.model_copy(update={"text": value})
    if what == "clear":
        return answer.model_copy(update={"spans": (), "absence": None})
    if value == NOT_APPLICABLE:
        return answer.model_copy(update={"option_id": None, "does_not_apply": not answer.does_not_apply})
    option = None if answer.option_id == value else value
    return answer.model_copy(update={"option_id": option, "does_not_apply": False})
