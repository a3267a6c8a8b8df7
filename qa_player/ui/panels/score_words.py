"""What a scorecard comes to, in a word or two and the tone it is painted in."""

from __future__ import annotations

from qa_player.model.form import Form, Weighing
from qa_player.model.scorecard import Result, Scorecard
from qa_player.model.scoring import answers_of, result_of


def result_words(form: Form, card: Scorecard | None, *, replacing: Scorecard | None = None) -> tuple[str, str]:
    """Empty before the first answer; a draft says what it would come to now, a card that another counts in place of
    what that one came to."""
    if card is None:
        return "", "muted"
    if replacing is not None and replacing.result is not None:
        words, tone = _words(replacing.form, replacing.result)
        return f"Replaced: {words}" if words else "Replaced", tone
    result = card.result or result_of(card.form, answers_of(card))
    if card.submitted_at is not None:
        return _words(form, result)
    words, tone = _words(form, result.model_copy(update={"passed": None}))
    return (f"{words} so far" if words else ""), tone


def _words(form: Form, result: Result) -> tuple[str, str]:
    score = "" if result.score is None else f"{(result.score + 50) // 100} %"
    if result.failed_by:
        return (f"Failed ({score})" if score else "Failed"), "critical"
    if form.weighing is Weighing.NOTHING:
        return "", "muted"
    if result.passed is False:
        return f"{score}, below {form.pass_mark} %", "critical"
    return score, "good" if result.passed else "accent"
