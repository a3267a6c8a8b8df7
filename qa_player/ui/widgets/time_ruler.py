"""Time across a width: which millisecond lies at which pixel, and the ruler that says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QFont, QPainter

from qa_player.ui.theme import Tokens, figures
from qa_player.ui.widgets.kept_words import WordPainter
from qa_player.ui.widgets.times import clock

_STEPS_MS = (
    *(10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000),
    *(60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000),
)
_LABEL_PIXELS = 84
_TICK_PIXELS = 5


@dataclass(frozen=True)
class TimeScale:
    """``origin_ms`` lies at pixel 0, each (logical) pixel is ``ms_per_pixel``."""

    origin_ms: float
    ms_per_pixel: float

    def x(self, ms: float) -> float:
        """The pixel of a moment; may lie outside of the picture.

        >>> TimeScale(20_000, 100).x(21_000), TimeScale(20_000, 100).ms(10)
        (10.0, 21000)
        """
        return (ms - self.origin_ms) / self.ms_per_pixel

    def ms(self, x: float) -> int:
        """The moment at a pixel, in whole milliseconds."""
        return round(self.origin_ms + x * self.ms_per_pixel)


def ruler_steps(scale: TimeScale, width: float) -> Iterator[tuple[float, str]]:
    """The pixel and the label of each tick on ``width`` pixels; labels never touch.

    >>> list(ruler_steps(TimeScale(500, 100), 250))
    [(95.0, '0:10'), (195.0, '0:20')]
    >>> [label for _, label in ruler_steps(TimeScale(0, 2), 300)]
    ['0:00.0', '0:00.2', '0:00.4']
    """
    step = next((step for step in _STEPS_MS if step >= scale.ms_per_pixel * _LABEL_PIXELS), _STEPS_MS[-1])
    at = -(-max(int(scale.origin_ms), 0) // step) * step
    while (x := scale.x(at)) < width:
        yield x, _label(at, step)
        at += step


def _label(ms: int, step: int) -> str:
    if step >= 1_000:
        return clock(ms, parts=1)
    return clock(ms) if step < 100 else clock(ms)[:-1]


def paint_ruler(painter: QPainter, scale: TimeScale, width: int, tokens: Tokens) -> None:
    """Ticks at the upper edge, each with its time to the right of it."""
    font = QFont(painter.font())
    font.setPixelSize(11)
    painter.setFont(figures(font))
    painter.setPen(QColor(tokens.muted))
    words, metrics = WordPainter(painter), painter.fontMetrics()
    ticks = []
    for x, label in ruler_steps(scale, width):
        at = round(x)
        ticks.append(QLineF(at + 0.5, 0, at + 0.5, _TICK_PIXELS))
        if at + 4 + _LABEL_PIXELS < width or at + 4 + metrics.horizontalAdvance(label) < width:
            words.draw(QRectF(at + 4, 1, _LABEL_PIXELS, 14), label)
    painter.drawLines(ticks)
