"""What answers come to, each policy by a case that was worked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parts.forms import answers, form, scale, yes_no
from qa_player.model.annotation import Span
from qa_player.model.form import Condition, Fails, Form, NotApplicable, QuestionKind, Weighing, faults
from qa_player.model.scorecard import Answer
from qa_player.model.scoring import asked, missing, refusal, result_of

PLAIN = form((0, (yes_no("greet", 2_000), scale("solve", 5_000))), (0, (yes_no("close", 3_000),)))


def test_weighed_questions_add_up() -> None:
    """0.2 x 1 + 0.5 x 0.75 + 0.3 x 0 = 57.5 %; the first section alone is (0.2 + 0.375) / 0.7 = 82.14 %."""
    result = result_of(PLAIN, answers(greet="yes", solve="3", close="no"))
    assert result.score == 5_750
    assert [one.score for one in result.sections] == [8_214, 0]
    assert (result.failed_by, result.passed) == ((), None)


def test_what_does_not_apply_leaves_its_weight_to_the_others() -> None:
    """(0.5 x 0.75 + 0.3 x 1) / 0.8 = 84.375 %, a half rounded up."""
    assert result_of(PLAIN, answers(greet=None, solve="3", close="yes")).score == 8_438


def test_what_does_not_apply_counts_in_full_where_the_form_says_so() -> None:
    """0.2 x 1 + 0.5 x 0.5 + 0.3 x 0 = 45 %."""
    full = PLAIN.model_copy(update={"not_applicable": NotApplicable.FULL})
    assert result_of(full, answers(greet=None, solve="2", close="no")).score == 4_500


def test_what_is_not_answered_yet_counts_nowhere() -> None:
    assert result_of(PLAIN, answers(solve="4")).score == 10_000
    assert result_of(PLAIN, {}).score is None
    assert result_of(PLAIN, answers(greet=None, solve=None, close=None)).score is None


def test_weighed_sections_take_their_questions_alike() -> None:
    """Section 0: (1 + 0.5) / 2 = 75 %; section 1: 0 %; 0.6 x 75 % + 0.4 x 0 % = 45 %. Without section 1: 75 %."""
    by_section = form((6_000, (yes_no("a"), scale("b"))), (4_000, (yes_no("c"),)), weighing=Weighing.SECTIONS)
    assert result_of(by_section, answers(a="yes", b="2", c="no")).score == 4_500
    assert result_of(by_section, answers(a="yes", b="2", c=None)).score == 7_500


def test_an_automatic_fail_brings_the_form_to_nothing() -> None:
    fatal = form((0, (yes_no("consent", 1_000, fails=Fails.FORM), yes_no("rest", 9_000))), pass_mark=50)
    result = result_of(fatal, answers(consent="no", rest="yes"))
    assert (result.score, result.failed_by, result.passed) == (0, ("consent",), False)
    assert result_of(fatal, answers(consent="yes", rest="yes")).passed is True


def test_an_automatic_fail_of_a_section_leaves_the_others() -> None:
    """The first section of weight 0.7 is lost, also its right answer; the second gives 0.3."""
    questions = (yes_no("terms", 2_000, fails=Fails.SECTION), yes_no("price", 5_000))
    result = result_of(
        form((0, questions), (0, (yes_no("manner", 3_000),))), answers(terms="no", price="yes", manner="yes")
    )
    assert (result.score, [one.score for one in result.sections]) == (3_000, [0, 10_000])


def test_a_critical_question_fails_the_card_and_keeps_the_score() -> None:
    strict = form((0, (yes_no("identity", 1_000, critical=True), yes_no("rest", 9_000))), pass_mark=80)
    result = result_of(strict, answers(identity="no", rest="yes"))
    assert (result.score, result.failed_by, result.passed) == (9_000, ("identity",), False)


def test_the_pass_mark_itself_passes() -> None:
    marked = PLAIN.model_copy(update={"pass_mark": 70})
    assert result_of(marked, answers(greet="yes", solve="4", close="no")).passed is True
    assert result_of(marked, answers(greet="no", solve="4", close="no")).passed is False


CHAIN = form(
    (
        0,
        (
            yes_no("sold", 2_000),
            yes_no("terms", 5_000, asked_when=Condition(question_id="sold", option_ids=("yes",))),
            yes_no("agreed", 3_000, asked_when=Condition(question_id="terms", option_ids=("yes", "no"))),
        ),
    )
)


def test_a_question_is_asked_only_when_its_condition_is_met_through_the_whole_chain() -> None:
    def ids(**given: str | None) -> list[str]:
        return [one.question_id for one in asked(CHAIN, answers(**given))]

    assert ids() == ["sold"]
    assert ids(sold="no", terms="yes") == ["sold"], "an answer to what is no longer asked decides nothing"
    assert ids(sold="yes", terms="no") == ["sold", "terms", "agreed"]
    assert result_of(CHAIN, answers(sold="no", terms="yes", agreed="yes")).score == 0


def test_what_is_missing_is_said_of_each_question_in_turn() -> None:
    given = answers(sold="yes", terms="no")
    assert [(one.question_id, why.split(" ")[0]) for one, why in missing(CHAIN, given)] == [
        ("terms", "A"),
        ("agreed", "This"),
    ]
    given["terms"] = given["terms"].model_copy(update={"spans": (Span(start_ms=0, end_ms=5),)})
    given |= answers(agreed="yes")
    assert missing(CHAIN, given) == ()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(question_id="none"), "no question"),
        (Answer(question_id="greet", option_id="perhaps"), "no such answer"),
        (Answer(question_id="greet", text="yes"), "not in words"),
        (Answer(question_id="greet", option_id="no", spans=(Span(start_ms=0, end_ms=1_001),)), "after the recording"),
    ],
)
def test_what_the_form_or_the_recording_cannot_have_is_refused(answer: Answer, words: str) -> None:
    assert words in (refusal(PLAIN, answer, 1_000) or "")
    assert (
        refusal(PLAIN, Answer(question_id="greet", option_id="no", spans=(Span(start_ms=0, end_ms=999),)), 1_000)
        is None
    )


@pytest.mark.parametrize(
    ("faulty", "words"),
    [
        (form((0, (yes_no("a", 5_000), yes_no("b", 4_999)))), "add up to 99.99 %"),
        (form((9_000, (yes_no("a"),)), weighing=Weighing.SECTIONS), "sections add up to 90 %"),
        (form((0, (yes_no("a", 5_000), yes_no("a", 5_000)))), "more than once"),
        (form((0, (yes_no("a", 10_000, kind=QuestionKind.TEXT),))), "in words"),
        (form((0, (yes_no("a", 10_000, asked_when=Condition(question_id="b", option_ids=("yes",))),))), "before it"),
    ],
)
def test_a_form_that_cannot_be_used_says_why(faulty: Form, words: str) -> None:
    assert any(words in line for line in faults(faulty))
    assert faults(PLAIN) == faults(CHAIN) == ()


@given(st.lists(st.tuples(st.sampled_from(["yes", "no", None]), st.booleans()), min_size=1, max_size=8))
def test_more_right_answers_never_make_a_lower_score(marks: list[tuple[str | None, bool]]) -> None:
    weights = [10_000 // len(marks)] * (len(marks) - 1)
    questions = tuple(yes_no(f"q{at}", weight) for at, weight in enumerate([*weights, 10_000 - sum(weights)]))
    told = answers(**{f"q{at}": mark for at, (mark, _) in enumerate(marks)})
    better = {name: answers(**{name: "yes"})[name] if one.option_id == "no" else one for name, one in told.items()}
    worse, best = result_of(form((0, questions)), told).score, result_of(form((0, questions)), better).score
    assert (worse is None) == (best is None)
    assert worse is None or best is None or worse <= best
