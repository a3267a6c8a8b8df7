"""Icons in the colour they are needed in, sharp at every scale."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QBuffer, QByteArray, QSize
from PySide6.QtGui import QIcon, QImageReader, QPixmap

from qa_player.files import resource

_SCALES = (1, 2, 3)


@cache
def icon(name: str, colour: str, *, faded: str = "", size: int = 16) -> QIcon:
    """The icon ``name`` of resources/icons drawn in ``colour``, and in ``faded`` where it is disabled."""
    made = QIcon()
    for scale in _SCALES:
        made.addPixmap(_pixmap(name, colour, size, scale), QIcon.Mode.Normal)
        if faded:
            made.addPixmap(_pixmap(name, faded, size, scale), QIcon.Mode.Disabled)
    return made


def _pixmap(name: str, colour: str, size: int, scale: int) -> QPixmap:
    drawing = resource("icons", f"{name}.svg").read_text("utf-8").replace("currentColor", colour)
    buffer = QBuffer()
    buffer.setData(QByteArray(drawing.encode()))
    reader = QImageReader(buffer, QByteArray(b"svg"))
    reader.setScaledSize(QSize(size * scale, size * scale))
    pixmap = QPixmap.fromImage(reader.read())
    pixmap.setDevicePixelRatio(scale)
    return pixmap
