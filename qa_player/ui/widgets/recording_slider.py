"""A time slider over a recording's picture: the sound, who speaks, what was noted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from qa_player.model.annotation import Annotation
from qa_player.model.peaks import Peaks
from qa_player.model.transcript import Role, Turn
from qa_player.ui.theme import tokens_for
from qa_player.ui.widgets.part_gaps import Gap
from qa_player.ui.widgets.tag_colours import NO_COLOURS, TagColours
from qa_player.ui.widgets.time_slider import TimeSlider
from qa_player.ui.widgets.turn_lanes import Lanes, lanes_of
from qa_player.ui.widgets.waveform_scene import Scene

if TYPE_CHECKING:
    from qa_player.ui.widgets.waveform_speakers import Speakers


class Spoken:
    """The placed turns of a session, for all pictures of it: who speaks when is worked out once, when first drawn."""

    def __init__(self, turns: Sequence[Turn] = ()) -> None:
        self.turns = tuple(turns)

    @cached_property
    def speakers(self) -> Speakers:
        # numpy is loaded with the first recording, not with the window
        from qa_player.ui.widgets.waveform_speakers import speakers_of

        return speakers_of(self.turns, self.lanes)

    @cached_property
    def lanes(self) -> Lanes:
        """Which lane each turn has."""
        return lanes_of(self.turns)


class RecordingSlider(TimeSlider):
    """``detailed`` draws a ruler and the turns as bars beside the sound."""

    def __init__(self, name: str, *, detailed: bool, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._detailed = detailed
        self._peaks: Peaks | None = None
        self._spoken = Spoken()
        self._annotations: tuple[Annotation, ...] = ()
        self._gaps: tuple[Gap, ...] = ()
        self._colours = NO_COLOURS

    def set_peaks(self, peaks: Peaks | None) -> None:
        """The picture of the sound; null while there is none."""
        self._peaks = peaks
        self.redraw()

    def sides(self) -> tuple[Role, ...] | None:
        """Whose the left and the right channel are, once the whole picture is there and where it tells."""
        if self._peaks is None or not self._peaks.complete:
            return None
        from qa_player.ui.widgets.waveform_picture import sides_of

        return sides_of(self._peaks, self._spoken.speakers)

    def set_turns(self, turns: Spoken | Sequence[Turn]) -> None:
        """Who speaks when; several pictures of one session are given the same `Spoken`."""
        self._spoken = turns if isinstance(turns, Spoken) else Spoken(turns)
        self.redraw()

    def set_annotations(self, annotations: Sequence[Annotation]) -> None:
        """What was noted; drawn as bands."""
        self._annotations = tuple(annotations)
        self.redraw()

    def set_colours(self, colours: TagColours) -> None:
        """Which colours annotations have."""
        self._colours = colours
        self.redraw()

    def set_gaps(self, gaps: Sequence[Gap]) -> None:
        """Where nothing was recorded or cannot be had, and where parts join."""
        self._gaps = tuple(gaps)
        self.redraw()

    def paint_pictures(self) -> tuple[QPixmap, QPixmap]:
        scene = Scene(
            peaks=self._peaks,
            turns=self._spoken.turns,
            annotations=self._annotations,
            gaps=self._gaps,
            colours=self._colours,
            scale=self.scale(),
            duration_ms=self.duration_ms,
            tokens=tokens_for(self.palette()),
            lanes=self._spoken.lanes,
            detailed=self._detailed,
        )
        return scene.paint(self.size(), self.devicePixelRatioF(), self._spoken.speakers if self.duration_ms else None)
