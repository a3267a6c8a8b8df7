"""Wrapped plain text for rows that are painted: broken at words, inside a word only where it fits no line."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QTextLayout, QTextOption

from qa_player.ui.widgets.text import LINE_SEPARATOR

LEADING = 1.18
"""Lines stand this much further apart than the font asks for; long turns are read, not glanced at."""


def laid_out(text: str, font: QFont, width: int) -> QTextLayout:
    """``text`` in lines of at most ``width`` pixels; its direction is its own, whatever stands around it."""
    layout = QTextLayout(text.replace("\n", LINE_SEPARATOR), font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    layout.setTextOption(option)
    layout.setCacheEnabled(True)
    layout.beginLayout()
    y = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, round(y)))
        y += line.height() * LEADING
    layout.endLayout()
    return layout


def height_of(layout: QTextLayout) -> int:
    """The pixels that a layout covers from the top of its first line to the foot of its last."""
    last = layout.lineAt(layout.lineCount() - 1)
    return round(last.y() + last.height()) if layout.lineCount() else 0
