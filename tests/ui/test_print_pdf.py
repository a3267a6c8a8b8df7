"""A PDF as PDFium reads it, which did not write it: its words, its pages, its letters inside it."""

from __future__ import annotations

import asyncio
import re
import threading
import zlib
from pathlib import Path
from typing import Any

from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QApplication

from parts.reviews import small_review
from qa_player.formats import html_report
from qa_player.ui.print_pdf import enough_of_qt, print_pdf


async def test_another_program_reads_every_page(qapp: QApplication, tmp_path: Path, qtlog: Any) -> None:
    kept = small_review()
    turns = tuple(kept.turns[0].model_copy(update={"index": at, "text": f"turn number {at} é"}) for at in range(120))
    page = html_report.write(kept.model_copy(update={"turns": turns})).decode()
    assert enough_of_qt() is qapp
    printed: list[bytes] = []
    thread = threading.Thread(target=lambda: printed.append(print_pdf(page, "Cancel the add-on")))
    thread.start()
    await asyncio.to_thread(thread.join)
    (data,) = printed
    assert [record.message for record in qtlog.records] == [], "Qt says nothing when such a thread ends"
    path = tmp_path / "review.pdf"
    path.write_bytes(data)
    document = QPdfDocument()
    assert document.load(str(path)) is QPdfDocument.Error.None_
    assert document.metaData(QPdfDocument.MetaDataField.Title) == "Cancel the add-on"
    pages = document.pageCount()
    assert pages > 2
    assert {
        (round(size.width()), round(size.height())) for at in range(pages) if (size := document.pagePointSize(at))
    } == {(595, 842)}
    texts = [document.getAllText(at).text() for at in range(pages)]
    # PDFium takes some columns for lines of one letter each
    words = ["".join(text.split()) for text in texts]
    assert [at for at in range(120) if f"turnnumber{at}é" not in "".join(words)] == []
    assert [f"{at + 1}/{pages}" in text for at, text in enumerate(words)] == [True] * pages
    fonts = re.findall(rb"/FontFile[23]?", b"".join(_streams(data)) + data)
    assert fonts, "the letters are in the file"
    document.close()


def _streams(data: bytes) -> list[bytes]:
    """What is packed in the file, unpacked where it can be."""
    found = []
    for packed in re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        try:
            found.append(zlib.decompressobj().decompress(packed))
        except zlib.error:
            continue
    return found
