"""The kept pictures of a recording: ground, bands of annotations, wave, bars of turns, ruler."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPixmap

from qa_player.model.annotation import Annotation
from qa_player.model.peaks import Peaks
from qa_player.model.transcript import Turn
from qa_player.ui.theme import Tokens, figures, mix
from qa_player.ui.widgets.kept_words import WordPainter
from qa_player.ui.widgets.part_gaps import Gap, paint_gaps
from qa_player.ui.widgets.tag_colours import NO_COLOURS, TagColours
from qa_player.ui.widgets.time_ruler import TimeScale, paint_ruler
from qa_player.ui.widgets.time_slider import CORNER
from qa_player.ui.widgets.turn_lanes import BAR_GAP, Lanes, bar_of

if TYPE_CHECKING:
    from qa_player.ui.widgets.waveform_speakers import Speakers

RULER_HEIGHT = 18
MOMENT_PIXELS = 10
"""A moment has no length; its band is this wide, so that it can be seen and hit."""

_NUMBER_PIXELS = 16


@dataclass(frozen=True)
class Band:
    """An annotation as it lies in the picture, in pixels."""

    left: float
    right: float
    annotation: Annotation


def bands_of(annotations: Sequence[Annotation], scale: TimeScale, width: int) -> list[Band]:
    """The bands that are in view; an annotation without a time has none."""
    found = []
    for annotation in annotations:
        if annotation.start_ms is None:
            continue
        left = scale.x(annotation.start_ms)
        right = left + MOMENT_PIXELS if annotation.end_ms is None else max(scale.x(annotation.end_ms), left + 2)
        if right > 0 and left < width:
            found.append(Band(left, right, annotation))
    return found


@dataclass(frozen=True)
class Scene:
    """All that the pictures are made of, in one place."""

    peaks: Peaks | None
    turns: Sequence[Turn]
    annotations: Sequence[Annotation]
    scale: TimeScale
    duration_ms: int
    tokens: Tokens
    lanes: Lanes
    gaps: Sequence[Gap] = ()
    colours: TagColours = NO_COLOURS
    detailed: bool = False
    """With a ruler and bars of turns: the zoomed view; without: the overview."""

    def paint(self, size: QSize, pixel_ratio: float, speakers: Speakers | None) -> tuple[QPixmap, QPixmap]:
        """The picture as played and as ahead, ``size`` in logical pixels.

        ``speakers`` is what `waveform_speakers.speakers_of` made of the turns; without a length nothing is drawn.
        """
        width, height = size.width(), size.height()
        if not self.duration_ms or speakers is None or size.isEmpty():
            empty = QPixmap(size * pixel_ratio)
            empty.setDevicePixelRatio(pixel_ratio)
            empty.fill(QColor(self.tokens.surface))
            self._paint_edges(empty, width, height)
            return empty, empty
        from qa_player.ui.widgets import waveform_picture

        bars = self.lanes.bar_height if self.detailed else 0
        frame = waveform_picture.Frame(
            width=round(width * pixel_ratio),
            height=round(height * pixel_ratio),
            top=round((RULER_HEIGHT if self.detailed else 3) * pixel_ratio),
            bottom=round((self.lanes.top(height) - 4 if self.detailed else height - 5) * pixel_ratio),
            bar_height=round(bars * pixel_ratio),
            bar_gap=round(BAR_GAP * pixel_ratio),
            lanes=self.lanes.count,
            pixel_ratio=pixel_ratio,
        )
        bands = (
            (band.left, band.right, self.colours.of(band.annotation))
            for band in bands_of(self.annotations, self.scale, width)
        )
        picture = waveform_picture.draw(
            self.peaks, speakers, bands, scale=self.scale, frame=frame, duration_ms=self.duration_ms
        )
        numbered = speakers.wide(self.scale, width, least=_NUMBER_PIXELS) if self.detailed else ()
        played, ahead = (picture.pixmap(self.tokens, ahead=ahead) for ahead in (False, True))
        for pixmap in (played, ahead):
            pixmap.setDevicePixelRatio(pixel_ratio)
        if self.detailed:
            self._paint_words(played, width, height, numbered)
            self._copy_words(played, ahead, height)
        for pixmap in (played, ahead):
            self._paint_edges(pixmap, width, height)
        return played, ahead

    def _paint_words(self, picture: QPixmap, width: int, height: int, numbered: Sequence[int]) -> None:
        """The ruler above the wave and the turns' numbers below it."""
        painter = QPainter(picture)
        paint_ruler(painter, self.scale, width, self.tokens)
        painter.setFont(number_font(painter.font()))
        painter.setPen(QColor(self.tokens.muted))
        words = WordPainter(painter)
        for place in numbered:
            turn, lane = self.turns[place], self.lanes.of_turn[place]
            bar = bar_of(turn, lane, self.lanes, scale=self.scale, width=width, height=height)
            if bar is not None:
                words.draw(bar.adjusted(4, 0, 0, 0), str(turn.index))
        painter.end()

    def _copy_words(self, played: QPixmap, ahead: QPixmap, height: int) -> None:
        """Above and below the wave both pictures are the same, and letters are dear."""
        ratio = played.devicePixelRatio()
        lanes = math.floor(self.lanes.top(height) * ratio)
        painter = QPainter(ahead)
        for first, end in ((0, round(RULER_HEIGHT * ratio)), (lanes, played.height())):
            source = QRectF(0, first, played.width(), end - first)
            target = QRectF(0, first / ratio, played.width() / ratio, (end - first) / ratio)
            painter.drawPixmap(target, played, source)
        painter.end()

    def _paint_edges(self, picture: QPixmap, width: int, height: int) -> None:
        """What lies over the wave: gaps between parts, and the rounded frame."""
        painter = QPainter(picture)
        top = RULER_HEIGHT if self.detailed else 0
        sound = QRectF(0, top, width, (self.lanes.top(height) - BAR_GAP if self.detailed else height) - top)
        paint_gaps(painter, self.gaps, self.scale, area=sound, tokens=self.tokens, detailed=self.detailed)
        _paint_frame(painter, width, height, self.tokens)
        painter.end()


def _paint_frame(painter: QPainter, width: int, height: int, tokens: Tokens) -> None:
    """A border with round corners; of its length only the corners need smoothing, which costs by the pixel."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    outside = QPainterPath()
    outside.addRect(QRectF(0, 0, width, height))
    outside.addRoundedRect(QRectF(0, 0, width, height), CORNER, CORNER)
    painter.fillPath(outside, QColor(tokens.window))
    border = QColor(tokens.border)
    painter.setPen(border)
    across, down, round_ = width - 2 * CORNER, height - 2 * CORNER, 2 * CORNER
    for left, first in ((True, 90), (False, 0)):
        x = 0.5 if left else width - 0.5 - round_
        painter.drawArc(QRectF(x, 0.5, round_, round_), first * 16, 90 * 16)
        painter.drawArc(QRectF(x, height - 0.5 - round_, round_, round_), (180 if left else 270) * 16, 90 * 16)
        painter.fillRect(QRectF(0 if left else width - 1, CORNER, 1, down), border)
    for y in (0, height - 1):
        painter.fillRect(QRectF(CORNER, y, across, 1), border)


def paint_active_bar(painter: QPainter, turn: Turn, bar: QRectF, tokens: Tokens) -> None:
    """The bar of a turn that speaks now, over its quiet one."""
    colour = mix(tokens.role(turn.role), tokens.surface, 0.9)
    painter.fillRect(bar, colour)
    if bar.width() >= _NUMBER_PIXELS:
        painter.setFont(number_font(painter.font()))
        painter.setPen(QColor("#ffffff" if colour.lightnessF() < 0.5 else "#14181f"))
        painter.drawText(bar.adjusted(4, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, str(turn.index))


def number_font(font: QFont) -> QFont:
    """Small figures for bars."""
    small = figures(font)
    small.setPixelSize(9)
    return small
