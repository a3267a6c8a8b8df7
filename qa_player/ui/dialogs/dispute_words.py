"""What the window says of a dispute."""

from __future__ import annotations

from qa_player.model.dispute import Contested, Decided, Decision, Dispute
from qa_player.model.form import percent
from qa_player.model.scorecard import Result
from qa_player.model.scoring import result_of
from qa_player.ui.widgets.text import isolated, one_line
from qa_player.ui.widgets.times import counted, long_time

DECISIONS = {Decision.ACCEPT: "accepted", Decision.PARTLY: "accepted partly", Decision.REJECT: "rejected"}


def head_words(dispute: Dispute) -> str:
    """Which scorecard of which session, by whom, and who contests it."""
    card, session = dispute.scorecard, dispute.session
    title = isolated(one_line(session.title or session.session_id))
    author, opener = isolated(one_line(card.author)), isolated(one_line(dispute.opened_by))
    return (
        f"{title} ({isolated(one_line(session.connection))}). {isolated(one_line(card.form.title))}, version "
        f"{card.form.version}, by {author}: {score_words(card.result)}. Contested by {opener} on "
        f"{long_time(dispute.opened_at)}."
    )


def contested_words(dispute: Dispute, one: Contested, decided: Decided | None = None) -> str:
    """A question and how it stands."""
    question = dispute.scorecard.form.question(one.question_id)
    title = one.question_id if question is None else question.title
    if decided is not None:
        state = f"{DECISIONS[decided.decision].capitalize()}, not saved"
    else:
        state = "Open" if one.ruling is None else DECISIONS[one.ruling.decision].capitalize()
    return f"{state} · {isolated(one_line(title))}"


def outcome_words(under: Dispute, *, open_still: int, unsaved: bool, here: bool) -> str:
    """What the scorecard comes to under what is decided, and what is to be done next."""
    form = under.scorecard.form
    comes_to = score_words(result_of(form, under.answers()))
    so_far = " so far" if open_still else ""
    words = f"As decided{so_far}: {comes_to}, was {score_words(under.scorecard.result)}."
    if unsaved:
        return f"{words} Save the decisions; then they can be applied where the dispute was opened."
    if open_still:
        return f"{words} {counted(open_still, 'question')} open."
    return f"{words} Apply lets it stand." if here else f"{words} Send the file back to where the dispute was opened."


def score_words(result: Result | None) -> str:
    """`71 %, passed`."""
    if result is None or result.score is None:
        return "not scored"
    passed = "" if result.passed is None else ", passed" if result.passed else ", not passed"
    return percent(result.score) + passed
