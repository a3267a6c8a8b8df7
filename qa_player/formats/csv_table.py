"""A table of annotations (RFC 4180) that no spreadsheet runs: cells that look like a formula start with ``'``."""

from __future__ import annotations

import csv
import io

from qa_player.formats.annotation_row import COLUMNS, annotation_row
from qa_player.model.review import Review

_STARTS_A_FORMULA = frozenset("=+-@\t\r\n\0＝＋－＠")


def write(review: Review) -> bytes:
    """UTF-8, CRLF line ends, one header line, then one annotation a line."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for annotation in review.annotations:
        table.writerow([cell(value) for value in annotation_row(annotation).values()])
    return text.getvalue().encode()


def cell(value: str | int | None) -> str | int:
    """The cell for a value; a leading quote mark is the only change, so taking it away gives the original back."""
    if value is None:
        return ""
    if isinstance(value, str) and (value[:1] in _STARTS_A_FORMULA or value.lstrip()[:1] in _STARTS_A_FORMULA) and value:
        return "'" + value
    return value
