"""The whole recording in one strip: where one is, what is in view above or below, what was noted and heard."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from qa_player.model.annotation import Span
from qa_player.ui.theme import tokens_for
from qa_player.ui.widgets.recording_slider import RecordingSlider
from qa_player.ui.widgets.time_slider import DRAG_PIXELS

EDGE_PIXELS = 5
SHORTEST_VIEW_PIXELS = 6
STRIP_TOP = 4
"""The strip of what was heard begins so far above the lower edge."""


class SeekBar(RecordingSlider):
    """A click or a drag seeks (a drag when it is let go); the frame of the view is dragged, or pulled at its edges."""

    view_requested = Signal(int, int)
    """The stretch (ms) that the zoomable picture is to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Seek", detailed=False, parent=parent)
        self._view: tuple[int, int] | None = None
        self._strips: tuple[tuple[Span, ...], ...] = ((), (), ())
        self._pressed: float | None = None
        self._grip: str = ""
        self._grip_view = (0, 0)
        self._dragged = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(40)

    def sizeHint(self) -> QSize:
        return QSize(800, 40)

    def set_view(self, start_ms: int, end_ms: int) -> None:
        """Frame what the zoomable picture shows."""
        if (start_ms, end_ms) != self._view:
            self._view = (start_ms, end_ms)
            self.update()

    def set_coverage(self, heard: Sequence[Span], *, muted: Sequence[Span] = (), skipped: Sequence[Span] = ()) -> None:
        """Which stretches were listened to, ran by without sound, or were left out as silence; a strip below."""
        strips = (tuple(skipped), tuple(muted), tuple(heard))
        if strips != self._strips:
            self._strips = strips
            self.update(QRect(0, self.height() - STRIP_TOP, self.width(), STRIP_TOP))

    def paint_over(self, painter: QPainter, area: QRect) -> None:
        self._paint_strips(painter, area)
        frame = self._frame()
        if frame is None or not frame.intersects(QRectF(area)):
            return
        colour = QColor(tokens_for(self.palette()).accent)
        painter.setPen(QPen(colour, 1))
        colour.setAlphaF(0.06)
        painter.setBrush(colour)
        painter.drawRect(frame)

    def _paint_strips(self, painter: QPainter, area: QRect) -> None:
        """What was heard above all: a place that was also skipped or muted once was heard all the same."""
        top = self.height() - STRIP_TOP
        if not self.duration_ms or area.bottom() < top:
            return
        tokens, scale = tokens_for(self.palette()), self.scale()
        # with every step of the playhead some pixels are painted, and a call is heard in hundreds of pieces
        first_ms, last_ms = scale.ms(area.left() - 2), scale.ms(area.right() + 2)
        looks = ((tokens.good, 2, 1), (tokens.muted, 2, 1), (tokens.good, 0, 3))
        for spans, (colour, down, high) in zip(self._strips, looks, strict=True):
            filling = QColor(colour)
            for at in range(bisect_left(spans, first_ms, key=lambda span: span.end_ms), len(spans)):
                span = spans[at]
                if span.start_ms > last_ms:
                    break
                left, right = scale.x(span.start_ms), scale.x(min(span.end_ms, self.duration_ms))
                painter.fillRect(QRectF(left, top + down, max(right - left, 1), high), filling)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.duration_ms or event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._pressed = event.position().x()
        self._grip = self._grip_at(self._pressed)
        self._grip_view = self._view or (0, 0)
        self._dragged = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._pressed is None:
            grip = self._grip_at(x)
            self.setCursor(
                Qt.CursorShape.SizeHorCursor if grip in ("left", "right") else Qt.CursorShape.ArrowCursor,
            )
            return
        self._dragged = self._dragged or abs(x - self._pressed) >= DRAG_PIXELS
        if self._dragged and self._grip:
            self.view_requested.emit(*self._pulled(x - self._pressed))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, grip, dragged = self._pressed, self._grip, self._dragged
        self._pressed, self._grip, self._dragged = None, "", False
        if pressed is not None and not (grip and dragged):
            self.ask(self.scale().ms(event.position().x() if dragged else pressed))

    def _frame(self) -> QRectF | None:
        """The frame of the view; null when it holds everything."""
        if self._view is None or not self.duration_ms:
            return None
        start, end = self._view
        if end - start >= self.duration_ms:
            return None
        scale = self.scale()
        left, right = scale.x(start), scale.x(end)
        return QRectF(round(left) + 0.5, 0.5, max(round(right - left), SHORTEST_VIEW_PIXELS) - 1, self.height() - 1)

    def _grip_at(self, x: float) -> str:
        """What a press at ``x`` holds: ``left`` or ``right`` edge, ``view``, or nothing."""
        frame = self._frame()
        if frame is None:
            return ""
        if abs(x - frame.left()) <= EDGE_PIXELS and x < frame.center().x():
            return "left"
        if abs(x - frame.right()) <= EDGE_PIXELS:
            return "right"
        return "view" if frame.left() < x < frame.right() else ""

    def _pulled(self, pixels: float) -> tuple[int, int]:
        """The view after what is held was moved by ``pixels``."""
        start, end = self._grip_view
        scale = self.scale()
        by = round(pixels * scale.ms_per_pixel)
        shortest = round(SHORTEST_VIEW_PIXELS * scale.ms_per_pixel)
        if self._grip == "left":
            return min(max(start + by, 0), end - shortest), end
        if self._grip == "right":
            return start, max(min(end + by, self.duration_ms), start + shortest)
        by = min(max(by, -start), self.duration_ms - end)
        return start + by, end + by
