"""Intervals against published tables."""

from __future__ import annotations

import pytest

from qa_player.model.interval import mean, student, wilson


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_newcombe_1998_table_1_method_3(part: int, whole: int, low: float, high: float) -> None:
    told = wilson(part, whole)
    assert told.value == part / whole
    assert (round(told.low or 0, 4), round(told.high or 0, 4)) == (low, high)


@pytest.mark.parametrize(
    ("freedom", "t"),
    [
        (1, 12.706),
        (2, 4.303),
        (3, 3.182),
        (4, 2.776),
        (5, 2.571),
        (9, 2.262),
        (10, 2.228),
        (20, 2.086),
        (30, 2.042),
        (60, 2.000),
        (120, 1.980),
        (200, 1.972),
        (201, 1.972),
        (1_000_000, 1.960),
    ],
)
def test_students_t_as_every_table_prints_it(freedom: int, t: float) -> None:
    assert round(student(freedom), 3) == t


def test_the_mean_of_five_by_hand() -> None:
    """Mean 80, standard deviation 15.811, t 2.776: 80 +- 2.776 x 15.811 / sqrt(5) = 19.63, cut at 100 on one side."""
    told = mean([60, 70, 80, 90, 100], least=0, most=95)
    assert (told.value, round(told.low or 0, 2), told.high) == (80, 60.37, 95)


def test_what_does_not_spread_does_not_tell_how_far_others_lie() -> None:
    assert mean([90], least=0, most=100) == (90, None, None)
    assert mean([100, 100, 100], least=0, most=100) == (100, None, None)
