"""A thin strip under the overview: how long each answer took, and where somebody cut in."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from qa_player.model.connection import Sides
from qa_player.model.delay import Answer, Delays, Interruption
from qa_player.ui.theme import tokens_for
from qa_player.ui.widgets.delay_words import answer_words, interruption_words, summary
from qa_player.ui.widgets.text import tooltip
from qa_player.ui.widgets.time_ruler import TimeScale

HEIGHT = 9
REACH_PIXELS = 5
"""A press or the pointer so far beside a mark means it."""

_LOW, _HIGH = 3, 7
_LEAST_PIXELS = 2


class DelayStrip(QWidget):
    """A bar for each answer from the user's end to the agent's onset, tall and in the accent where it was slow; a mark
    in the colour of who cut in for each interruption. ``chosen`` when one is pressed.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Delays and interruptions")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT)
        self.setMouseTracking(True)
        self._delays = Delays()
        self._sides = Sides()
        self._slow_ms = 0
        self._duration_ms = 0
        self.hide()

    def sizeHint(self) -> QSize:
        return QSize(800, HEIGHT)

    def set_duration(self, duration_ms: int | None) -> None:
        """The length of the recording, null while nobody knows it."""
        if (duration_ms or 0) != self._duration_ms:
            self._duration_ms = duration_ms or 0
            self._refresh()

    def show_delays(self, delays: Delays, sides: Sides, slow_ms: int) -> None:
        """Draw these; answers that took ``slow_ms`` or longer stand out. With nothing to draw the strip is hidden."""
        self._delays, self._sides, self._slow_ms = delays, sides, slow_ms
        self.say(None)
        self._refresh()

    def say(self, one: Answer | Interruption | None) -> None:
        """Let assistive technology read what ``one`` is, before what there is in all."""
        words = filter(None, ("" if one is None else self._words(one), summary(self._delays)))
        self.setAccessibleDescription(". ".join(words))

    def _refresh(self) -> None:
        self.setVisible(self._delays.basis is not None and self._duration_ms > 0)
        self.update()

    def _scale(self) -> TimeScale:
        return TimeScale(0.0, max(self._duration_ms, 1) / max(self.width(), 1))

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens, scale = tokens_for(self.palette()), self._scale()
        painter = QPainter(self)
        base = self.height() - 1
        for answer in sorted(self._delays.answers, key=self._is_slow):
            left, right = scale.x(answer.from_ms), scale.x(answer.to_ms)
            slow = self._is_slow(answer)
            high = _HIGH if slow else _LOW
            area = QRectF(left, base - high, max(right - left, _LEAST_PIXELS), high)
            painter.fillRect(area, QColor(tokens.accent if slow else tokens.border_strong))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for cut in self._delays.interruptions:
            x = scale.x(cut.at_ms)
            painter.setBrush(QColor(tokens.role(cut.role)))
            painter.drawPolygon(QPolygonF([QPointF(x - 3.5, 0), QPointF(x + 3.5, 0), QPointF(x, base)]))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position().x()) if event.button() == Qt.MouseButton.LeftButton else None
        if found is None:
            event.ignore()
        else:
            self.chosen.emit(found)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._at(event.position().x()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            found = self._at(event.pos().x())
            words = summary(self._delays) if found is None else self._words(found)
            QToolTip.showText(event.globalPos(), tooltip(words), self)
            return True
        return super().event(event)

    def _at(self, x: float) -> Answer | Interruption | None:
        """What is drawn under ``x`` or next to it; an interruption before an answer, for it is thin."""
        scale = self._scale()
        cuts = [(abs(scale.x(cut.at_ms) - x), cut) for cut in self._delays.interruptions]
        near = min(cuts, key=lambda one: one[0], default=None)
        if near is not None and near[0] <= REACH_PIXELS:
            return near[1]
        return _nearest(self._delays.answers, scale, x)

    def _is_slow(self, answer: Answer) -> bool:
        return answer.delay_ms >= self._slow_ms

    def _words(self, one: Answer | Interruption) -> str:
        return answer_words(one) if isinstance(one, Answer) else interruption_words(one, self._sides)


def _nearest(answers: Sequence[Answer], scale: TimeScale, x: float) -> Answer | None:
    def away(answer: Answer) -> float:
        return max(scale.x(answer.from_ms) - x, x - scale.x(answer.to_ms), 0.0)

    nearest = min(answers, key=lambda answer: (away(answer), -answer.delay_ms), default=None)
    return nearest if nearest is not None and away(nearest) <= REACH_PIXELS else None
