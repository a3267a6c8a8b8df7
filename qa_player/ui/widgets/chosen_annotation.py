"""The annotation that is worked at on the wave: its ends are seen, taken hold of, dragged and nudged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from qa_player.model.annotation import Annotation, AnnotationKind
from qa_player.ui.theme import Tokens
from qa_player.ui.widgets.span_selection import EDGE_PIXELS
from qa_player.ui.widgets.time_ruler import TimeScale

Edge = Literal["start", "end"]


@dataclass(frozen=True)
class Place:
    """Milliseconds from audio zero; a moment has no end."""

    start_ms: int
    end_ms: int | None


class ChosenAnnotation:
    """``place`` is where its ends are now; null while none is chosen, or one whose ends are those of its turn."""

    def __init__(self) -> None:
        self.annotation_id = ""
        self.place: Place | None = None
        self.grabbed = False
        self._edge: Edge = "end"
        self._kept: Place | None = None

    def show(self, annotation: Annotation | None) -> None:
        """Work at ``annotation`` from now on."""
        found = None if annotation is None else _place(annotation)
        annotation_id = "" if annotation is None else annotation.annotation_id
        if annotation_id != self.annotation_id:
            self._edge = "end"
        self.annotation_id = annotation_id
        self.place = self._kept = found
        self.grabbed = False

    def other_edge(self) -> None:
        """Let the keys move the other end."""
        self._edge = "end" if self._edge == "start" else "start"

    def edge_at(self, x: float, scale: TimeScale) -> Edge | None:
        """Which end lies under pixel ``x``."""
        if self.place is None:
            return None
        if self.place.end_ms is not None and abs(scale.x(self.place.end_ms) - x) <= EDGE_PIXELS:
            return "end"
        return "start" if abs(scale.x(self.place.start_ms) - x) <= EDGE_PIXELS else None

    def grab(self, x: float, scale: TimeScale) -> bool:
        """Take hold of the end at pixel ``x``, if there is one."""
        edge = self.edge_at(x, scale)
        self.grabbed = edge is not None
        self._edge = edge or self._edge
        return self.grabbed

    def drag(self, to_ms: int, *, duration_ms: int) -> None:
        """The end that is held is now here; it stops before it meets the other."""
        if self.place is not None:
            self.place = self._moved(self.place, to_ms, duration_ms)

    def nudge(self, by_ms: int, *, duration_ms: int) -> None:
        """Move the end that was moved last."""
        if self.place is not None:
            moving = self.place.start_ms if self._moves_start else self.place.end_ms or 0
            self.place = self._moved(self.place, moving + by_ms, duration_ms)

    def changed(self) -> bool:
        """Whether it lies elsewhere than where it was shown."""
        return self.place != self._kept

    def lay_elsewhere(self, annotation: Annotation) -> bool:
        """Whether ``annotation`` lies elsewhere than where it was shown; what a person does to it meanwhile counts
        not."""
        return _place(annotation) != self._kept

    @property
    def _moves_start(self) -> bool:
        return self._edge == "start" or self.place is None or self.place.end_ms is None

    def _moved(self, place: Place, to_ms: int, duration_ms: int) -> Place:
        to_ms = min(max(to_ms, 0), duration_ms)
        if self._moves_start:
            return replace(place, start_ms=to_ms if place.end_ms is None else min(to_ms, place.end_ms - 1))
        return replace(place, end_ms=max(to_ms, place.start_ms + 1))

    def paint(self, painter: QPainter, scale: TimeScale, height: int, tokens: Tokens) -> None:
        """A line at each end, the one that keys move the stronger, joined at top and bottom."""
        if self.place is None:
            return
        colour = QColor(tokens.text)
        left = scale.x(self.place.start_ms)
        right = left if self.place.end_ms is None else scale.x(self.place.end_ms)
        for x, strong in ((left, self._moves_start), (right, not self._moves_start)):
            painter.fillRect(QRectF(x - (1.5 if strong else 0.5), 1, 3 if strong else 1, height - 2), colour)
        for y in (1, height - 2):
            painter.fillRect(QRectF(left, y, right - left, 1), colour)


def _place(annotation: Annotation) -> Place | None:
    if annotation.start_ms is None or annotation.kind in (AnnotationKind.TURN, AnnotationKind.CORRECTION):
        return None
    return Place(annotation.start_ms, annotation.end_ms)
