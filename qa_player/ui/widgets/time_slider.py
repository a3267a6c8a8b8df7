"""A slider whose value is a position in the recording: what the waveform and the seek bar have in common."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractSlider, QWidget

from qa_player.ui.theme import tokens_for
from qa_player.ui.widgets.time_ruler import TimeScale

SMALL_STEP_MS = 1_000
STEP_MS = 5_000
PAGE_MS = 30_000
MAX_VALUE = 2**31 - 1
PLAYHEAD_WIDTH = 2
CORNER = 6
DRAG_PIXELS = 4
"""A pointer that moved less was meant to stay."""


class TimeSlider(QAbstractSlider):
    """Draws a picture that is kept, once as played and once as ahead; the playhead is the seam between the two.

    ``seek_requested`` is what the person asks for (ms), by pointer, key or assistive technology; the position itself
    is only ever moved by `set_position`, so that it shows what is heard.
    """

    seek_requested = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setRange(0, 0)
        self.setSingleStep(STEP_MS)
        self.setPageStep(PAGE_MS)
        self._position = 0.0
        self._telling = False
        self._played: QPixmap | None = None
        self._ahead: QPixmap | None = None
        self.valueChanged.connect(self._value_changed)

    @property
    def duration_ms(self) -> int:
        """The length of the recording; 0 while it is not known."""
        return self.maximum()

    @property
    def position_ms(self) -> float:
        """Where the playhead stands."""
        return self._position

    def set_duration(self, duration_ms: int | None) -> None:
        """The length of the recording, null while nobody knows it."""
        duration_ms = min(max(duration_ms or 0, 0), MAX_VALUE)
        if duration_ms != self.maximum():
            self._tell(maximum=duration_ms)
            self._position = min(self._position, float(duration_ms))
            self.duration_changed()

    def set_position(self, position_ms: float) -> None:
        """Move the playhead; asks for no seek."""
        position_ms = min(max(position_ms, 0.0), float(self.maximum()))
        before = self.playhead_x()
        self._position = position_ms
        self._tell(value=int(position_ms))
        self.position_changed()
        after = self.playhead_x()
        if after != before:
            self.update_columns(min(before, after), max(before, after) + PLAYHEAD_WIDTH)

    def scale(self) -> TimeScale:
        """Which moment is where; overridden by what can be zoomed."""
        return TimeScale(0.0, max(self.maximum(), 1) / max(self.width(), 1))

    def playhead_x(self) -> int:
        """The playhead's left-most pixel."""
        return round(self.scale().x(self._position)) - PLAYHEAD_WIDTH // 2

    def redraw(self) -> None:
        """Forget the kept pictures: what they show has changed."""
        self._played = self._ahead = None
        self.update()

    def update_columns(self, first: int, end: int) -> None:
        """Repaint only the pixels from ``first`` to ``end``, and one on each side."""
        self.update(QRect(first - 1, 0, end - first + 2, self.height()))

    def paint_pictures(self) -> tuple[QPixmap, QPixmap]:
        """The whole widget as played and as ahead, without the playhead."""
        raise NotImplementedError

    def paint_over(self, painter: QPainter, area: QRect) -> None:
        """What changes too often to be kept."""

    def duration_changed(self) -> None:
        """Called after the length is another."""
        self.redraw()

    def position_changed(self) -> None:
        """Called before the playhead is repainted, so that the view can follow it."""

    def ask(self, position_ms: float) -> None:
        """Ask for a seek to a place inside of the recording."""
        self.seek_requested.emit(int(min(max(round(position_ms), 0), self.maximum())))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._played is None or self._ahead is None or self._played.devicePixelRatio() != self.devicePixelRatioF():
            self._played, self._ahead = self.paint_pictures()
        painter = QPainter(self)
        area = event.rect()
        ratio = self._played.devicePixelRatio()
        seam = self.playhead_x() + PLAYHEAD_WIDTH // 2
        for picture, part in (
            (self._played, area.intersected(QRect(0, 0, seam, self.height()))),
            (self._ahead, area.intersected(QRect(seam, 0, max(self.width() - seam, 0), self.height()))),
        ):
            if not part.isEmpty():
                source = QRect(
                    round(part.x() * ratio),
                    round(part.y() * ratio),
                    round(part.width() * ratio),
                    round(part.height() * ratio),
                )
                painter.drawPixmap(part, picture, source)
        self.paint_over(painter, area)
        tokens = tokens_for(self.palette())
        if self.maximum():
            painter.fillRect(self.playhead_x(), 1, PLAYHEAD_WIDTH, self.height() - 2, QColor(tokens.accent))
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            pen = painter.pen()
            pen.setColor(QColor(tokens.accent))
            pen.setWidthF(2)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), CORNER - 1, CORNER - 1)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.redraw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.redraw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Steps as in the table of keys; anything else is left to the window."""
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        others = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        target = None if others else self._target(Qt.Key(event.key()), SMALL_STEP_MS if shift else STEP_MS)
        if target is None:
            event.ignore()
        else:
            self.ask(target)

    def _target(self, key: Qt.Key, step: int) -> float | None:
        return {
            Qt.Key.Key_Left: self._position - step,
            Qt.Key.Key_Right: self._position + step,
            Qt.Key.Key_PageUp: self._position - PAGE_MS,
            Qt.Key.Key_PageDown: self._position + PAGE_MS,
            Qt.Key.Key_Home: 0.0,
            Qt.Key.Key_End: float(self.maximum()),
        }.get(key)

    def sliderChange(self, change: QAbstractSlider.SliderChange) -> None:
        """Qt would repaint everything for every value; `set_position` knows which columns changed."""

    def _tell(self, *, value: int | None = None, maximum: int | None = None) -> None:
        """Set what assistive technology reads, without asking for a seek."""
        self._telling = True
        try:
            if maximum is not None:
                self.setMaximum(maximum)
            if value is not None:
                self.setValue(value)
        finally:
            self._telling = False

    def _value_changed(self, value: int) -> None:
        """Somebody else set the value: assistive technology. It is a wish; the value goes back to what is heard."""
        if not self._telling:
            self._tell(value=int(self._position))
            self.ask(value)
