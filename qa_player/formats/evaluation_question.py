"""One question of an evaluation form file (Amazon Connect: EvaluationFormQuestion), both directions."""

from __future__ import annotations

from typing import Any

from qa_player.model.form import Condition, Fails, Option, Question, QuestionKind, Section

_POINTS = 10
"""Percent of one of Connect's ten points."""

_LONGEST_SCALE = 20


def question_of(told: dict[str, Any]) -> Question:
    """Raises ValueError (with a sentence) and pydantic's ValidationError for what cannot be carried."""
    kind, options = _answers(told)
    ours = told.get("QaPlayer") or {}
    return Question(
        question_id=str(told.get("RefId") or ""),
        title=str(told.get("Title") or ""),
        instructions=str(told.get("Instructions") or ""),
        kind=kind,
        options=options,
        weight=round(float(told.get("Weight") or 0) * 100),
        may_not_apply=bool(told.get("NotApplicableEnabled", False)),
        critical=bool(ours.get("Critical", False)),
        optional=bool(ours.get("Optional", False)),
        asked_when=_condition(told.get("Enablement")),
    )


def question_object(question: Question, section: Section) -> dict[str, Any]:
    """As Connect takes it; an automatic fail of the section names that section."""
    told: dict[str, Any] = {
        "Title": question.title,
        "Instructions": question.instructions,
        "RefId": question.question_id,
        "NotApplicableEnabled": question.may_not_apply,
        "Weight": question.weight / 100,
        "QaPlayer": {"Critical": question.critical, "Optional": question.optional},
    }
    if question.kind is QuestionKind.TEXT:
        told["QuestionType"] = "TEXT"
    elif question.kind is QuestionKind.SCALE:
        told |= {"QuestionType": "NUMERIC", "QuestionTypeProperties": {"Numeric": _numeric(question, section)}}
    else:
        options = [
            {"RefId": one.option_id, "Text": one.label} | _worth(one, section, question) for one in question.options
        ]
        told |= {
            "QuestionType": "SINGLESELECT",
            "QuestionTypeProperties": {"SingleSelect": {"Options": options, "DisplayAs": "RADIO"}},
        }
    if question.asked_when is not None:
        told["Enablement"] = _enablement(question.asked_when)
    return told


def _answers(told: dict[str, Any]) -> tuple[QuestionKind, tuple[Option, ...]]:
    kind = told.get("QuestionType")
    properties = told.get("QuestionTypeProperties") or {}
    if kind == "TEXT":
        return QuestionKind.TEXT, ()
    if kind == "NUMERIC":
        return QuestionKind.SCALE, _scale(properties.get("Numeric") or {})
    if kind != "SINGLESELECT":
        raise ValueError("Only text, numbers and single choices are carried.")
    options = tuple(
        Option(
            option_id=str(one.get("RefId") or ""),
            label=str(one.get("Text") or ""),
            score=_score(one),
            fails=_fails(one),
        )
        for one in (properties.get("SingleSelect") or {}).get("Options") or []
    )
    yes_no = {one.label.casefold() for one in options} == {"yes", "no"}
    return (QuestionKind.YES_NO if yes_no else QuestionKind.CHOICE), options


def _scale(told: dict[str, Any]) -> tuple[Option, ...]:
    """A number from a range: one answer for each whole number, with the score of the range that holds it."""
    least, most = int(told.get("MinValue") or 0), int(told.get("MaxValue") or 0)
    if not 0 < most - least <= _LONGEST_SCALE:
        raise ValueError(f"A scale has 2 to {_LONGEST_SCALE + 1} whole numbers.")
    ranges = [one for one in told.get("Options") or [] if isinstance(one, dict)]
    options = []
    for number in range(least, most + 1):
        held = next((one for one in ranges if int(one["MinValue"]) <= number <= int(one["MaxValue"])), {})
        options.append(Option(option_id=str(number), label=str(number), score=_score(held), fails=_fails(held)))
    return tuple(options)


def _numeric(question: Question, section: Section) -> dict[str, Any]:
    numbers = [int(one.label) for one in question.options]
    return {
        "MinValue": min(numbers),
        "MaxValue": max(numbers),
        "Options": [
            {"MinValue": number, "MaxValue": number} | _worth(one, section, question)
            for number, one in zip(numbers, question.options, strict=True)
        ],
    }


def _score(told: dict[str, Any]) -> int | None:
    points = told.get("Score")
    if points is None:
        return 0 if told.get("AutomaticFail") else None
    if not isinstance(points, int) or not 0 <= points <= 100 // _POINTS:
        raise ValueError("A score is a whole number from 0 to 10.")
    return points * _POINTS


def _fails(told: dict[str, Any]) -> Fails:
    if not told.get("AutomaticFail"):
        return Fails.NOTHING
    return Fails.SECTION if (told.get("AutomaticFailConfiguration") or {}).get("TargetSection") else Fails.FORM


def _worth(option: Option, section: Section, question: Question) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if option.score is not None:
        if option.score % _POINTS:
            raise ValueError(f"Question {question.title} has a score that Connect's ten points cannot say.")
        told["Score"] = option.score // _POINTS
    if option.fails is not Fails.NOTHING:
        told["AutomaticFail"] = True
    if option.fails is Fails.SECTION:
        told["AutomaticFailConfiguration"] = {"TargetSection": section.section_id}
    return told


def _condition(told: object) -> Condition | None:
    if told is None:
        return None
    try:
        if not isinstance(told, dict):
            raise ValueError
        (operand,) = told["Condition"]["Operands"]
        expression = operand["Expression"]
        as_known = (
            expression["Comparator"] == "IN"
            and expression["Source"]["Type"] == "QUESTION_REF_ID"
            and told["Action"] == "ENABLE"
            and told.get("DefaultAction", "DISABLE") == "DISABLE"
        )
        asked_by, answers = expression["Source"]["RefId"], [one["RefId"] for one in expression["Values"]]
    except (KeyError, TypeError, ValueError):
        as_known = False
    if not as_known:
        raise ValueError("Its condition is none that is carried: one earlier question with one of some answers.")
    return Condition(question_id=asked_by, option_ids=tuple(answers))


def _enablement(condition: Condition) -> dict[str, Any]:
    expression = {
        "Source": {"Type": "QUESTION_REF_ID", "RefId": condition.question_id},
        "Values": [{"Type": "OPTION_REF_ID", "RefId": one} for one in condition.option_ids],
        "Comparator": "IN",
    }
    return {
        "Condition": {"Operands": [{"Expression": expression}], "Operator": "OR"},
        "Action": "ENABLE",
        "DefaultAction": "DISABLE",
    }
