"""The file of a dispute, which goes out and comes back, and what a person or a script reads of it."""

from __future__ import annotations

from qa_player.formats.envelope import read, written
from qa_player.formats.scorecard_object import in_percent
from qa_player.formats.session_object import instant_text
from qa_player.model.dispute import Contested, Dispute, Ruling, quoted
from qa_player.model.form import Question
from qa_player.model.scorecard import Answer, Result, answer_text
from qa_player.model.scoring import result_of

DISPUTE = "dispute"


def write_dispute(dispute: Dispute) -> bytes:
    """The dispute as a file."""
    return written(DISPUTE, dispute)


def read_dispute(data: bytes) -> Dispute:
    """Raises UsageError, IntegrityError."""
    return read(DISPUTE, data, Dispute)


def dispute_object(dispute: Dispute) -> dict[str, object]:
    """As `dispute show --json` prints it: the score as it is, and as it is under what was decided so far."""
    card, session = dispute.scorecard, dispute.session
    after = result_of(card.form, dispute.answers())
    return {
        "dispute_id": dispute.dispute_id,
        "opened_at": instant_text(dispute.opened_at),
        "opened_by": dispute.opened_by,
        "connection": session.connection,
        "session_id": session.session_id,
        "title": session.title,
        "scorecard_id": card.scorecard_id,
        "author": card.author,
        "form_id": card.form.form_id,
        "form_version": card.form.version,
        "before": _result(card.result),
        "after": _result(after),
        "decided": not dispute.open_questions,
        "questions": [_contested(dispute, one) for one in dispute.contested],
    }


def _result(result: Result | None) -> dict[str, object]:
    score, passed = (None, None) if result is None else (result.score, result.passed)
    return {"score_percent": in_percent(score), "passed": passed}


def _contested(dispute: Dispute, one: Contested) -> dict[str, object]:
    question = dispute.scorecard.form.question(one.question_id)
    answer = dispute.scorecard.answer(one.question_id)
    turns = quoted(dispute.session.turns, (*answer.spans, *one.spans))
    return {
        "question_id": one.question_id,
        "title": "" if question is None else question.title,
        "answer": _answer(question, answer),
        "text": one.text,
        "evidence": [{"start_ms": span.start_ms, "end_ms": span.end_ms} for span in one.spans],
        "ruling": None if one.ruling is None else _ruling(question, one.ruling),
        "turns": [turn.model_dump(mode="json") for turn in turns],
    }


def _answer(question: Question | None, answer: Answer) -> dict[str, object]:
    return {
        "option_id": answer.option_id,
        "does_not_apply": answer.does_not_apply,
        "answer": answer.text if question is None else answer_text(question, answer),
        "comment": answer.comment,
        "evidence": [{"start_ms": span.start_ms, "end_ms": span.end_ms} for span in answer.spans],
    }


def _ruling(question: Question | None, ruling: Ruling) -> dict[str, object]:
    return {
        "decision": ruling.decision.value,
        "answer": None if ruling.answer is None else _answer(question, ruling.answer),
        "text": ruling.text,
        "decided_by": ruling.decided_by,
        "decided_at": instant_text(ruling.decided_at),
    }
