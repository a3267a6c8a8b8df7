"""The zoomable picture of a recording: who speaks when, what was noted, where the playhead is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from qa_player.model.annotation import Annotation, Span
from qa_player.model.transcript import Turn
from qa_player.ui.theme import tokens_for
from qa_player.ui.widgets.recording_slider import RecordingSlider, Spoken
from qa_player.ui.widgets.span_selection import SpanSelection
from qa_player.ui.widgets.text import tooltip
from qa_player.ui.widgets.time_ruler import TimeScale
from qa_player.ui.widgets.time_slider import DRAG_PIXELS, PLAYHEAD_WIDTH
from qa_player.ui.widgets.time_view import TimeView
from qa_player.ui.widgets.turn_lanes import bar_of
from qa_player.ui.widgets.waveform_scene import RULER_HEIGHT, bands_of, paint_active_bar

_WHEEL_ZOOM = 1.25
_KEY_ZOOM = 1.5
_NOTCH = 120


class Waveform(RecordingSlider):
    """Values in, wishes out.

    A click asks for a seek, a drag selects a span, Shift+drag or the middle button pans, the wheel scrolls, with Ctrl
    or Alt it zooms around the pointer; a double click opens an annotation. Following pauses when the view is moved by
    hand and the playhead leaves it, until `set_follow`.
    """

    selection_changed = Signal(object)
    """The span the person selected, or null."""
    view_changed = Signal(int, int)
    """The first and the last moment in view (ms)."""
    annotation_activated = Signal(str)
    follow_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Waveform", detailed=True, parent=parent)
        self._view = TimeView()
        self._active: tuple[int, ...] = ()
        self._selection = SpanSelection()
        self._follow = True
        self._pressed: QPointF | None = None
        self._panning = False
        self._growing_ms: int | None = None
        self._shown = (0, 0)
        self.setMinimumHeight(120)

    def sizeHint(self) -> QSize:
        return QSize(800, 197)

    @property
    def selection(self) -> Span | None:
        """The selected span."""
        return self._selection.span

    @property
    def follow(self) -> bool:
        """Whether the view goes with the playhead."""
        return self._follow

    @property
    def view(self) -> tuple[int, int]:
        """The first and the last moment in view (ms)."""
        return self._view.start_ms, self._view.end_ms

    def set_turns(self, turns: Spoken | Sequence[Turn]) -> None:
        """The placed turns: who speaks when."""
        self._active = ()
        super().set_turns(turns)

    def set_active_turns(self, indices: Sequence[int]) -> None:
        """The turns that speak now; their bars stand out."""
        if tuple(indices) != self._active:
            self._active = tuple(indices)
            top = int(self._spoken.lanes.top(self.height()))
            self.update(QRect(0, top, self.width(), self.height() - top))

    def set_selection(self, span: Span | None) -> None:
        """Show ``span`` as selected."""
        self._selection.set(span)
        self.update()

    def set_growing(self, start_ms: int | None) -> None:
        """Show a stretch that goes from ``start_ms`` to the playhead, wherever that is; null: none."""
        self._growing_ms = start_ms
        self.update()

    def set_follow(self, follow: bool) -> None:
        """Let the view go with the playhead, or stay."""
        if follow:
            self._reveal()
        if follow != self._follow:
            self._follow = follow
            self.follow_changed.emit(follow)

    def set_view(self, start_ms: int, end_ms: int) -> None:
        """Bring a stretch into view, from edge to edge."""
        self._view.resize(width=self.width())
        self._view.show(start_ms, end_ms)
        self._moved_by_hand()

    def zoom_in(self) -> None:
        """Nearer, around the playhead where it is in view."""
        self._zoom(_KEY_ZOOM, self._zoom_centre())

    def zoom_out(self) -> None:
        """Further away, around the playhead where it is in view."""
        self._zoom(1 / _KEY_ZOOM, self._zoom_centre())

    def fit(self) -> None:
        """The whole recording at once."""
        self._view.fit()
        self._view_moved()

    def mark_in(self) -> None:
        """The selection begins at the playhead."""
        self._select(lambda: self._selection.mark_in(int(self.position_ms)))

    def mark_out(self) -> None:
        """The selection ends at the playhead."""
        self._select(lambda: self._selection.mark_out(int(self.position_ms)))

    def nudge(self, by_ms: int) -> None:
        """The edge of the selection that was set last moves by so much."""
        self._select(lambda: self._selection.nudge(by_ms, duration_ms=self.duration_ms))

    def clear_selection(self) -> None:
        """Select nothing."""
        self._select(lambda: self._selection.set(None))

    def scale(self) -> TimeScale:
        return self._view.scale

    def duration_changed(self) -> None:
        self._view.resize(duration_ms=self.duration_ms, width=self.width())
        self._view_moved()

    def position_changed(self) -> None:
        if self._follow and self._pressed is None:
            self._reveal()

    def paint_over(self, painter: QPainter, area: QRect) -> None:
        tokens = tokens_for(self.palette())
        scale = self.scale()
        turns, lanes = self._spoken.turns, self._spoken.lanes
        if area.bottom() >= lanes.top(self.height()):
            for turn, lane in ((turns[at], lanes.of_turn[at]) for at in self._active if at < len(turns)):
                bar = bar_of(turn, lane, lanes, scale=scale, width=self.width(), height=self.height())
                if bar is not None:
                    paint_active_bar(painter, turn, bar, tokens)
        if self._growing_ms is not None:
            left, right = scale.x(self._growing_ms), self.playhead_x()
            painter.fillRect(QRectF(left, RULER_HEIGHT, max(right - left, 0), 4), QColor(tokens.accent))
        self._selection.paint(painter, scale, self.height(), tokens)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._view.resize(width=self.width())
        super().resizeEvent(event)
        self._view_moved()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        others = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        act = {
            Qt.Key.Key_Plus: self.zoom_in,
            Qt.Key.Key_Equal: self.zoom_in,
            Qt.Key.Key_Minus: self.zoom_out,
            Qt.Key.Key_0: self.fit,
            Qt.Key.Key_I: self.mark_in,
            Qt.Key.Key_O: self.mark_out,
        }.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape and self._selection.there:
            self.clear_selection()
        elif act is not None and not others:
            act()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolls; with Ctrl or Alt (which turns the wheel sideways) zooms."""
        angle, pixels = event.angleDelta(), event.pixelDelta()
        notches = (angle.y() or angle.x()) / _NOTCH
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            self._zoom(_WHEEL_ZOOM**notches, event.position().x())
        else:
            self._view.scroll(-((pixels.x() or pixels.y()) or notches * self.width() / 10))
            self._moved_by_hand()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.duration_ms or event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            event.ignore()
            return
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._pressed = event.position()
        self._panning = event.button() == Qt.MouseButton.MiddleButton or shift
        if self._panning:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            self._selection.grab(self._pressed.x(), self.scale())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._pressed is None:
            near = self._selection.other_end(x, self.scale()) is not None
            self.setCursor(Qt.CursorShape.SizeHorCursor if near else Qt.CursorShape.ArrowCursor)
        elif self._panning:
            self._view.scroll(self._pressed.x() - x)
            self._pressed = event.position()
            self._moved_by_hand()
        elif self._selection.dragging or abs(x - self._pressed.x()) >= DRAG_PIXELS:
            if not self._selection.dragging:
                self._selection.begin(self._inside(self._pressed.x()))
            self._selection.drag(self._inside(x))
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, panned = self._pressed, self._panning
        self._pressed, self._panning = None, False
        self.setCursor(Qt.CursorShape.ArrowCursor)
        if self._selection.end():
            self.selection_changed.emit(self.selection)
        elif pressed is not None and not panned:
            self.ask(self.scale().ms(pressed.x()))
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        annotation = self._annotation_at(event.position().x())
        if annotation is not None:
            self.annotation_activated.emit(annotation.annotation_id)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            annotation = self._annotation_at(event.pos().x())
            words = "" if annotation is None else tooltip("\n".join(filter(None, (annotation.tag, annotation.text))))
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def _annotation_at(self, x: float) -> Annotation | None:
        """The annotation whose band lies under ``x``; of several the shortest, which is the hardest to hit."""
        bands = bands_of(self._annotations, self.scale(), self.width())
        under = [band for band in bands if band.left <= x < band.right]
        return min(under, key=lambda band: band.right - band.left).annotation if under else None

    def _inside(self, x: float) -> int:
        return min(max(self.scale().ms(x), 0), self.duration_ms)

    def _select(self, change: Callable[[], None]) -> None:
        before = self.selection
        change()
        self.update()
        if self.selection != before:
            self.selection_changed.emit(self.selection)

    def _zoom_centre(self) -> float:
        x = self.scale().x(self.position_ms)
        return x if 0 <= x <= self.width() else self.width() / 2

    def _zoom(self, factor: float, around_x: float) -> None:
        self._view.zoom(factor, around_x=around_x)
        self._moved_by_hand()

    def _moved_by_hand(self) -> None:
        """Following pauses only when the playhead is no longer in view."""
        self._view_moved()
        if self._follow and not -PLAYHEAD_WIDTH <= self.scale().x(self.position_ms) <= self.width():
            self._follow = False
            self.follow_changed.emit(False)

    def _reveal(self) -> None:
        if self._view.reveal(self.position_ms):
            self._view_moved()

    def _view_moved(self) -> None:
        self.redraw()
        if self.view != self._shown:
            self._shown = self.view
            self.view_changed.emit(*self.view)
