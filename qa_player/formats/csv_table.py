"""A table of annotations (RFC 4180) that no spreadsheet runs: cells that look like a formula start with ``'``."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from qa_player.formats.annotation_row import COLUMNS, annotation_row
from qa_player.model.review import Review

GUARD = "'"

_STARTS_A_FORMULA = frozenset("=+-@\t\r\n\0＝＋－＠")


def write(review: Review) -> bytes:
    """UTF-8, CRLF line ends, one header line, then one annotation a line."""
    return lines([COLUMNS, *(annotation_row(annotation).values() for annotation in review.annotations)])


def lines(rows: Iterable[Iterable[str | int | None]]) -> bytes:
    """Rows as they stand in a table of ours."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(map(cell, row) for row in rows)
    return text.getvalue().encode()


def cell(value: str | int | None) -> str | int:
    """The cell for a value; a leading quote mark is the only change, and `without_guard` takes it away again."""
    if value is None:
        return ""
    return f"{GUARD}{value}" if isinstance(value, str) and _could_run(value.lstrip(GUARD)) else value


def without_guard(text: str) -> str:
    """What `cell` was given.

    >>> [without_guard(str(cell(text))) for text in ("=1+1", "'=1+1", "it's", "'tis", " -2")]
    ['=1+1', "'=1+1", "it's", "'tis", ' -2']
    """
    return text[1:] if text.startswith(GUARD) and _could_run(text.lstrip(GUARD)) else text


def _could_run(text: str) -> bool:
    return text[:1] in _STARTS_A_FORMULA or text.lstrip()[:1] in _STARTS_A_FORMULA if text else False
