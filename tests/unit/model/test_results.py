"""Results across sessions: which cards count, how they are grouped, and figures by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from parts.forms import form, scale, yes_no
from parts.stored import NOON, session
from qa_player.model.annotation import Span
from qa_player.model.form import Condition, Form
from qa_player.model.results import By, Judged, Known, blocks, week_of
from qa_player.model.sample import Drawn, Population, Sample, Strata
from qa_player.model.scorecard import Answer, Scorecard
from qa_player.model.scoring import result_of
from qa_player.services.forms import form_digest

ASKED = form((0, (yes_no("greet", 4_000), scale("tone", 6_000))), pass_mark=50)
EVIDENCE = (Span(start_ms=0, end_ms=1),)
POPULATION = [Known("acme", f"sess_{number}", f"agent {number % 2}", NOON) for number in range(40)]


def judged(
    number: int, greet: str | None, tone: str, *, asked: Form = ASKED, time_ms: int | None = None, **changes: object
) -> Judged:
    """The card of session ``number``, whose agent is ``agent 0`` or ``agent 1`` in turn."""
    given = {
        "greet": Answer(question_id="greet", option_id=greet, does_not_apply=greet is None, spans=EVIDENCE),
        "tone": Answer(question_id="tone", option_id=tone, spans=EVIDENCE),
    }
    card = Scorecard(
        scorecard_id=f"card {number}",
        connection="acme",
        session_id=f"sess_{number}",
        form=asked,
        form_digest=form_digest(asked),
        author="rita",
        created_at=NOON,
        updated_at=NOON,
        answers=tuple(given.values()),
        submitted_at=NOON,
        result=result_of(asked, given),
    )
    of = session(number, agent=f"agent {number % 2}")
    return Judged(card.model_copy(update=changes), of, time_ms)


CARDS = [
    judged(0, "yes", "4", time_ms=60_000),
    judged(1, "no", "4", time_ms=30_000),
    judged(2, "yes", "2"),
    judged(3, None, "1", time_ms=5_000),
]
"""Scores 100, 60, 70 and 25 percent."""


def test_a_form_is_summed_up_by_hand() -> None:
    """Mean (100 + 60 + 70 + 25) / 4 = 63.75, standard deviation 30.92, t 3.182: 63.75 +- 49.21; 3 of 4 pass."""
    (block,) = blocks(CARDS, By.FORM, population=POPULATION)
    (row,) = block.rows
    assert (row.label, row.population, row.sessions, row.scorecards, block.scorecards) == ("all", 40, 4, 4, 4)
    assert row.score is not None
    value, low, high = row.score.interval
    assert (row.score.n, value, round(low or 0, 2), high) == (4, 63.75, 14.54, 100)
    assert row.passed is not None
    assert (row.passed.part, row.passed.whole) == (3, 4)
    assert [round(one or 0, 4) for one in row.passed.interval] == [0.75, 0.3006, 0.9544]
    assert (row.not_applicable, row.time_ms, row.timed, row.failing) == (1, 95_000, 3, None)


def test_each_question_has_what_was_answered_to_it() -> None:
    (block,) = blocks(CARDS, By.QUESTION, population=POPULATION)
    greet, tone = block.rows
    assert (greet.label, greet.scorecards, greet.not_applicable) == ("Greet", 4, 1)
    assert greet.score is not None
    assert (greet.score.n, round(greet.score.interval.value, 2)) == (3, 66.67)
    assert greet.failing is not None
    assert (greet.failing.part, greet.failing.whole) == (1, 3), "what does not apply can neither fail nor not"
    assert tone.score is not None
    assert tone.score.interval.value == (100 + 100 + 50 + 25) / 4
    assert tone.failing is not None
    assert (tone.failing.part, tone.passed, tone.time_ms) == (0, None, None)


def test_what_was_not_asked_is_not_counted() -> None:
    only = yes_no("only", 0, asked_when=Condition(question_id="greet", option_ids=("no",)))
    asked = form((0, (yes_no("greet", 10_000), only)))
    answer = Answer(question_id="only", option_id="no", spans=EVIDENCE)
    cards = [judged(number, greet, "4", asked=asked) for number, greet in ((0, "yes"), (1, "no"))]
    both = [one._replace(card=one.card.model_copy(update={"answers": (one.card.answers[0], answer)})) for one in cards]
    (block,) = blocks(both, By.QUESTION, population=POPULATION)
    assert [row.scorecards for row in block.rows] == [2, 1]


def test_agents_and_weeks_part_the_population_too() -> None:
    (block,) = blocks(CARDS, By.AGENT, population=POPULATION)
    assert [(row.label, row.population, row.scorecards) for row in block.rows] == [
        ("agent 0", 20, 2),
        ("agent 1", 20, 2),
    ]
    far = judged(500, "yes", "4")._replace(session=session(24 * 7))
    nowhere = judged(501, "yes", "4")._replace(session=None)
    (block,) = blocks([*CARDS, far, nowhere], By.WEEK, population=POPULATION)
    assert [(row.label, row.population, row.scorecards) for row in block.rows] == [
        ("2026-W10", 40, 4),
        ("2026-W11", 0, 1),
        ("not known", 0, 1),
    ]


def test_weeks_are_those_of_iso_8601_in_utc() -> None:
    assert week_of(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-W01"
    assert week_of(datetime(2027, 1, 3, 23, tzinfo=UTC)) == "2026-W53"
    assert week_of(None) == ""


def test_reviewers_are_told_apart_and_their_time_is_counted_once() -> None:
    other = judged(0, "no", "0", author="bob", scorecard_id="other", time_ms=7)
    again = judged(0, "yes", "3", scorecard_id="again", time_ms=60_000)
    (block,) = blocks([*CARDS, other, again], By.REVIEWER, population=POPULATION)
    assert [(row.label, row.sessions, row.scorecards, row.time_ms) for row in block.rows] == [
        ("bob", 1, 1, 7),
        ("rita", 4, 5, 95_000),
    ]


def test_a_sample_stands_for_the_population_it_was_drawn_from() -> None:
    sample = Sample(
        sample_id="s",
        seed="week 10",
        strata=Strata.NONE,
        count=3,
        population=Population(),
        size=900,
        population_digest="0" * 64,
        drawn_at=NOON + timedelta(days=1),
        drawn_by="lead",
        drawn=tuple(Drawn(connection="acme", session_id=f"sess_{number}", stratum="") for number in (1, 3, 30)),
    )
    unused = sample.model_copy(update={"sample_id": "u", "drawn": sample.drawn[2:]})
    (block,) = blocks(CARDS, By.SAMPLE, population=POPULATION, samples=[sample, unused])
    (row,) = block.rows
    assert (row.label, row.population, row.scorecards) == ("week 10 (2026-03-03, 3 drawn)", 900, 2)


def test_only_cards_that_count_are_counted() -> None:
    draft = judged(5, "yes", "4", submitted_at=None, result=None)
    settled = judged(1, "yes", "4", scorecard_id="new", replaces="card 1")
    (block,) = blocks([*CARDS, draft, settled], By.FORM, population=POPULATION)
    assert block.rows[0].scorecards == 4
    assert block.rows[0].passed is not None
    assert block.rows[0].score is not None
    assert block.rows[0].score.interval.value == (100 + 100 + 70 + 25) / 4


def test_versions_of_a_form_are_never_mixed() -> None:
    newer = ASKED.model_copy(update={"version": 2, "pass_mark": 90})
    found = blocks([*CARDS, judged(7, "yes", "4", asked=newer)], By.FORM, population=POPULATION)
    assert [(block.form.version, block.scorecards) for block in found] == [(1, 4), (2, 1)]
    same_number = ASKED.model_copy(update={"pass_mark": 10})
    found = blocks([*CARDS, judged(7, "yes", "4", asked=same_number)], By.FORM, population=POPULATION)
    assert sorted(block.scorecards for block in found) == [1, 4], "another form by the same name is another form"
    assert blocks([], By.FORM, population=POPULATION) == ()
