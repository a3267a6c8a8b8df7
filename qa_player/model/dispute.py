"""A dispute: questions of a scorecard that somebody contests, and what was decided of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, Self, TypeVar

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from qa_player.model.annotation import Span
from qa_player.model.calibration import PacketSession, PacketTurn
from qa_player.model.form import Question, QuestionKind
from qa_player.model.scorecard import MOST_EVIDENCE, Answer, Scorecard
from qa_player.model.transcript import Turn
from qa_player.model.value import Instant, LongText, OpaqueId, ShortText, Value

MOST_CONTESTED = 100

DOES_NOT_APPLY = "n/a"
"""How a person writes that a question does not apply."""


class Decision(StrEnum):
    """``partly``: the answer changes, but not to what was asked for."""

    ACCEPT = "accept"
    PARTLY = "partly"
    REJECT = "reject"


class Ruling(Value):
    """What was decided of one question. ``answer`` is the one that stands from now on, null where it stays as it is."""

    decision: Decision
    answer: Answer | None
    text: Annotated[LongText, Field(min_length=1)]
    decided_by: ShortText
    decided_at: Instant

    @model_validator(mode="after")
    def _changes_what_it_does_not_reject(self) -> Self:
        if (self.answer is None) != (self.decision is Decision.REJECT):
            raise ValueError("an answer changes unless the dispute of it is rejected")
        return self


class Decided(NamedTuple):
    """What somebody decides of one contested question: ``named`` is the answer that stands from now on, null for a
    rejection; ``text`` says why."""

    question_id: str
    decision: Decision
    named: str | None
    text: str


class Contested(Value):
    """One question, why its answer is contested, and what was decided; null while nothing is. ``spans`` are what
    whoever contests it rests on, beside the evidence of the answer."""

    question_id: OpaqueId
    text: Annotated[LongText, Field(min_length=1)]
    spans: Annotated[tuple[Span, ...], Field(max_length=MOST_EVIDENCE)] = ()
    ruling: Ruling | None = None

    @model_serializer(mode="wrap")
    def _without_empty_evidence(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # disputes from before there was such evidence keep the spelling that the trail proves
        told: dict[str, Any] = written(self)
        if not self.spans:
            told.pop("spans", None)
        return told


class Dispute(Value):
    """What goes out and comes back. ``scorecard`` is the card as it was submitted; ``session`` quotes the turns under
    the evidence of the contested answers.

    ``settled_at`` is when it was applied or another took its place, null until then; ``outcome`` is the id of the
    scorecard that it made, null where it made none.
    """

    dispute_id: OpaqueId
    tool: ShortText
    opened_at: Instant
    opened_by: ShortText
    session: PacketSession
    scorecard: Scorecard
    contested: Annotated[tuple[Contested, ...], Field(min_length=1, max_length=MOST_CONTESTED)]
    settled_at: Instant | None = None
    outcome: OpaqueId | None = None

    @model_validator(mode="after")
    def _contests_what_the_card_has(self) -> Self:
        ids = [one.question_id for one in self.contested]
        if len(set(ids)) < len(ids) or any(self.scorecard.form.question(one) is None for one in ids):
            raise ValueError("each contested question is one of the form, and contested once")
        return self

    @property
    def open_questions(self) -> tuple[Contested, ...]:
        """Those of which nothing is decided yet."""
        return tuple(one for one in self.contested if one.ruling is None)

    @property
    def as_opened(self) -> Dispute:
        """Without what was decided since."""
        bare = tuple(one.model_copy(update={"ruling": None}) for one in self.contested)
        return self.model_copy(update={"contested": bare, "settled_at": None, "outcome": None})

    def ruled(self, question_id: str, ruling: Ruling) -> Dispute:
        """With ``ruling`` in place of what was decided of that question, which must be contested."""
        changed = tuple(
            one.model_copy(update={"ruling": ruling}) if one.question_id == question_id else one
            for one in self.contested
        )
        return self.model_copy(update={"contested": changed})

    def answers(self) -> dict[str, Answer]:
        """The card's answers by their questions as they stand under what was decided."""
        changed = {
            one.question_id: one.ruling.answer for one in self.contested if one.ruling and one.ruling.answer is not None
        }
        return {one.question_id: one for one in self.scorecard.answers} | changed


Said = TypeVar("Said", Turn, PacketTurn)


def quoted(turns: Iterable[Said], spans: Sequence[Span]) -> tuple[Said, ...]:
    """The turns of which anything is heard within ``spans``, in their order."""
    return tuple(
        turn
        for turn in turns
        if turn.start_ms is not None
        and any(turn.start_ms < span.end_ms and (turn.end_ms or turn.start_ms + 1) > span.start_ms for span in spans)
    )


def answer_named(question: Question, before: Answer, named: str) -> Answer | None:
    """``before`` changed to what a person names: an option by its id or label, `DOES_NOT_APPLY`, or words where the
    question is answered in words. Its comment and evidence stay. Null where the question has no such answer."""
    bare = before.model_copy(update={"option_id": None, "text": "", "does_not_apply": False})
    if named.casefold() == DOES_NOT_APPLY and question.may_not_apply:
        return bare.model_copy(update={"does_not_apply": True})
    if question.kind is QuestionKind.TEXT:
        return bare.model_copy(update={"text": named}) if named.strip() else None
    label = named.casefold()
    fits = (one for one in question.options if label in (one.option_id.casefold(), one.label.casefold()))
    option = next(fits, None)
    return None if option is None else bare.model_copy(update={"option_id": option.option_id})


def settled(dispute: Dispute, *, now: datetime, outcome: str | None) -> Dispute:
    """As it is once it was applied, or another took its place."""
    return dispute.model_copy(update={"settled_at": now, "outcome": outcome})
