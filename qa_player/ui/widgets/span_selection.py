"""A span being selected: by dragging from one place to another, at its edges, or by marking in and out."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from qa_player.model.annotation import Span
from qa_player.ui.theme import Tokens
from qa_player.ui.widgets.time_ruler import TimeScale

EDGE_PIXELS = 5
"""How near to an edge one holds it."""


class SpanSelection:
    """``span`` is what is selected, ``mark`` an in-point that still waits for its out-point."""

    def __init__(self) -> None:
        self.span: Span | None = None
        self.mark: int | None = None
        self._at_start = False
        self._anchor: int | None = None

    @property
    def there(self) -> bool:
        """Whether anything is selected or marked."""
        return self.span is not None or self.mark is not None

    @property
    def dragging(self) -> bool:
        """Whether a drag is under way."""
        return self._anchor is not None

    def set(self, span: Span | None) -> None:
        """Select ``span``, or nothing."""
        self.span = span
        self.mark = None

    def grab(self, x: float, scale: TimeScale) -> bool:
        """Take hold of the edge at pixel ``x``, if there is one."""
        self._anchor = self.other_end(x, scale)
        return self.dragging

    def begin(self, at_ms: int) -> None:
        """A drag starts from a place."""
        self._anchor = at_ms

    def drag(self, to_ms: int) -> None:
        """The drag is now here; a drag back onto its start changes nothing."""
        if self._anchor is not None and to_ms != self._anchor:
            self.set(Span(start_ms=min(to_ms, self._anchor), end_ms=max(to_ms, self._anchor)))
            self._at_start = to_ms < self._anchor

    def end(self) -> bool:
        """The drag is over; whether there was one."""
        dragged, self._anchor = self.dragging, None
        return dragged

    def mark_in(self, at_ms: int) -> None:
        """Begin at ``at_ms``; a selection that ends later keeps its end, an earlier one is given up."""
        self._at_start = True
        if self.span is not None and self.span.end_ms > at_ms:
            self.set(Span(start_ms=at_ms, end_ms=self.span.end_ms))
        else:
            self.set(None)
            self.mark = at_ms

    def mark_out(self, at_ms: int) -> None:
        """End at ``at_ms``; nothing happens without a beginning before it."""
        start = self.span.start_ms if self.span is not None else self.mark
        if start is not None and at_ms > start:
            self.set(Span(start_ms=start, end_ms=at_ms))
            self._at_start = False

    def nudge(self, by_ms: int, *, duration_ms: int) -> None:
        """Move the edge that was set last; it neither meets the other one nor leaves the recording."""
        if self.span is None:
            return
        start, end = self.span.start_ms, self.span.end_ms
        if self._at_start:
            start = min(max(start + by_ms, 0), end - 1)
        else:
            end = max(min(end + by_ms, duration_ms), start + 1)
        self.set(Span(start_ms=start, end_ms=end))

    def other_edge(self) -> None:
        """Let `nudge` move the other edge."""
        self._at_start = not self._at_start

    def other_end(self, x: float, scale: TimeScale) -> int | None:
        """The end that stays when the edge at pixel ``x`` is dragged; null when there is no edge."""
        if self.span is None:
            return None
        if abs(scale.x(self.span.start_ms) - x) <= EDGE_PIXELS:
            return self.span.end_ms
        return self.span.start_ms if abs(scale.x(self.span.end_ms) - x) <= EDGE_PIXELS else None

    def paint(self, painter: QPainter, scale: TimeScale, height: int, tokens: Tokens) -> None:
        """A tinted stretch between two lines, or the one line that is there so far."""
        tint, line = QColor(tokens.accent), QColor(tokens.accent)
        tint.setAlphaF(0.16)
        line.setAlphaF(0.8)
        if self.span is not None:
            left, right = scale.x(self.span.start_ms), scale.x(self.span.end_ms)
            painter.fillRect(QRectF(left, 1, right - left, height - 2), tint)
            painter.fillRect(QRectF(left, 1, 1, height - 2), line)
            painter.fillRect(QRectF(right - 1, 1, 1, height - 2), line)
        elif self.mark is not None:
            painter.fillRect(QRectF(scale.x(self.mark), 1, 1, height - 2), line)
