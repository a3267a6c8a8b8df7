"""What a calibration showed as a file: a line for each question and one for all of them, or the whole as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction

from qa_player.formats.comparison_object import comparison_object
from qa_player.formats.csv_table import lines
from qa_player.model.comparison import Comparison, Figures

_COLUMNS = (
    "question_id",
    "title",
    "judged",
    "not_applicable",
    "agreement",
    "alpha_nominal",
    "alpha_ordinal",
    "alpha_interval",
    "spans_matched",
    "spans_f1",
    "time_shared",
)


def write_csv(told: Comparison) -> bytes:
    """The questions that are least agreed on first, after what all come to; Cohen's kappa of each pair of people in a
    column of its own. Shares and coefficients to four decimals, empty where they cannot tell."""
    return lines(comparison_rows(told))


def write_json(told: Comparison) -> bytes:
    """As `calibrate compare --json` prints it."""
    return json.dumps(comparison_object(told), ensure_ascii=False, indent=2).encode() + b"\n"


def comparison_rows(told: Comparison) -> Iterator[tuple[str | float | None, ...]]:
    """The head, then a row for all questions together and one for each."""
    yield (*_COLUMNS, *(f"kappa {pair.first} / {pair.second}" for pair in told.overall.pairs))
    yield ("", "all together", *_cells(told.overall))
    for question, figures in told.least_agreed_first:
        yield (question.question_id, question.title, *_cells(figures))


def _cells(figures: Figures) -> Iterator[str | float | None]:
    spans = figures.spans
    yield from (figures.units, figures.not_applicable, _decimal(figures.agreed.share))
    yield from map(_decimal, (figures.alpha, figures.ordinal, figures.interval))
    yield from (spans.matched, _decimal(spans.f1), _decimal(spans.overlap))
    yield from (_decimal(pair.kappa) for pair in figures.pairs)


def _decimal(share: Fraction | None) -> float | None:
    # a number, not its letters: those of a negative one would be guarded like a formula
    return None if share is None else round(float(share), 4)
