"""Scorecards of the open session: begun, answered, submitted with their evidence; each act saved with its event."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from qa_player.errors import NotFoundError, UsageError
from qa_player.model.annotation import Span
from qa_player.model.coverage import Sitting
from qa_player.model.form import Form
from qa_player.model.review_state import ReviewState
from qa_player.model.scorecard import Absence, Answer, Scorecard
from qa_player.model.scoring import answers_of, missing, refusal, result_of
from qa_player.services.absence import absence_in
from qa_player.services.forms import form_digest
from qa_player.services.library import OpenSession
from qa_player.services.score_book import Step, keep
from qa_player.services.trail import Trail
from qa_player.signal import Signal

if TYPE_CHECKING:
    from qa_player.store.database import Database


class Listened(Protocol):
    """What was heard of a session, by everybody."""

    async def of_session(self, connection: str, session_id: str) -> tuple[Sitting, ...]:
        """Every sitting over it."""
        ...


class Scoring:
    """``changed`` after the cards of the open session changed; ``saved`` tells the moment of a commit, after it;
    ``progressed`` that the review of a session (connection, id) is in another state.

    Acts are done one after the other and to their end, also when their caller is cancelled.
    """

    def __init__(self, *, database: Database, trail: Trail, listened: Listened) -> None:
        self.changed: Signal[()] = Signal()
        self.saved: Signal[datetime] = Signal()
        self.progressed: Signal[str, str] = Signal()
        self.cards: tuple[Scorecard, ...] = ()
        self._database = database
        self._trail = trail
        self._listened = listened
        self._session: OpenSession | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def mine(self) -> Scorecard | None:
        """The card this person works on: the draft, else the one submitted last; null when there is none."""
        own = [card for card in self.cards if card.author == self._trail.actor.shown]
        return next((card for card in reversed(own) if card.submitted_at is None), own[-1] if own else None)

    @property
    def replacing(self) -> Scorecard | None:
        """The card that counts in place of `mine`, whoever wrote it; null where mine counts."""
        mine = self.mine
        return next((card for card in self.cards if mine is not None and card.replaces == mine.scorecard_id), None)

    async def load(self, session: OpenSession) -> None:
        """Work on ``session`` from now on."""
        self._session, self.cards = session, ()
        await self.reload()

    def moved(self, session: OpenSession) -> None:
        """The length of the open session's recording is known now, or its turns were placed anew."""
        if self._session is not None and self._session.detail is session.detail:
            self._session = session

    async def reload(self) -> None:
        """Read the cards again, as after another process wrote some."""
        session = self._session
        if session is not None:
            cards = await self.of_session(session.connection.name, session.session_id)
            if session is self._session:
                self.cards = cards
                self.changed.emit()

    async def of_session(self, connection: str, session_id: str) -> tuple[Scorecard, ...]:
        """Those of any session in the order in which they were begun; opens nothing."""
        from qa_player.store import scorecards

        return await self._database.read(lambda transaction: scorecards.of_session(transaction, connection, session_id))

    async def progress(self, connection: str, session_id: str) -> ReviewState:
        """How far the review of any session is."""
        from qa_player.store import review_states

        kept = await self._database.read(
            lambda transaction: review_states.of_session(transaction, connection, session_id)
        )
        return ReviewState.TO_REVIEW if kept is None else kept.state

    async def settled(self) -> None:
        """Return once everything that was begun is saved or refused."""
        async with self._one_at_a_time:
            return

    async def start(self, form: Form) -> Scorecard:
        """This person's draft on ``form``, begun where there is none yet. Raises UsageError when nothing is open."""
        session = self._opened()
        draft = next((card for card in self.cards if self._is_draft_of(card, form)), None)
        if draft is not None:
            return draft
        card = self._new(session, form)
        await self._do(lambda: Step("scorecard.started", None, card, ReviewState.IN_REVIEW))
        return card

    async def answer(self, scorecard_id: str, answer: Answer) -> Scorecard:
        """Put ``answer`` in place of what was answered to its question. Raises UsageError for what the form does not
        allow or the recording does not hold, and for a card that is submitted."""
        return await self._answered(scorecard_id, answer.question_id, lambda _: answer)

    async def add_span(self, scorecard_id: str, question_id: str, span: Span) -> Scorecard:
        """Let an answer rest on a stretch of audio, too."""

        def change(answer: Answer) -> Answer:
            spans = answer.spans if span in answer.spans else (*answer.spans, span)
            return answer.model_copy(update={"spans": spans})

        return await self._answered(scorecard_id, question_id, change)

    async def state_absent(self, scorecard_id: str, question_id: str) -> Scorecard:
        """Let an answer rest on the statement that it is nowhere in the recording. Raises UsageError unless this person
        heard all of it, skipped silence apart."""
        absence = await self._absence(self._opened())
        return await self._answered(
            scorecard_id, question_id, lambda answer: answer.model_copy(update={"absence": absence})
        )

    async def submit(self, scorecard_id: str) -> Scorecard:
        """Hand it in: the score is fixed. Raises UsageError when an answer or its evidence is missing."""

        def submitted() -> Step:
            card = self._draft(scorecard_id)
            return Step("scorecard.submitted", card, self._submitted(card), ReviewState.DONE)

        await self._do(submitted)
        return self._known(scorecard_id)

    async def reopen(self, scorecard_id: str) -> Scorecard:
        """Make a submitted card a draft again; the trail keeps what it was."""

        def reopened() -> Step:
            card = self._known(scorecard_id)
            if any(one.replaces == scorecard_id for one in self.cards):
                raise UsageError("Another scorecard counts in place of this one.", "Reopen that one.")
            after = card.model_copy(update={"submitted_at": None, "result": None})
            return Step("scorecard.reopened", card, after, ReviewState.IN_REVIEW)

        await self._do(reopened)
        return self._known(scorecard_id)

    async def withdraw(self, scorecard_id: str) -> None:
        """Take a draft away."""
        await self._do(lambda: Step("scorecard.withdrawn", self._draft(scorecard_id), None, None))

    async def take(self, form: Form, answers: Sequence[Answer], *, absent: Sequence[str] = ()) -> Scorecard:
        """Answer a form whole and submit it in one go, as from a file: all of it is kept or nothing. ``absent`` are
        the questions whose matter is nowhere in the recording. Raises UsageError."""
        session = self._opened()
        told = {answer.question_id: answer for answer in answers}
        for question_id in absent:
            before = told.get(question_id, Answer(question_id=question_id))
            told[question_id] = before.model_copy(update={"absence": await self._absence(session)})
        for answer in told.values():
            why = refusal(form, answer, session.detail.session.latest_ms(session.recording_ms))
            if why is not None:
                raise UsageError(why, "Nothing was kept; mend the file.")
        card = self._submitted(_with_answers(self._new(session, form), told))
        await self._do(lambda: Step("scorecard.submitted", None, card, ReviewState.DONE))
        return card

    async def _absence(self, session: OpenSession) -> Absence:
        sittings = await self._listened.of_session(session.connection.name, session.session_id)
        mine = [one for one in sittings if one.login == self._trail.actor.login]
        return absence_in(session.recording_ms, mine, now=self._trail.now())

    def _submitted(self, card: Scorecard) -> Scorecard:
        answers = answers_of(card)
        lacking = missing(card.form, answers)
        if lacking:
            question, why = lacking[0]
            others = len(lacking) - 1
            more = f" {others} more {'is' if others == 1 else 'are'} not ready." if others else ""
            answered = question.question_id in answers and answers[question.question_id].given
            do = "Give it its evidence, or state that it is nowhere in it" if answered else "Answer it"
            raise UsageError(f"“{question.title}”: {why}{more}", f"{do}, then submit again.")
        return card.model_copy(update={"submitted_at": self._trail.now(), "result": result_of(card.form, answers)})

    def _new(self, session: OpenSession, form: Form) -> Scorecard:
        now = self._trail.now()
        return Scorecard(
            scorecard_id=uuid.uuid4().hex,
            connection=session.connection.name,
            session_id=session.session_id,
            form=form,
            form_digest=form_digest(form),
            author=self._trail.actor.shown,
            created_at=now,
            updated_at=now,
        )

    async def _answered(self, scorecard_id: str, question_id: str, change: Callable[[Answer], Answer]) -> Scorecard:
        def answered() -> Step:
            card = self._draft(scorecard_id)
            answer = change(card.answer(question_id))
            opened = self._opened()
            why = refusal(card.form, answer, opened.detail.session.latest_ms(opened.recording_ms))
            if why is not None:
                raise UsageError(why, "Answer as the form asks.")
            after = _with_answers(card, {**answers_of(card), question_id: answer})
            return Step("scorecard.answered", card, after, None, question_id)

        await self._do(answered)
        return self._known(scorecard_id)

    async def _do(self, make: Callable[[], Step]) -> None:
        """Keep what the step makes, in its transaction, and tell of it; whoever is cancelled meanwhile."""

        async def work() -> None:
            async with self._one_at_a_time:
                step = make()
                kept = await self._database.write(lambda transaction: keep(transaction, self._trail, step))
                self._show(step, kept)
                self.saved.emit(self._trail.now())
                if step.state is not None:
                    self.progressed.emit(step.card.connection, step.card.session_id)

        await asyncio.shield(work())

    def _show(self, step: Step, kept: Scorecard | None) -> None:
        session, card = self._session, step.card
        if session is None or (session.connection.name, session.session_id) != (card.connection, card.session_id):
            return
        others = [one for one in self.cards if one.scorecard_id != card.scorecard_id]
        self.cards = tuple(
            sorted([*others, *([] if kept is None else [kept])], key=lambda one: (one.created_at, one.scorecard_id))
        )
        self.changed.emit()

    def _is_draft_of(self, card: Scorecard, form: Form) -> bool:
        return card.author == self._trail.actor.shown and card.submitted_at is None and card.form == form

    def _known(self, scorecard_id: str) -> Scorecard:
        found = next((card for card in self.cards if card.scorecard_id == scorecard_id), None)
        if found is None:
            raise NotFoundError("This scorecard is not there any more.", "Begin another one.")
        return found

    def _draft(self, scorecard_id: str) -> Scorecard:
        card = self._known(scorecard_id)
        if card.submitted_at is not None:
            raise UsageError("This scorecard is submitted.", "Reopen it to change an answer.")
        if card.author != self._trail.actor.shown:
            raise UsageError("This scorecard is somebody else's.", "Begin one of your own.")
        return card

    def _opened(self) -> OpenSession:
        if self._session is None:
            raise UsageError("No session is open.", "Open a session first.")
        return self._session


def _with_answers(card: Scorecard, answers: Mapping[str, Answer]) -> Scorecard:
    """In the order of the form; one that says nothing at all is left out."""
    ordered = (answers.get(one.question_id) for one in card.form.questions())
    empty = {one.question_id: Answer(question_id=one.question_id) for one in card.form.questions()}
    return card.model_copy(
        update={"answers": tuple(one for one in ordered if one is not None and one != empty[one.question_id])}
    )
