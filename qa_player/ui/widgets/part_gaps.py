"""Where a recording in several parts is silent because nothing is there, and where one part joins the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from qa_player.model.playback import PartPlace
from qa_player.ui.theme import Tokens
from qa_player.ui.widgets.time_ruler import TimeScale

_ROOM_FOR_WORDS = 110


@dataclass(frozen=True)
class Gap:
    """A stretch without sound and its reason; a join of two parts is one without a length."""

    start_ms: int
    end_ms: int
    reason: str


def gaps_of(parts: Sequence[PartPlace]) -> tuple[Gap, ...]:
    """Gaps and joins in their order, as far as the places are known."""
    gaps = []
    reached = 0
    for number, part in enumerate(parts, start=1):
        if part.start_ms is None:
            break
        if number > 1:
            gaps.append(Gap(reached, part.start_ms, "Nothing was recorded" if part.start_ms > reached else ""))
        reached = part.start_ms + (part.duration_ms or 0)
        if part.error is not None and reached > part.start_ms:
            gaps.append(Gap(part.start_ms, reached, f"Part {number} cannot be heard"))
        if part.duration_ms is None and part.error is None:
            break
    return tuple(gaps)


def paint_gaps(
    painter: QPainter, gaps: Sequence[Gap], scale: TimeScale, *, area: QRectF, tokens: Tokens, detailed: bool
) -> None:
    """Hatch what is silent, say why where there is room, and draw a broken line at each join."""
    for gap in gaps:
        left, right = max(scale.x(gap.start_ms), area.left()), min(scale.x(gap.end_ms), area.right())
        if right < left:
            continue
        edge = QPen(QColor(tokens.muted), 1, Qt.PenStyle.DashLine)
        painter.setPen(edge)
        painter.drawLine(QLineF(left, area.top(), left, area.bottom()))
        if gap.end_ms == gap.start_ms:
            continue
        silent = QRectF(left, area.top(), right - left, area.height())
        painter.fillRect(silent, QColor(tokens.window))
        painter.fillRect(silent, QBrush(QColor(tokens.border_strong), Qt.BrushStyle.BDiagPattern))
        painter.drawLine(QLineF(left, area.top(), left, area.bottom()))
        painter.drawLine(QLineF(right, area.top(), right, area.bottom()))
        if detailed and silent.width() >= _ROOM_FOR_WORDS:
            words = painter.boundingRect(silent, Qt.AlignmentFlag.AlignCenter, gap.reason).adjusted(-6, -2, 6, 2)
            painter.fillRect(words, QColor(tokens.window))
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, gap.reason)
