"""One answer of a scorecard as a flat row of a table."""

from __future__ import annotations

from collections.abc import Iterator

from qa_player.formats.scorecard_object import in_percent
from qa_player.formats.session_object import instant_text
from qa_player.model.scorecard import Scorecard, SectionResult
from qa_player.model.scoring import answers_of, asked, failing

COLUMNS = (
    "session_id",
    "scorecard_id",
    "form_id",
    "form_version",
    "form_title",
    "author",
    "submitted_at",
    "score_percent",
    "passed",
    "section_id",
    "section_percent",
    "question_id",
    "question",
    "answer",
    "answer_percent",
    "does_not_apply",
    "failing",
    "critical",
    "comment",
    "evidence_ms",
    "absent",
    "replaces",
)
"""In this order. Percents are decimal, yes and no are 1 and 0, evidence is ``start-end`` with blanks between.
``replaces`` is the id of the scorecard that this one counts in place of; that one does not count any more."""


def score_rows(card: Scorecard) -> Iterator[dict[str, str | int | None]]:
    """A row for each question that was asked, its keys in the order of `COLUMNS`."""
    open_now = {question.question_id for question in asked(card.form, answers_of(card))}
    result = card.result
    sections = {} if result is None else {one.section_id: one for one in result.sections}
    of_card: dict[str, str | int | None] = {
        "session_id": card.session_id,
        "scorecard_id": card.scorecard_id,
        "form_id": card.form.form_id,
        "form_version": card.form.version,
        "form_title": card.form.title,
        "author": card.author,
        "submitted_at": instant_text(card.submitted_at),
        "score_percent": None if result is None else _decimal(result.score),
        "passed": None if result is None or result.passed is None else int(result.passed),
    }
    for section in card.form.sections:
        for question in section.questions:
            if question.question_id not in open_now:
                continue
            answer = card.answer(question.question_id)
            option = question.option(answer.option_id)
            yield of_card | {
                "section_id": section.section_id,
                "section_percent": _of_section(sections.get(section.section_id)),
                "question_id": question.question_id,
                "question": question.title,
                "answer": option.label if option is not None else answer.text or None,
                "answer_percent": None if option is None else option.score,
                "does_not_apply": int(answer.does_not_apply),
                "failing": int(failing(question, answer)),
                "critical": int(question.critical),
                "comment": answer.comment,
                "evidence_ms": " ".join(f"{span.start_ms}-{span.end_ms}" for span in answer.spans),
                "absent": int(answer.absence is not None),
                "replaces": card.replaces,
            }


def _of_section(result: SectionResult | None) -> str | None:
    return None if result is None else _decimal(result.score)


def _decimal(score: int | None) -> str | None:
    percent = in_percent(score)
    return None if percent is None else f"{percent:g}"
