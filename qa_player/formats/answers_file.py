"""Answers to a form as a JSON file: ``{"answers": {QUESTION: OPTION or an object}}``.

An object may hold ``option``, ``text``, ``does_not_apply`` (true), ``comment``, ``evidence`` (a list of objects with
``start_ms`` and ``end_ms``) and ``absent`` (true: stated to be nowhere in the recording).
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from pydantic import ValidationError

from qa_player.model.annotation import Span
from qa_player.model.form import Form
from qa_player.model.scorecard import Answer

MOST_BYTES = 20_000_000
_KNOWN = {"option", "text", "does_not_apply", "comment", "evidence", "absent"}


class Answered(NamedTuple):
    """``absent`` are the ids of questions whose matter is stated to be nowhere; ``faults`` a sentence for each line
    that cannot be taken."""

    answers: tuple[Answer, ...]
    absent: tuple[str, ...]
    faults: tuple[str, ...]


def read_answers(data: bytes, form: Form) -> Answered:
    """What the file answers; an option may be named by its id or by what a person reads."""
    try:
        told = json.loads(data.decode("utf-8-sig")) if len(data) <= MOST_BYTES else None
    except (UnicodeDecodeError, ValueError, RecursionError):
        told = None
    given = told.get("answers") if isinstance(told, dict) else None
    if not isinstance(given, dict):
        return Answered((), (), ("The file holds no answers: an object `answers` is expected.",))
    answers, absent, faults = [], [], []
    for question_id, one in given.items():
        fields = one if isinstance(one, dict) else {"option": one}
        unknown = sorted(set(fields) - _KNOWN)
        try:
            if unknown:
                raise ValueError(f"`{unknown[0][:40]}` is nothing that an answer has.")
            answers.append(_answer(question_id, fields, form))
        except (ValidationError, ValueError, TypeError, KeyError) as error:
            why = str(error) if type(error) is ValueError else "it is not written as an answer is."
            faults.append(f"Question {question_id[:200]}: {why}")
        if fields.get("absent") is True:
            absent.append(question_id)
    return Answered(tuple(answers), tuple(absent), tuple(faults))


def _answer(question_id: str, fields: dict[str, Any], form: Form) -> Answer:
    return Answer(
        question_id=question_id,
        option_id=_option(question_id, fields.get("option"), form),
        text=fields.get("text", ""),
        does_not_apply=fields.get("does_not_apply", False),
        comment=fields.get("comment", ""),
        spans=tuple(Span(start_ms=one["start_ms"], end_ms=one["end_ms"]) for one in fields.get("evidence", ())),
    )


def _option(question_id: str, named: object, form: Form) -> str | None:
    if named is None:
        return None
    question = form.question(question_id)
    if question is None:
        return str(named)
    label = str(named).casefold()
    return next(
        (one.option_id for one in question.options if label in (one.option_id.casefold(), one.label.casefold())),
        str(named),
    )
