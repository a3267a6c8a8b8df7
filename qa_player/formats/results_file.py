"""Results across sessions as a file: a table (csv, xlsx with typed cells) or a page to be read (html, with plots)."""

from __future__ import annotations

import functools
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from qa_player.files import resource
from qa_player.formats.csv_table import lines
from qa_player.formats.html_report import seen
from qa_player.formats.results_row import COLUMNS, Field, results_rows
from qa_player.model.interval import Interval
from qa_player.model.results import METHOD, Block, By, Row

if TYPE_CHECKING:
    from jinja2 import Template


class Writes(Protocol):
    """``facts`` say what the results are of, in words for people."""

    def __call__(self, blocks: Sequence[Block], *, by: By, facts: Mapping[str, str], made_at: datetime) -> bytes:
        """The bytes of the file."""
        ...


def write_csv(blocks: Sequence[Block], *, by: By, facts: Mapping[str, str], made_at: datetime) -> bytes:
    """One header line, then a row of results a line; what they are of stands in the audit trail and the other forms."""
    del facts, made_at
    rows = [[_plain(value) for value in row.values()] for row in results_rows(blocks, by)]
    return lines([COLUMNS, *rows])


def write_xlsx(blocks: Sequence[Block], *, by: By, facts: Mapping[str, str], made_at: datetime) -> bytes:
    """Two sheets: the rows with numbers as numbers, and what they are of. Nothing in it is a formula or a link."""
    import xlsxwriter

    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(target, options)
    book.set_properties({"created": made_at.astimezone(UTC).replace(tzinfo=None), "author": ""})
    heading = book.add_format({"bold": True})
    sheet = book.add_worksheet("Results")
    table: list[Sequence[Field]] = [COLUMNS, *(tuple(row.values()) for row in results_rows(blocks, by))]
    about = book.add_worksheet("About")
    for page, rows in ((sheet, table), (about, [("what", "value"), *facts.items(), ("method", METHOD)])):
        for line, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    page.write_string(line, column, value[:32_767], heading if line == 0 else None)
                elif value is not None:
                    page.write_number(line, column, value)
        page.freeze_panes(1, 0)
    book.close()
    return target.getvalue()


def write_html(blocks: Sequence[Block], *, by: By, facts: Mapping[str, str], made_at: datetime) -> bytes:
    """One page without any outside address; each version of a form has its own table and plot."""
    del made_at
    page = _template().render(
        by=by.value,
        facts=[(name.capitalize(), seen(value)) for name, value in facts.items()],
        method=METHOD,
        blocks=[
            {
                "title": seen(f"{block.form.title}, version {block.form.version}"),
                "scorecards": block.scorecards,
                "rows": [_row(row) for row in block.rows],
            }
            for block in blocks
        ],
    )
    return page.encode("utf-8", "replace")


WRITERS: Mapping[str, Writes] = {".csv": write_csv, ".xlsx": write_xlsx, ".html": write_html}
"""By the ending of the file's name."""


def figure(interval: Interval | None, times: int = 100) -> str:
    """What a person reads of an interval, in percent: `71.0 %  58.2 to 83.8`; a dash for nothing."""
    if interval is None:
        return "–"
    value, low, high = interval
    ends = "" if low is None or high is None else f"  {low * times:.1f} to {high * times:.1f}"
    return f"{value * times:.1f} %{ends}"


def spent(time_ms: int | None) -> str:
    """Hours and minutes; a dash for nobody knows."""
    if time_ms is None:
        return "–"
    minutes = round(time_ms / 60_000)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"


def _row(row: Row) -> dict[str, object]:
    share = row.passed or row.failing
    score = None if row.score is None else row.score.interval
    return {
        "label": seen(row.label),
        "counts": f"{row.scorecards} of {row.population}",
        "score": figure(score, 1),
        "share": "–" if share is None else f"{share.part} of {share.whole}, {figure(share.interval)}",
        "not_applicable": row.not_applicable,
        "time": spent(row.time_ms),
        "value": None if score is None else round(score.value, 2),
        "low": None if score is None or score.low is None else round(score.low, 2),
        "width": 0 if score is None or score.low is None or score.high is None else round(score.high - score.low, 2),
    }


def _plain(value: Field) -> str | int | None:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


@functools.cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    return environment.from_string(resource("reports", "results.html").read_text("utf-8"))
