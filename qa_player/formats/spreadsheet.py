"""A workbook (xlsx): annotations with typed cells, what it is of beside them; nothing in it is a formula or a link."""

from __future__ import annotations

import io
from datetime import UTC
from typing import TYPE_CHECKING

from qa_player.formats.annotation_row import COLUMNS, annotation_row
from qa_player.formats.provenance import provenance
from qa_player.model.review import Review

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

LONGEST_CELL = 32_767
"""The characters a cell holds (Excel's own limit); the rest of a longer text stands on the sheet of long texts."""


def write(review: Review) -> bytes:
    """Three sheets: annotations, the pieces of texts too long for a cell, and what the file is of.

    Times are whole numbers of milliseconds, instants dates in UTC, ids text.
    """
    import xlsxwriter

    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(target, options)
    book.set_properties({"created": review.exported_at.astimezone(UTC).replace(tzinfo=None), "author": ""})
    rest = _annotations(book, review)
    _texts(book, "Long texts", ("annotation_id", "field", "piece", "text"), rest)
    _texts(book, "About", ("what", "value"), [*provenance(review).items()])
    book.close()
    return target.getvalue()


def _annotations(book: Workbook, review: Review) -> list[tuple[str, ...]]:
    """Write the sheet; returns what did not fit into its cells."""
    sheet = _sheet(book, "Annotations", COLUMNS)
    dates = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    rest: list[tuple[str, ...]] = []
    for line, annotation in enumerate(review.annotations, 1):
        for column, (name, value) in enumerate(annotation_row(annotation).items()):
            if name in ("created_at", "updated_at"):
                instant = annotation.created_at if name == "created_at" else annotation.updated_at
                sheet.write_datetime(line, column, instant.astimezone(UTC).replace(tzinfo=None), dates)
            elif isinstance(value, int):
                sheet.write_number(line, column, value)
            elif value is not None:
                sheet.write_string(line, column, value[:LONGEST_CELL])
                rest += [
                    (
                        annotation.annotation_id,
                        name,
                        str(start // LONGEST_CELL + 1),
                        value[start : start + LONGEST_CELL],
                    )
                    for start in range(LONGEST_CELL, len(value), LONGEST_CELL)
                ]
    return rest


def _texts(book: Workbook, name: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    if rows:
        sheet = _sheet(book, name, columns)
        for line, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                sheet.write_string(line, column, value)


def _sheet(book: Workbook, name: str, columns: tuple[str, ...]) -> Worksheet:
    sheet = book.add_worksheet(name)
    heading = book.add_format({"bold": True})
    for column, title in enumerate(columns):
        sheet.write_string(0, column, title, heading)
    sheet.freeze_panes(1, 0)
    return sheet
