"""One row of results as flat fields: the columns of every table of ours, and the objects of `results --json`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qa_player.model.interval import Interval
from qa_player.model.results import METHOD, Block, By, Row

Field = str | int | float | None

COLUMNS = (
    "form_id",
    "form_version",
    "form_title",
    "by",
    "label",
    "population",
    "sessions",
    "scorecards",
    "score_n",
    "score_percent",
    "score_low",
    "score_high",
    "passed",
    "passed_of",
    "passed_percent",
    "passed_low",
    "passed_high",
    "failing",
    "failing_of",
    "failing_percent",
    "failing_low",
    "failing_high",
    "not_applicable",
    "time_ms",
    "timed",
)
"""In this order. Percents have two decimals at most; ``low`` and ``high`` are the ends of the interval."""


def results_rows(blocks: Sequence[Block], by: By) -> Iterator[dict[str, Field]]:
    """A row for each of every block, its keys in the order of `COLUMNS`."""
    for block in blocks:
        form = block.form
        named: dict[str, Field] = {"form_id": form.form_id, "form_version": form.version, "form_title": form.title}
        for row in block.rows:
            yield named | {"by": by.value} | _fields(row)


def results_object(blocks: Sequence[Block], by: By, facts: dict[str, str]) -> dict[str, object]:
    """One object for each version of a form, with its rows."""
    return {
        "by": by.value,
        "of": facts,
        "method": METHOD,
        "forms": [
            {
                "form_id": block.form.form_id,
                "form_version": block.form.version,
                "form_title": block.form.title,
                "form_digest": block.digest,
                "scorecards": block.scorecards,
                "rows": [_fields(row) for row in block.rows],
            }
            for block in blocks
        ],
    }


def _fields(row: Row) -> dict[str, Field]:
    score, passed, failing = row.score, row.passed, row.failing
    return {
        "label": row.label,
        "population": row.population,
        "sessions": row.sessions,
        "scorecards": row.scorecards,
        "score_n": 0 if score is None else score.n,
        **_percents("score", None if score is None else score.interval, 1),
        "passed": None if passed is None else passed.part,
        "passed_of": None if passed is None else passed.whole,
        **_percents("passed", None if passed is None else passed.interval, 100),
        "failing": None if failing is None else failing.part,
        "failing_of": None if failing is None else failing.whole,
        **_percents("failing", None if failing is None else failing.interval, 100),
        "not_applicable": row.not_applicable,
        "time_ms": row.time_ms,
        "timed": row.timed,
    }


def _percents(name: str, interval: Interval | None, times: int) -> dict[str, Field]:
    ends = (None, None, None) if interval is None else interval
    names = (f"{name}_percent", f"{name}_low", f"{name}_high")
    return {key: None if end is None else round(end * times, 2) for key, end in zip(names, ends, strict=True)}
