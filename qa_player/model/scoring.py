"""What answers come to: which questions are asked, what is missing, and the score. Pure arithmetic on whole numbers.

Amazon Connect's rules: what does not apply or is not asked leaves its weight to the others in proportion; with weighed
sections the questions of a section count alike; an automatic fail brings its section or the whole form to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from qa_player.model.form import Fails, Form, NotApplicable, Option, Question, QuestionKind, Section, Weighing
from qa_player.model.scorecard import Answer, Result, Scorecard, SectionResult

Answers = Mapping[str, Answer]
"""By the ids of their questions."""


def answers_of(card: Scorecard) -> dict[str, Answer]:
    """The answers of a scorecard by their questions."""
    return {one.question_id: one for one in card.answers}


def asked(form: Form, answers: Answers) -> tuple[Question, ...]:
    """The questions that are asked, given what was answered: a condition on one that is not asked is not met."""
    open_now: dict[str, Question] = {}
    for one in form.questions():
        when = one.asked_when
        if when is None or (
            when.question_id in open_now and answers.get(when.question_id, _NONE).option_id in when.option_ids
        ):
            open_now[one.question_id] = one
    return tuple(open_now.values())


def failing(question: Question, answer: Answer) -> bool:
    """Whether the answer is a reproach that needs its evidence."""
    option = question.option(answer.option_id)
    return option is not None and option.failing


def refusal(form: Form, answer: Answer, duration_ms: int | None) -> str | None:
    """Why the form or a recording of ``duration_ms`` (null: not known) cannot have this answer; null where it can."""
    question = form.question(answer.question_id)
    if question is None:
        return f"The form has no question {answer.question_id}."
    name = f"“{question.title}”"
    if answer.does_not_apply and not question.may_not_apply:
        return f"{name} always applies."
    if answer.text and question.kind is not QuestionKind.TEXT:
        return f"{name} is answered by one of its answers, not in words; words belong into the comment."
    if answer.option_id is not None and question.option(answer.option_id) is None:
        return f"{name} has no such answer."
    if duration_ms is not None and any(span.end_ms > duration_ms for span in answer.spans):
        return f"{name} rests on a span that ends after the recording."
    return None


def missing(form: Form, answers: Answers) -> tuple[tuple[Question, str], ...]:
    """What keeps a scorecard from being submitted: the question, and a sentence. Empty when it can be."""
    told = []
    for one in asked(form, answers):
        answer = answers.get(one.question_id, _NONE)
        if not answer.given and not one.optional:
            told.append((one, "This question is not answered."))
        elif failing(one, answer) and not answer.spans and answer.absence is None:
            told.append((one, "A failing answer needs a span of audio, or the statement that it is nowhere in it."))
    return tuple(told)


def result_of(form: Form, answers: Answers) -> Result:
    """The score of the answers so far; what is not answered yet counts like what does not apply and is left out."""
    chosen = dict(_chosen(form, answers))
    marks = _marks(form, answers, chosen)
    sections = [(section, _section(form, section, marks)) for section in form.sections]
    score = _whole(form, sections, marks)
    failed_by = tuple(
        one.question_id
        for one in form.questions()
        if (option := chosen.get(one.question_id)) is not None
        and (option.fails is not Fails.NOTHING or (one.critical and option.failing))
    )
    return Result(
        score=None if score is None else _rounded(score),
        sections=tuple(
            SectionResult(section_id=section.section_id, score=None if part is None else _rounded(part))
            for section, part in sections
        ),
        failed_by=failed_by,
        passed=_passed(form, score, chosen),
    )


_NONE = Answer(question_id="-")


def _chosen(form: Form, answers: Answers) -> Iterator[tuple[str, Option]]:
    """The options given to questions that are asked."""
    for one in asked(form, answers):
        option = one.option(answers.get(one.question_id, _NONE).option_id)
        if option is not None:
            yield one.question_id, option


def _marks(form: Form, answers: Answers, chosen: Mapping[str, Option]) -> dict[str, Fraction]:
    """What each question that counts is worth, from 0 to 1, after every automatic fail."""
    whole_fails = any(option.fails is Fails.FORM for option in chosen.values())
    marks: dict[str, Fraction] = {}
    for section in form.sections:
        ids = {one.question_id for one in section.questions}
        fails = whole_fails or any(chosen[one].fails is Fails.SECTION for one in ids & chosen.keys())
        for one in section.questions:
            mark = _mark(form, one, answers, chosen)
            if mark is not None:
                marks[one.question_id] = Fraction(0) if fails else mark
    return marks


def _mark(form: Form, question: Question, answers: Answers, chosen: Mapping[str, Option]) -> Fraction | None:
    option = chosen.get(question.question_id)
    if option is not None:
        return None if option.score is None else Fraction(option.score, 100)
    counts_in_full = form.not_applicable is NotApplicable.FULL and question.scored
    does_not_apply = answers.get(question.question_id, _NONE).does_not_apply
    is_asked = question in asked(form, answers)
    return Fraction(1) if counts_in_full and does_not_apply and is_asked else None


def _section(form: Form, section: Section, marks: Mapping[str, Fraction]) -> Fraction | None:
    by_question = form.weighing is Weighing.QUESTIONS
    return _mean(
        (marks[one.question_id], one.weight if by_question else 1)
        for one in section.questions
        if one.question_id in marks and form.weighing is not Weighing.NOTHING
    )


def _whole(
    form: Form, sections: Iterable[tuple[Section, Fraction | None]], marks: Mapping[str, Fraction]
) -> Fraction | None:
    if form.weighing is Weighing.SECTIONS:
        return _mean((part, section.weight) for section, part in sections if part is not None)
    if form.weighing is Weighing.QUESTIONS:
        return _mean((marks[one.question_id], one.weight) for one in form.questions() if one.question_id in marks)
    return None


def _mean(weighed: Iterable[tuple[Fraction, int]]) -> Fraction | None:
    """Null where nothing with a weight counted."""
    parts = list(weighed)
    total = sum(weight for _, weight in parts)
    return sum((mark * weight for mark, weight in parts), Fraction(0)) / total if total else None


def _passed(form: Form, score: Fraction | None, chosen: Mapping[str, Option]) -> bool | None:
    critical = any(one.critical and _is_failing(chosen.get(one.question_id)) for one in form.questions())
    if critical or any(option.fails is Fails.FORM for option in chosen.values()):
        return False
    if form.pass_mark is None or score is None:
        return None
    return score * 100 >= form.pass_mark


def _is_failing(option: Option | None) -> bool:
    return option is not None and option.failing


def _rounded(share: Fraction) -> int:
    """In hundredths of a percent, a half up."""
    return int(share * 10_000 + Fraction(1, 2))
