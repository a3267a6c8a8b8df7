"""How loud one side of a call is just now, from silence to as loud as can be."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from qa_player.model.transcript import Role
from qa_player.ui.theme import tokens_for

FLOOR_DB = -54.0
LOUD_DB = -1.0
FALL = 0.75
"""Of what was shown before so much is left at each telling: a meter that falls slowly can be read."""

_WORDS = ((0.02, "silent"), (0.35, "quiet"), (1.01, "speaking"))


class LevelMeter(QWidget):
    """Its accessible description is a word, so that it is not told anew at every breath."""

    def __init__(self, role: Role, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role = role
        self._share = 0.0
        self._clipped = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_level(0)

    @property
    def share(self) -> float:
        """How much of the meter is filled, 0 to 1."""
        return self._share

    def sizeHint(self) -> QSize:
        return QSize(90, 12)

    def show_level(self, peak: int) -> None:
        """The largest sample of a moment ago, 0 to 32767."""
        level_db = 20 * math.log10(max(peak, 1) / 32_768)
        share = min(max(1 - level_db / FLOOR_DB, 0.0), 1.0)
        self._share = max(share, self._share * FALL if self._share > 0.02 else 0.0)
        self._clipped = level_db > LOUD_DB
        word = next(word for most, word in _WORDS if self._share < most)
        if word != self.accessibleDescription():
            self.setAccessibleDescription(word)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = tokens_for(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        box = QRectF(0, self.height() / 2 - 3, self.width(), 6)
        painter.setBrush(QColor(tokens.border))
        painter.drawRoundedRect(box, 3, 3)
        if self._share > 0:
            box.setWidth(max(box.width() * self._share, 6))
            painter.setBrush(QColor(tokens.critical if self._clipped else tokens.role(self._role)))
            painter.drawRoundedRect(box, 3, 3)
        painter.end()
