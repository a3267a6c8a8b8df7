"""Short words that are painted again and again, as times and numbers are: how they lie is worked out once."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QStaticText

_ROUNDING = 2


class WordPainter:
    """Paints in the font that ``painter`` has by now."""

    def __init__(self, painter: QPainter) -> None:
        self._painter = painter
        self._size = painter.font().pixelSize()
        metrics = QFontMetricsF(painter.font())
        self._height = metrics.height()
        self._digit = metrics.horizontalAdvance("0")

    def draw(self, area: QRectF, words: str) -> None:
        """``words`` of figures at the left of ``area``, in the middle of its height; what has no room is cut off."""
        if len(words) * self._digit + _ROUNDING > area.width():
            self._painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, words)
        else:
            top = area.y() + (area.height() - self._height) / 2
            self._painter.drawStaticText(QPointF(area.x(), top), _kept(words, self._size))


@lru_cache(maxsize=4_096)
def _kept(words: str, _size: int) -> QStaticText:
    """In another font it lays itself out anew: the size only keeps those apart that are seen together."""
    text = QStaticText(words)
    text.setTextFormat(Qt.TextFormat.PlainText)
    text.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    return text
