"""What somebody decides of a contested question, refused where it says nothing."""

from __future__ import annotations

from qa_player.errors import UsageError
from qa_player.model.dispute import Decided, Decision, Dispute, Ruling, answer_named
from qa_player.model.form import Question
from qa_player.model.scorecard import Answer
from qa_player.services.trail import Trail


def ruling_of(dispute: Dispute, decided: Decided, trail: Trail) -> Ruling:
    """The ruling in the name of who works here. Raises UsageError."""
    question = dispute.scorecard.form.question(decided.question_id)
    if question is None or all(one.question_id != decided.question_id for one in dispute.contested):
        raise UsageError("This question is not contested.", "See `qa-player dispute show FILE`.")
    if not decided.text.strip():
        raise UsageError(f"“{question.title}”: a decision needs its reason.", "Say why in a sentence.")
    return Ruling(
        decision=decided.decision,
        answer=_answer(question, dispute.scorecard.answer(question.question_id), decided),
        text=decided.text,
        decided_by=trail.actor.shown,
        decided_at=trail.now(),
    )


def _answer(question: Question, before: Answer, decided: Decided) -> Answer | None:
    """The answer from now on, null where it stays."""
    if (decided.named is None) != (decided.decision is Decision.REJECT):
        raise UsageError(
            f"“{question.title}”: what is accepted, wholly or partly, changes the answer; what is rejected does not.",
            "Give the answer that stands with accept and partly, and none with reject.",
        )
    if decided.named is None:
        return None
    answer = answer_named(question, before, decided.named)
    if answer is None:
        raise UsageError(f"“{question.title}” has no such answer.", "Give one of its own answers.")
    if answer == before:
        raise UsageError(f"“{question.title}”: this is the answer that is contested.", "Give another one, or reject.")
    return answer
