"""An HTML page as PDF, by Qt's own writer: A4, numbered, its letters inside the file."""

from __future__ import annotations

import sys
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSizeF, Qt, QThread
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
    QTextDocument,
)

from qa_player.files import resource

_MARGIN_MM = 16
_FOOT_POINTS = 18.0
_RESOLUTION = 96
_SMALL_PIXELS = 11
_PRINTED_AT = 1_200


def print_pdf(page: str, title: str) -> bytes:
    """The bytes of a PDF. May be called from any thread once there is an application (`enough_of_qt`)."""
    printer = _Printer(page, title)
    printer.start()
    printer.wait()
    if printer.trouble is not None:
        raise printer.trouble
    return printer.data


def _printed(page: str, title: str) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(title)
    writer.setCreator("QA Player")
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(*[_MARGIN_MM] * 4), QPageLayout.Unit.Millimeter)
    writer.setResolution(_PRINTED_AT)
    document = QTextDocument()
    document.setDefaultFont(_font(10))
    document.setHtml(page)
    _paint(document, writer)
    buffer.close()
    return bytes(data.data())


def enough_of_qt() -> object:
    """An application without a screen, for who has none; keep what is returned as long as you print."""
    existing = QGuiApplication.instance()
    application: Any = existing or QGuiApplication([sys.argv[0], "-platform", "offscreen"])
    for name in ("Inter-Regular.otf", "Inter-SemiBold.otf"):
        QFontDatabase.addApplicationFont(str(resource("fonts", name)))
    return application


def _font(points: int) -> QFont:
    """Without contextual alternates: their colons and dashes are letters that no reader of a PDF knows."""
    font = QFont("Inter", points)
    font.setFeature(QFont.Tag("calt"), 0)
    return font


def _paint(document: QTextDocument, writer: QPdfWriter) -> None:
    scale = _PRINTED_AT / _RESOLUTION
    room = writer.pageLayout().paintRectPixels(_RESOLUTION)
    body = QSizeF(room.width(), room.height() - _FOOT_POINTS)
    document.setPageSize(body)
    painter = QPainter(writer)
    painter.scale(scale, scale)
    pages = document.pageCount()
    for number in range(pages):
        if number:
            writer.newPage()
        painter.save()
        painter.translate(0, -number * body.height())
        context = QAbstractTextDocumentLayout.PaintContext()
        context.clip = QRectF(0, number * body.height(), body.width(), body.height())
        context.palette.setColor(QPalette.ColorRole.Text, Qt.GlobalColor.black)
        document.documentLayout().draw(painter, context)
        painter.restore()
        foot = QRectF(0, body.height(), body.width(), _FOOT_POINTS)
        small = _font(8)
        small.setPixelSize(_SMALL_PIXELS)  # points would be those of the printer, and the painter is scaled
        painter.setFont(small)
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, f"{number + 1} / {pages}")
    painter.end()


class _Printer(QThread):
    """A thread of Qt's own: the layout of a document starts timers, and complains of any other thread."""

    def __init__(self, page: str, title: str) -> None:
        super().__init__()
        self._page = page
        self._title = title
        self.data = b""
        self.trouble: Exception | None = None

    def run(self) -> None:
        try:
            self.data = _printed(self._page, self._title)
        except Exception as trouble:
            self.trouble = trouble  # raised by who waits for it
