"""A scorecard's form: sections of questions with weights, and the rules by which an answer counts.

Shapes and rules follow Amazon Connect's evaluation forms ("Create an evaluation form", "Scoring and automatic fail
questions"). Weights are hundredths of a percent, scores whole percent, so that arithmetic is exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from qa_player.model.value import CountFromOne, LongText, OpaqueId, ShortText, Value

WHOLE = 10_000
"""All weights of a form together, in hundredths of a percent."""

MOST_SECTIONS = 50
MOST_QUESTIONS = 100
MOST_OPTIONS = 256

Weight = Annotated[int, Field(ge=0, le=WHOLE)]
Percent = Annotated[int, Field(ge=0, le=100)]


class QuestionKind(StrEnum):
    """How a question is answered."""

    YES_NO = "yes_no"
    SCALE = "scale"
    CHOICE = "choice"
    TEXT = "text"


class Fails(StrEnum):
    """What an answer brings to nothing besides its own question (Connect: automatic fail)."""

    NOTHING = "nothing"
    SECTION = "section"
    FORM = "form"


class Weighing(StrEnum):
    """What carries the weights: every question, or every section with its questions equal; or nothing is scored."""

    QUESTIONS = "questions"
    SECTIONS = "sections"
    NOTHING = "nothing"


class NotApplicable(StrEnum):
    """What becomes of a question that does not apply: its weight goes to the others, or it counts in full."""

    LEFT_OUT = "left_out"
    FULL = "full"


class Option(Value):
    """One possible answer. ``score`` is null where the answer is not scored."""

    option_id: OpaqueId
    label: ShortText
    score: Percent | None = None
    fails: Fails = Fails.NOTHING

    @property
    def failing(self) -> bool:
        """Whether giving it is a reproach, which needs its evidence."""
        return self.score == 0 or self.fails is not Fails.NOTHING


class Condition(Value):
    """The question is asked only when another, earlier one has one of these answers."""

    question_id: OpaqueId
    option_ids: Annotated[tuple[OpaqueId, ...], Field(min_length=1, max_length=MOST_OPTIONS)]


class Question(Value):
    """``critical``: a failing answer fails the scorecard whatever its score. ``optional`` ones may stay open."""

    question_id: OpaqueId
    title: ShortText
    instructions: LongText = ""
    kind: QuestionKind
    options: Annotated[tuple[Option, ...], Field(max_length=MOST_OPTIONS)] = ()
    weight: Weight = 0
    may_not_apply: bool = False
    critical: bool = False
    optional: bool = False
    asked_when: Condition | None = None

    def option(self, option_id: str | None) -> Option | None:
        """The answer of that id; null where there is none."""
        return next((one for one in self.options if one.option_id == option_id), None)

    @property
    def scored(self) -> bool:
        """Whether any answer to it counts."""
        return any(one.score is not None for one in self.options)


class Section(Value):
    section_id: OpaqueId
    title: ShortText
    instructions: LongText = ""
    weight: Weight = 0
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=MOST_QUESTIONS)]


class Form(Value):
    """One version of a form; it never changes. ``pass_mark`` is the least score that passes, null: none is asked."""

    form_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")]
    version: CountFromOne
    title: ShortText
    description: LongText = ""
    weighing: Weighing
    not_applicable: NotApplicable = NotApplicable.LEFT_OUT
    pass_mark: Percent | None = None
    sections: Annotated[tuple[Section, ...], Field(min_length=1, max_length=MOST_SECTIONS)]

    def questions(self) -> Iterator[Question]:
        """All of them, in order."""
        for section in self.sections:
            yield from section.questions

    def question(self, question_id: str) -> Question | None:
        """The one of that id; null where there is none."""
        return next((one for one in self.questions() if one.question_id == question_id), None)


def faults(form: Form) -> tuple[str, ...]:
    """What is wrong with a form, a sentence each, in the order of the form; empty where it can be used."""
    return (*_repeats(form), *_weights(form), *_questions(form))


def _repeats(form: Form) -> Iterator[str]:
    ids = [section.section_id for section in form.sections] + [one.question_id for one in form.questions()]
    for again in sorted({one for one in ids if ids.count(one) > 1}):
        yield f"The id {again} is given more than once."


def _weights(form: Form) -> Iterator[str]:
    if form.weighing is Weighing.NOTHING:
        return
    by_section = form.weighing is Weighing.SECTIONS
    weighed = form.sections if by_section else tuple(form.questions())
    total = sum(one.weight for one in weighed)
    if total != WHOLE:
        what = "sections" if by_section else "questions"
        yield f"The weights of the {what} add up to {percent(total)}, not to 100 %."
    for section in form.sections:
        if by_section and section.weight and not any(one.scored for one in section.questions):
            yield f"Section {section.title} has a weight, but no question of it is scored."
        for one in section.questions:
            if not by_section and one.weight and not one.scored:
                yield f"Question {one.title} has a weight, but no answer to it has a score."


def _questions(form: Form) -> Iterator[str]:
    earlier: dict[str, Question] = {}
    for one in form.questions():
        ids = [option.option_id for option in one.options]
        if len(set(ids)) != len(ids):
            yield f"Question {one.title} gives two answers the same id."
        if one.kind is QuestionKind.TEXT and one.options:
            yield f"Question {one.title} is answered in words and cannot have answers to choose from."
        elif one.kind is QuestionKind.YES_NO and len(one.options) != 2:
            yield f"Question {one.title} needs exactly two answers."
        elif one.kind in (QuestionKind.SCALE, QuestionKind.CHOICE) and len(one.options) < 2:
            yield f"Question {one.title} needs at least two answers."
        if len({option.score is None for option in one.options}) > 1:
            yield f"Question {one.title} scores some of its answers and others not."
        yield from _condition(one, earlier)
        earlier[one.question_id] = one


def _condition(one: Question, earlier: dict[str, Question]) -> Iterator[str]:
    if one.asked_when is None:
        return
    decides = earlier.get(one.asked_when.question_id)
    if decides is None:
        yield f"Question {one.title} depends on a question that does not come before it."
    elif any(decides.option(option_id) is None for option_id in one.asked_when.option_ids):
        yield f"Question {one.title} depends on an answer that {decides.title} does not have."


def percent(hundredths: int) -> str:
    """As people read it: `12.5 %`, at most two decimals."""
    return f"{hundredths / 100:.2f}".rstrip("0").rstrip(".") + " %"
