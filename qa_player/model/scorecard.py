"""A scorecard: one form answered for one session, with the evidence each reproach rests on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import Field, model_validator

from qa_player.model.annotation import Span
from qa_player.model.form import Form, Question
from qa_player.model.value import (
    CountFromOne,
    Instant,
    LongText,
    Milliseconds,
    Name,
    OpaqueId,
    Sha256,
    ShortText,
    Value,
)

MOST_EVIDENCE = 100


class Absence(Value):
    """A statement that something is nowhere in the recording, with the listening that proves it.

    ``heard_ms`` and ``skipped_ms`` (silence that was passed over) make up the whole ``duration_ms``, but for crumbs
    shorter than a syllable.
    """

    duration_ms: Milliseconds
    heard_ms: Milliseconds
    skipped_ms: Milliseconds
    stated_at: Instant


class Answer(Value):
    """To one question: an option, words, or that it does not apply. ``spans`` and ``absence`` are its evidence."""

    question_id: OpaqueId
    option_id: OpaqueId | None = None
    text: LongText = ""
    does_not_apply: bool = False
    comment: LongText = ""
    spans: Annotated[tuple[Span, ...], Field(max_length=MOST_EVIDENCE)] = ()
    absence: Absence | None = None

    @model_validator(mode="after")
    def _is_one_answer(self) -> Self:
        if sum((self.option_id is not None, bool(self.text), self.does_not_apply)) > 1:
            raise ValueError("an answer is an option, words or that the question does not apply")
        return self

    @property
    def given(self) -> bool:
        """Whether the question is answered at all; a comment or evidence alone is none."""
        return self.option_id is not None or bool(self.text.strip()) or self.does_not_apply


class SectionResult(Value):
    """``score`` is in hundredths of a percent, null where nothing in it counted."""

    section_id: OpaqueId
    score: Annotated[int, Field(ge=0, le=10_000)] | None


class Result(Value):
    """What the answers come to. ``score`` in hundredths of a percent, null where nothing counted; ``failed_by`` are the
    questions whose answers failed the section, the form or, being critical, the scorecard; ``passed`` is null where
    nothing is asked to pass."""

    score: Annotated[int, Field(ge=0, le=10_000)] | None
    sections: tuple[SectionResult, ...]
    failed_by: tuple[OpaqueId, ...] = ()
    passed: bool | None = None


class Scorecard(Value):
    """``form`` is the version it was answered on, whole, with its digest: a later version changes no old score.

    ``answers`` stand in the order of the form, also those to questions that are no longer asked. ``submitted_at`` and
    ``result`` are null while it is a draft. ``revision`` counts from 1 and guards against lost updates. ``replaces`` is
    the id of the card that it counts in place of, null for a card of its own; the other stays as it was.
    """

    scorecard_id: OpaqueId
    connection: Name
    session_id: OpaqueId
    form: Form
    form_digest: Sha256
    author: ShortText
    created_at: Instant
    updated_at: Instant
    revision: CountFromOne = 1
    answers: tuple[Answer, ...] = ()
    submitted_at: Instant | None = None
    result: Result | None = None
    replaces: OpaqueId | None = None

    def answer(self, question_id: str) -> Answer:
        """What was answered to a question; an empty answer where nothing was."""
        found = next((one for one in self.answers if one.question_id == question_id), None)
        return found or Answer(question_id=question_id)


def answer_text(question: Question, answer: Answer) -> str:
    """What a person reads of an answer."""
    if answer.does_not_apply:
        return "does not apply"
    option = question.option(answer.option_id)
    return answer.text if option is None else option.label


def counting(cards: Iterable[Scorecard]) -> tuple[Scorecard, ...]:
    """Those of a session's cards that count: submitted, and no other stands in their place."""
    known = tuple(cards)
    replaced = {one.replaces for one in known}
    return tuple(one for one in known if one.submitted_at is not None and one.scorecard_id not in replaced)
