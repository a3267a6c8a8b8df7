"""The zoomable picture, and on it one annotation whose ends are dragged and nudged."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from qa_player.model.annotation import Annotation
from qa_player.ui.theme import tokens_for
from qa_player.ui.widgets.chosen_annotation import ChosenAnnotation
from qa_player.ui.widgets.waveform import Waveform


class EditableWaveform(Waveform):
    """An end of the chosen annotation is dragged as one of the selection is; without a selection, `nudge` moves it.

    ``annotation_picked(id)`` when one is clicked at; ``annotation_placed(id, start, end, settled)`` when an end was
    moved: ``end`` is null for a moment, ``settled`` false while more nudges may follow.
    """

    annotation_picked = Signal(str)
    annotation_placed = Signal(str, int, object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chosen = ChosenAnnotation()

    def choose(self, annotation_id: str) -> None:
        """Let this annotation's ends be moved; an unknown id chooses none."""
        if annotation_id != self.chosen.annotation_id:
            self.chosen.show(self._found(annotation_id))
            self.update()

    def set_annotations(self, annotations: Sequence[Annotation]) -> None:
        super().set_annotations(annotations)
        found = self._found(self.chosen.annotation_id)
        if found is None or self.chosen.lay_elsewhere(found):
            self.chosen.show(found)

    def nudge(self, by_ms: int) -> None:
        """The edge of the selection that was set last moves by so much; without one, that of the annotation."""
        if self.selection is not None or self.chosen.place is None:
            super().nudge(by_ms)
            return
        self.chosen.nudge(by_ms, duration_ms=self.duration_ms)
        self.update()
        self._tell_place(settled=False)

    def other_edge(self) -> None:
        """Let `nudge` move the other edge."""
        if self.selection is not None:
            self._selection.other_edge()
        else:
            self.chosen.other_edge()
        self.update()

    def paint_over(self, painter: QPainter, area: QRect) -> None:
        super().paint_over(painter, area)
        self.chosen.paint(painter, self.scale(), self.height(), tokens_for(self.palette()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        x = event.position().x()
        free = bool(plain and self.duration_ms and self._selection.other_end(x, self.scale()) is None)
        if not (free and self.chosen.grab(x, self.scale())):
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self.chosen.grabbed:
            self.chosen.drag(self._inside(x), duration_ms=self.duration_ms)
            self.update()
            return
        super().mouseMoveEvent(event)
        if self._pressed is None and self.chosen.edge_at(x, self.scale()) is not None:
            self.setCursor(Qt.CursorShape.SizeHorCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.chosen.grabbed:
            self.chosen.grabbed = False
            if self.chosen.changed():
                self._tell_place(settled=True)
            event.accept()
            return
        clicked = self._pressed is not None and not self._panning and not self._selection.dragging
        super().mouseReleaseEvent(event)
        under = self._annotation_at(event.position().x()) if clicked else None
        if under is not None:
            self.annotation_picked.emit(under.annotation_id)

    def _found(self, annotation_id: str) -> Annotation | None:
        return next((one for one in self._annotations if one.annotation_id == annotation_id), None)

    def _tell_place(self, *, settled: bool) -> None:
        place = self.chosen.place
        if place is not None:
            self.annotation_placed.emit(self.chosen.annotation_id, place.start_ms, place.end_ms, settled)
