"""Forms for tests: small ones, made of questions that say what they are."""

from __future__ import annotations

from typing import Any

from parts.stored import NOON
from qa_player.canonical import canonical_json, sha256
from qa_player.model.form import Fails, Form, NotApplicable, Option, Question, QuestionKind, Section, Weighing
from qa_player.model.scorecard import Answer, Scorecard
from qa_player.model.scoring import result_of


def yes_no(question_id: str, weight: int = 0, *, fails: Fails = Fails.NOTHING, **changes: Any) -> Question:
    """Yes is worth everything, no nothing."""
    fields: dict[str, Any] = {
        "question_id": question_id,
        "title": question_id.capitalize(),
        "kind": QuestionKind.YES_NO,
        "options": (
            Option(option_id="yes", label="Yes", score=100),
            Option(option_id="no", label="No", score=0, fails=fails),
        ),
        "weight": weight,
        "may_not_apply": True,
    }
    return Question(**fields | changes)


def scale(question_id: str, weight: int = 0) -> Question:
    """From 0 to 4, a quarter each."""
    options = tuple(Option(option_id=str(mark), label=str(mark), score=25 * mark) for mark in range(5))
    return yes_no(question_id, weight, kind=QuestionKind.SCALE, options=options)


def form(*sections: tuple[int, tuple[Question, ...]], **changes: Any) -> Form:
    """Sections by their weights and questions."""
    fields: dict[str, Any] = {
        "form_id": "small",
        "version": 1,
        "title": "Small",
        "weighing": Weighing.QUESTIONS,
        "not_applicable": NotApplicable.LEFT_OUT,
        "sections": tuple(
            Section(section_id=f"s{number}", title=f"Section {number}", weight=weight, questions=questions)
            for number, (weight, questions) in enumerate(sections)
        ),
    }
    return Form(**fields | changes)


def answers(**given: str | None) -> dict[str, Answer]:
    """By question: the option, or null for what does not apply."""
    return {
        name: Answer(question_id=name, option_id=option, does_not_apply=option is None)
        for name, option in given.items()
    }


def answered_card(session_id: str, *, submitted: bool = True) -> Scorecard:
    """Both questions of a small form answered with yes."""
    of = form((0, (yes_no("greet", 4_000), yes_no("solve", 6_000))))
    given = answers(greet="yes", solve="yes")
    return Scorecard(
        scorecard_id=f"card of {session_id}",
        connection="acme",
        session_id=session_id,
        form=of,
        form_digest=sha256(canonical_json(of.model_dump(mode="json"))),
        author="Rita",
        created_at=NOON,
        updated_at=NOON,
        answers=tuple(given.values()),
        submitted_at=NOON if submitted else None,
        result=result_of(of, given) if submitted else None,
    )
