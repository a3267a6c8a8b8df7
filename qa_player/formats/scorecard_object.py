"""A scorecard as a plain JSON object: the shape that `score --json` and the native export share."""

from __future__ import annotations

from qa_player.formats.session_object import instant_text
from qa_player.model.form import Question
from qa_player.model.scorecard import Absence, Answer, Scorecard
from qa_player.model.scoring import answers_of, asked, failing


def scorecard_object(card: Scorecard) -> dict[str, object]:
    """Scores in percent, null where nothing counted; questions in the order of the form, also those not asked."""
    answers = answers_of(card)
    open_now = {question.question_id for question in asked(card.form, answers)}
    result = card.result
    sections = {} if result is None else {one.section_id: one.score for one in result.sections}
    return {
        "scorecard_id": card.scorecard_id,
        "form_id": card.form.form_id,
        "form_version": card.form.version,
        "form_title": card.form.title,
        "form_digest": card.form_digest,
        "author": card.author,
        "created_at": instant_text(card.created_at),
        "updated_at": instant_text(card.updated_at),
        "submitted_at": instant_text(card.submitted_at),
        "revision": card.revision,
        "replaces": card.replaces,
        "score_percent": None if result is None else in_percent(result.score),
        "passed": None if result is None else result.passed,
        "failed_by": [] if result is None else list(result.failed_by),
        "sections": [
            {
                "section_id": section.section_id,
                "title": section.title,
                "score_percent": in_percent(sections.get(section.section_id)),
                "answers": [
                    _answer_object(question, card.answer(question.question_id), question.question_id in open_now)
                    for question in section.questions
                ],
            }
            for section in card.form.sections
        ],
    }


def in_percent(score: int | None) -> float | None:
    """Hundredths of a percent as percent."""
    return None if score is None else score / 100


def _answer_object(question: Question, answer: Answer, is_asked: bool) -> dict[str, object]:
    option = question.option(answer.option_id)
    return {
        "question_id": question.question_id,
        "title": question.title,
        "asked": is_asked,
        "option_id": answer.option_id,
        "answer": option.label if option is not None else answer.text or None,
        "score_percent": None if option is None else option.score,
        "does_not_apply": answer.does_not_apply,
        "failing": failing(question, answer),
        "critical": question.critical,
        "comment": answer.comment,
        "evidence": [{"start_ms": span.start_ms, "end_ms": span.end_ms} for span in answer.spans],
        "absent": None if answer.absence is None else _absence_object(answer.absence),
    }


def _absence_object(absence: Absence) -> dict[str, object]:
    return {
        "duration_ms": absence.duration_ms,
        "heard_ms": absence.heard_ms,
        "skipped_ms": absence.skipped_ms,
        "stated_at": instant_text(absence.stated_at),
    }
