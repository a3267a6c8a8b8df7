"""Answers to one packet side by side: the published examples through forms, and who differs where."""

from __future__ import annotations

from fractions import Fraction

from parts.forms import form, scale, yes_no
from parts.packets import answered, packet
from qa_player.model.annotation import Span
from qa_player.model.comparison import compared
from qa_player.model.form import Condition, QuestionKind
from qa_player.model.scorecard import Answer

OBSERVERS = {"A": "1233214 12...", "B": "123322412 5.3", "C": ".33323422 51.", "D": "123324412 51."}


def on(question_id: str, option: str | None, **changes: object) -> Answer:
    """An answer; a null option: it does not apply."""
    fields = {"question_id": question_id, "option_id": option, "does_not_apply": option is None}
    return Answer.model_validate(fields | changes)


def rounded(coefficient: Fraction | None) -> float | None:
    return None if coefficient is None else round(float(coefficient), 3)


def test_krippendorff_2011_example_c_answered_on_a_form() -> None:
    """A scale of 0 to 4 for the example's 1 to 5: neither metric knows where a scale begins."""
    asked = packet(form((0, (scale("tone", 10_000),))), 12)
    everybody = [
        answered(name, [[] if mark == "." else [on("tone", str(int(mark) - 1))] for mark in marks.replace(" ", "")])
        for name, marks in OBSERVERS.items()
    ]
    ((question, told),) = compared(asked, everybody).questions
    assert question.question_id == "tone"
    assert (told.units, told.not_applicable) == (11, 0), "the twelfth session was judged by one person alone"
    assert [rounded(one) for one in (told.alpha, told.ordinal, told.interval)] == [0.743, 0.815, 0.849]
    assert len(told.pairs) == 6


def test_does_not_apply_is_a_class_but_has_no_place_on_a_scale() -> None:
    asked = packet(form((0, (scale("tone", 10_000),))), 3)
    ann = answered("ann", [[on("tone", "1")], [on("tone", "4")], [on("tone", None)]])
    bob = answered("bob", [[on("tone", "1")], [on("tone", "4")], [on("tone", "0")]])
    told = compared(asked, [ann, bob])
    figures = told.overall
    assert (figures.agreed.share, figures.not_applicable) == (Fraction(2, 3), 1)
    assert figures.alpha is not None
    assert figures.alpha < 1
    assert figures.ordinal == figures.interval == 1
    (difference,) = told.differences
    assert (difference.session.session_id, {name: one.option_id for name, one in difference.said.items()}) == (
        "2",
        {"ann": None, "bob": "0"},
    )


def test_words_and_questions_that_were_not_asked_are_not_judged() -> None:
    why = yes_no("why", kind=QuestionKind.TEXT, options=())
    only = yes_no("only", 5_000, asked_when=Condition(question_id="greet", option_ids=("no",)))
    asked = packet(form((0, (yes_no("greet", 5_000), why, only))), 2)
    ann = answered("ann", [[on("greet", "yes"), on("only", "yes")], [on("greet", "no"), on("only", "yes")]])
    bob = answered("bob", [[on("greet", "yes"), on("only", "no")], [on("greet", "no"), on("only", "no")]])
    told = compared(asked, [ann, bob])
    assert {question.question_id: figures.units for question, figures in told.questions} == {"greet": 2, "only": 1}
    assert [one.question.question_id for one in told.differences] == ["only"]


def test_pairs_have_their_own_kappa_and_all_questions_one_that_chance_does_not_flatter() -> None:
    """Greet by dice, solve by dice, but greet always yes or no and solve always what the scale has: kappa 0 in all."""
    asked = packet(form((0, (yes_no("greet", 5_000), scale("solve", 5_000)))), 4)
    one, two = ("yes", "1"), ("no", "2")
    ann = answered("ann", [[on("greet", a), on("solve", b)] for a, b in (one, one, two, two)])
    bob = answered("bob", [[on("greet", a), on("solve", b)] for a, b in (one, two, one, two)])
    told = compared(asked, [bob, ann])
    assert told.reviewers == ("ann", "bob")
    (pair,) = told.overall.pairs
    assert (pair.units, pair.share, pair.kappa) == (8, Fraction(1, 2), 0)


def test_evidence_is_compared_where_both_judged() -> None:
    asked = packet(form((0, (yes_no("greet", 10_000),))), 2)
    spans = (Span(start_ms=0, end_ms=3_000),), (Span(start_ms=1_000, end_ms=4_000), Span(start_ms=9_000, end_ms=9_500))
    ann = answered("ann", [[on("greet", "no", spans=spans[0])], [on("greet", "no", spans=spans[0])]])
    bob = answered("bob", [[on("greet", "no", spans=spans[1])], []])
    figures = compared(asked, [ann, bob]).overall
    assert (figures.spans.f1, figures.spans.shared_ms, figures.spans.covered_ms) == (Fraction(2, 3), 2_000, 4_500)
