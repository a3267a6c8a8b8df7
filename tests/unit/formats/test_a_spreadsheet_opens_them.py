"""What LibreOffice makes of our tables: texts, numbers and dates, and nothing that it would run."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from parts.reviews import annotation, small_review
from qa_player.formats.annotation_row import COLUMNS
from qa_player.formats.csv_table import cell
from qa_player.formats.many_sessions import Piece, many_format
from qa_player.formats.registry import format_named
from qa_player.model.annotation import Severity
from qa_player.model.handed_on import What
from qa_player.model.review import Review

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
LOADED = (
    "=1+1",
    "+1",
    "-1+A1",
    "@SUM(A1)",
    "\t=1+1",
    " =1+1",
    "=HYPERLINK(A1)",
    "=cmd|' /C calc'!A0",
    "'=1+1",
    "＝1+1",
    'plain, with "marks"',
)

pytestmark = [
    pytest.mark.skipif(
        shutil.which("soffice") is None,
        reason="LibreOffice (soffice) is not installed: what it makes of our tables was not looked at",
    ),
    pytest.mark.timeout(120),
]

Opened = list[list[ElementTree.Element]]


@pytest.fixture
def opened(tmp_path: Path) -> Callable[[bytes, str], Opened]:
    """The cells of the first sheet, row by row, as LibreOffice has them once it has opened a file of that ending."""

    def opened(data: bytes, ending: str) -> Opened:
        source = tmp_path / f"table.{ending}"
        source.write_bytes(data)
        words = ["--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--convert-to", "fods"]
        # a file of text is UTF-8 with commas, its cells judged as a person's are who opens it
        words += ["--infilter=Text - txt - csv (StarCalc):44,34,76,1,,0,false,true"] if ending == "csv" else []
        command = [str(shutil.which("soffice")), *words, "--outdir", str(tmp_path), str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=100)
        document = ElementTree.parse(tmp_path / "table.fods")
        table = next(document.iter(f"{TABLE}table"))
        return [cells(row) for row in table.iter(f"{TABLE}table-row")]

    return opened


def cells(row: ElementTree.Element) -> list[ElementTree.Element]:
    """Cells that are alike are written once; the blank rest of a row is left out."""
    found = []
    for one in row.iter(f"{TABLE}table-cell"):
        found += [one] * min(int(one.attrib.get(f"{TABLE}number-columns-repeated", "1")), len(COLUMNS))
    return found


def loaded() -> Review:
    marks = tuple(
        annotation(number, tag=text.strip()[:50] or "x", text=text, quote=text, severity=Severity.MINOR)
        for number, text in enumerate(LOADED)
    )
    return small_review().model_copy(update={"annotations": marks})


def formulas(rows: Opened) -> list[str]:
    return [one.attrib[f"{TABLE}formula"] for row in rows for one in row if f"{TABLE}formula" in one.attrib]


def links(rows: Opened) -> list[ElementTree.Element]:
    return [link for row in rows for one in row for link in one.iter(f"{TEXT}a")]


def shown(one: ElementTree.Element) -> str:
    """What stands in a cell, without its blanks: the file has some of its own between the lines."""
    return without_blanks("".join(one.itertext()))


def without_blanks(text: str) -> str:
    return "".join(text.split())


def test_the_control_a_table_without_our_guard_is_run(opened: Callable[[bytes, str], Opened]) -> None:
    assert formulas(opened(b"text\r\n=1+1\r\n", "csv")) == ["of:=1+1"]


@pytest.mark.parametrize("many", [False, True])
def test_no_cell_of_a_csv_is_run(opened: Callable[[bytes, str], Opened], many: bool) -> None:
    review = loaded()
    form = many_format(What.ANNOTATIONS, "csv")
    piece = Piece(review.session.session_id, review.session, annotations=review.annotations)
    rows = opened(form.head + form.write(piece) if many else format_named("csv").write(review), "csv")
    assert formulas(rows) == []
    assert links(rows) == []
    texts = [shown(row[COLUMNS.index("text")]) for row in rows[1 : len(LOADED) + 1]]
    assert texts == [without_blanks(str(cell(text))) for text in LOADED]


def test_a_workbook_has_texts_numbers_and_dates_and_no_formula(opened: Callable[[bytes, str], Opened]) -> None:
    review = loaded()
    rows = opened(format_named("xlsx").write(review), "xlsx")
    assert formulas(rows) == []
    assert links(rows) == []
    for row, one in zip(rows[1 : len(LOADED) + 1], review.annotations, strict=True):
        of = dict(zip(COLUMNS, row, strict=False))
        assert shown(of["text"]) == without_blanks(one.text)
        assert of["text"].attrib[f"{OFFICE}value-type"] == "string"
        assert of["start_ms"].attrib[f"{OFFICE}value-type"] == "float"
        assert of["start_ms"].attrib[f"{OFFICE}value"] == str(one.start_ms)
        assert of["created_at"].attrib[f"{OFFICE}date-value"].startswith("2026-05-28T14:31:07")
