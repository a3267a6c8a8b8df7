"""A form as a file: the shape of an Amazon Connect evaluation form (API CreateEvaluationForm), both directions.

What Connect has no word for stands under ``QaPlayer`` of the form or of a question: ``FormId``, ``PassMark``,
``NotApplicable``, ``Critical``, ``Optional``. Connect's scores go from 0 to 10.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from qa_player.formats.evaluation_question import question_object, question_of
from qa_player.formats.refusals import refusals
from qa_player.model.form import Form, NotApplicable, Section, Weighing, faults

MOST_BYTES = 2_000_000
_MODES = {"QUESTION_ONLY": Weighing.QUESTIONS, "SECTION_ONLY": Weighing.SECTIONS}


def read_form(data: bytes) -> tuple[Form | None, tuple[str, ...]]:
    """The form in ``data`` (UTF-8 JSON), or null with every reason why it cannot be used, a sentence each."""
    if len(data) > MOST_BYTES:
        return None, ("The file is longer than any form.",)
    try:
        told = json.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        return None, ("The file is no JSON in UTF-8.",)
    if not isinstance(told, dict):
        return None, ("The file holds no form: a JSON object is expected.",)
    told = told.get("EvaluationForm", told)
    if not isinstance(told, dict) or not isinstance(told.get("Items"), list):
        return None, ("The file holds no form: `Items` is missing.",)
    lines: list[str] = []
    sections = list(_sections(told["Items"], lines))
    if lines:
        return None, tuple(lines)
    try:
        form = _form(told, sections)
    except (ValidationError, ValueError, TypeError) as error:
        return None, tuple(_refusals(error))
    found = faults(form)
    return (None, found) if found else (form, ())


def form_object(form: Form) -> dict[str, Any]:
    """The form as Connect takes it, with what is ours beside it."""
    mode = next((name for name, weighing in _MODES.items() if weighing is form.weighing), None)
    ours: dict[str, Any] = {"FormId": form.form_id, "NotApplicable": form.not_applicable.value}
    if form.pass_mark is not None:
        ours["PassMark"] = form.pass_mark
    return {
        "Title": form.title,
        "Description": form.description,
        "EvaluationFormVersion": form.version,
        "ScoringStrategy": {"Mode": mode or "QUESTION_ONLY", "Status": "ENABLED" if mode else "DISABLED"},
        "QaPlayer": ours,
        "Items": [
            {
                "Section": {
                    "Title": section.title,
                    "RefId": section.section_id,
                    "Instructions": section.instructions,
                    "Weight": section.weight / 100,
                    "Items": [{"Question": question_object(one, section)} for one in section.questions],
                }
            }
            for section in form.sections
        ],
    }


def form_file(form: Form) -> bytes:
    """The bytes of its file, as Connect's API and `read_form` take it."""
    return json.dumps(form_object(form), ensure_ascii=False, indent=2).encode() + b"\n"


def _form(told: dict[str, Any], sections: list[Section]) -> Form:
    ours = told.get("QaPlayer") or {}
    title = str(told.get("Title") or "")
    return Form(
        form_id=str(ours.get("FormId") or _slug(title)),
        version=int(told.get("EvaluationFormVersion") or 1),
        title=title,
        description=str(told.get("Description") or ""),
        weighing=_weighing(told.get("ScoringStrategy")),
        not_applicable=NotApplicable(ours.get("NotApplicable", NotApplicable.LEFT_OUT)),
        pass_mark=ours.get("PassMark"),
        sections=tuple(sections),
    )


def _weighing(told: object) -> Weighing:
    if not isinstance(told, dict) or told.get("Status") == "DISABLED":
        return Weighing.NOTHING
    return _MODES.get(str(told.get("Mode")), Weighing.NOTHING)


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")[:100] or "form"


def _sections(items: list[Any], lines: list[str]) -> Iterator[Section]:
    """Questions that stand outside of any section make one of their own."""
    loose = [item for item in items if isinstance(item, dict) and "Question" in item]
    for number, item in enumerate(items, start=1):
        told = item.get("Section") if isinstance(item, dict) else None
        if isinstance(told, dict):
            yield from _section(told, lines)
        elif item not in loose:
            lines.append(f"Item {number} is neither a section nor a question.")
    if loose:
        yield from _section({"Title": "Questions", "RefId": "questions", "Items": loose}, lines)


def _section(told: dict[str, Any], lines: list[str]) -> Iterator[Section]:
    title = str(told.get("Title") or "")
    questions = []
    items = told.get("Items")
    for item in items if isinstance(items, list) else []:
        asked = item.get("Question") if isinstance(item, dict) else None
        if not isinstance(asked, dict):
            lines.append(f"Section {title} holds something that is no question; sections in sections are not carried.")
            continue
        try:
            questions.append(question_of(asked))
        except (ValidationError, ValueError, TypeError, ArithmeticError) as error:
            name = str(asked.get("Title") or "without a title")[:200]
            lines.extend(f"Question {name}: {line}" for line in _refusals(error))
    try:
        yield Section(
            section_id=str(told.get("RefId") or ""),
            title=title,
            instructions=str(told.get("Instructions") or ""),
            weight=round(float(told.get("Weight") or 0) * 100),
            questions=tuple(questions),
        )
    except (ValidationError, ValueError, TypeError, OverflowError) as error:
        lines.extend(f"Section {title}: {line}" for line in _refusals(error))


def _refusals(error: Exception) -> Iterator[str]:
    """What a value refused, in words without what was in it."""
    if not isinstance(error, ValidationError):
        yield str(error) if str(error).endswith(".") else "It has a value that is none of those that are known."
        return
    yield from refusals(error)
