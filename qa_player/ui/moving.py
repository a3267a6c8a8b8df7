"""Moving what was marked: the annotation under the list's cursor, its ends dragged on the wave or nudged by keys."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from qa_player.services.playback import Playback
from qa_player.ui.panels.annotations import AnnotationsPanel
from qa_player.ui.panels.player import PlayerPanel

REST_MS = 400
"""Nudges that follow each other so soon are one change, and one step back."""


class Moving(QObject):
    """Joins the list of annotations and the wave."""

    def __init__(self, playback: Playback, *, player: PlayerPanel, annotations: AnnotationsPanel) -> None:
        super().__init__(player)
        self._wave, self._annotations = player.waveform, annotations
        self._waiting: tuple[str, int, int | None] | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self.keep)
        self._wave.annotation_placed.connect(self._placed)
        self._wave.annotation_picked.connect(annotations.list.select)
        annotations.list.current_changed.connect(self._choose)
        annotations.about_to_change.connect(self.keep)
        playback.closed.connect(self.keep)

    def keep(self) -> None:
        """Keep what was moved and is not kept yet."""
        self._rest.stop()
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self._annotations.place(*waiting)

    def _choose(self, annotation_id: str) -> None:
        if self._waiting is not None and self._waiting[0] != annotation_id:
            self.keep()
        self._wave.choose(annotation_id)

    def _placed(self, annotation_id: str, start_ms: int, end_ms: int | None, settled: bool) -> None:
        self._waiting = (annotation_id, start_ms, end_ms)
        if settled:
            self.keep()
        else:
            self._rest.start()
