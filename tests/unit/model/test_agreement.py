"""Agreement against published worked examples, each named by its source."""

from __future__ import annotations

from collections.abc import Hashable
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_player.model.agreement import Disagreement, agreed, cohen, interval, nominal, ordinal


def units(*observers: str) -> list[list[str]]:
    """One line for each observer, a letter for each unit, a point for what was not judged."""
    return [
        [judged for judged in unit if judged != "."]
        for unit in zip(*(line.replace(" ", "") for line in observers), strict=True)
    ]


def figure(told: Disagreement) -> float:
    """As the sources print it, to three decimals."""
    assert told.coefficient is not None
    return round(float(told.coefficient), 3)


FOUR_OBSERVERS = units("1233214 12...", "123322412 5.3", ".33323422 51.", "123324412 51.")
"""Krippendorff 2011, example C: four observers, twelve units, 41 values, of which 40 can be paired."""


def test_krippendorff_2011_example_a_binary_two_observers() -> None:
    assert figure(nominal(units("0100000010", "1110010000"))) == 0.095


def test_krippendorff_2011_example_b_nominal_two_observers() -> None:
    judged = units("aabbdcccedda", "babbbccceddd")
    assert figure(nominal(judged)) == 0.692


def test_krippendorff_2011_example_c_nominal_four_observers_missing_data() -> None:
    assert figure(nominal(FOUR_OBSERVERS)) == 0.743


def test_krippendorff_2011_ordinal_and_interval_metrics_on_the_data_of_example_c() -> None:
    ranks = [[int(judged) for judged in unit] for unit in FOUR_OBSERVERS]
    assert (figure(ordinal(ranks)), figure(interval(ranks))) == (0.815, 0.849)


def table(counts: list[list[int]]) -> list[tuple[int, int]]:
    """The pairs that a table counts: rows one judge's classes, columns the other's."""
    return [(row, column) for row, line in enumerate(counts) for column, n in enumerate(line) for _ in range(n)]


def test_cohen_1968_table_1_unweighted_kappa() -> None:
    """Of 100 cases .70 agree where .41 would by chance: (.70 - .41) / (1 - .41) = .492."""
    pairs = table([[44, 7, 9], [5, 20, 5], [1, 3, 6]])
    assert agreed(pairs).share == Fraction(70, 100)
    assert figure(cohen(pairs)) == 0.492


def test_the_grant_proposals_of_the_encyclopedia_article_on_cohens_kappa() -> None:
    """Fifty proposals, 20 both yes, 15 both no, 5 and 10 apart: kappa 0.4."""
    assert cohen(table([[20, 5], [10, 15]])).coefficient == Fraction(2, 5)


def test_does_not_apply_is_a_class_of_its_own() -> None:
    """Who says that it does not apply disagrees with who says yes, and agrees with who says the same."""
    pairs = [("yes", None), (None, None), ("yes", "yes"), ("no", "no")]
    assert agreed(pairs).share == Fraction(3, 4)
    assert cohen(pairs).coefficient == 1 - Fraction(1, 4) / (1 - Fraction(2 * 1 + 1 * 2 + 1, 16))


def test_where_everybody_always_says_the_same_nothing_can_be_told() -> None:
    same = [("yes", "yes")] * 5
    assert agreed(same).share == 1
    assert nominal(same).coefficient is None
    assert cohen(same).coefficient is None
    assert nominal([]).coefficient is cohen([]).coefficient is agreed([("yes",)]).share is None


def test_questions_taken_together_lend_no_agreement_to_one_another() -> None:
    """Two questions, each answered as by dice, one always from a and b, the other from c and d: put in one pot they
    would seem to agree by a third."""
    dice = [("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")]
    other = [(one.replace("a", "c").replace("b", "d"), two.replace("a", "c").replace("b", "d")) for one, two in dice]
    assert cohen(dice).coefficient == cohen(other).coefficient == (cohen(dice) + cohen(other)).coefficient == 0
    assert cohen(dice + other).coefficient == Fraction(1, 3)


JUDGEMENTS = st.lists(st.lists(st.integers(0, 3), max_size=4), max_size=12)


@given(JUDGEMENTS)
def test_alpha_is_what_its_definition_says(judged: list[list[int]]) -> None:
    """The definition, pair by pair: 1 minus the mean distance within units over the mean distance between all."""
    paired = [unit for unit in judged if len(unit) > 1]
    values = [value for unit in paired for value in unit]
    n = len(values)
    within = sum(
        (Fraction(2 * sum((a - b) ** 2 for a, b in combinations(unit, 2)), len(unit) - 1) for unit in paired),
        Fraction(0),
    )
    between = sum((a - b) ** 2 for a, b in combinations(values, 2))
    expected = None if not between else 1 - (within / n) / Fraction(2 * between, n * (n - 1))
    assert interval(judged).coefficient == expected


@given(JUDGEMENTS, st.permutations(range(4)))
def test_names_of_classes_and_orders_of_people_change_nothing(judged: list[list[int]], names: list[int]) -> None:
    renamed: list[list[Hashable]] = [[names[value] for value in reversed(unit)] for unit in reversed(judged)]
    assert nominal(renamed) == nominal(judged)
    assert ordinal([[3 - value for value in unit] for unit in judged]) == ordinal(judged)


@pytest.mark.parametrize("measured", [nominal, ordinal, interval])
def test_full_agreement_is_one(measured: object) -> None:
    assert callable(measured)
    assert measured([(1, 1, 1), (2, 2), (4, 4, 4)]).coefficient == 1
