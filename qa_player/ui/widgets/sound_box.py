"""How one wants to hear it, behind one button: silence, loudness, and a volume for each party with its own channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QPushButton, QSlider, QVBoxLayout, QWidget

from qa_player.model.playback import Listening
from qa_player.ui.widgets.text import Label, one_line

_STEP, _PAGE, _WIDTH = 5, 20, 150
SIDES = ("Left", "Right")


class SoundBox(QFrame):
    """``wanted(Listening)`` after every change by hand. It closes with Escape and with a click elsewhere."""

    wanted = Signal(object)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("kind", "popup")
        self.setWindowTitle("Sound")
        self._listening = Listening()
        self.silence = QCheckBox("Skip silence")
        self.silence.setToolTip("Pauses are shortened, never a word; the clock and the highlight stay exact (S)")
        self.loudness = QCheckBox("Even loudness")
        self.loudness.setToolTip("Soft voices louder, while listening only")
        self.volumes = tuple(self._volume(side) for side in SIDES)
        self._names = tuple(Label(side) for side in SIDES)
        self.parties = QWidget()
        grid = QGridLayout(self.parties)
        grid.setContentsMargins(0, 4, 0, 0)
        grid.setHorizontalSpacing(12)
        for row, (name, slider) in enumerate(zip(self._names, self.volumes, strict=True)):
            grid.addWidget(name, row, 0)
            grid.addWidget(slider, row, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        for widget in (self.silence, self.loudness, self.parties):
            column.addWidget(widget)
        # not clicked: assistive technology toggles without a click
        self.silence.toggled.connect(lambda on: self._want(replace(self._listening, skips_silence=on)))
        self.loudness.toggled.connect(lambda on: self._want(replace(self._listening, levelled=on)))
        self.parties.hide()

    def _volume(self, side: str) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, 100)
        slider.setSingleStep(_STEP)
        slider.setPageStep(_PAGE)
        slider.setValue(100)
        slider.setMinimumWidth(_WIDTH)
        slider.setAccessibleName(f"Volume of {side}")
        slider.valueChanged.connect(self._volumes_moved)
        return slider

    def show_listening(self, listening: Listening, *, apart: bool) -> None:
        """How it is heard now; ``apart``: the parties have a channel each."""
        self._listening = listening
        self.silence.setChecked(listening.skips_silence)
        self.loudness.setChecked(listening.levelled)
        for slider, volume in zip(self.volumes, listening.volumes, strict=True):
            slider.blockSignals(True)
            slider.setValue(round(volume * 100))
            slider.blockSignals(False)
        if self.parties.isHidden() == apart:
            self.parties.setVisible(apart)
            self.adjustSize()

    def name_sides(self, names: Sequence[str]) -> None:
        """What the party on the left and the one on the right are called."""
        for label, slider, name in zip(self._names, self.volumes, names, strict=True):
            label.show_text(name)
            slider.setAccessibleName(f"Volume of {one_line(name)}")

    def open_under(self, button: QWidget) -> None:
        """Show it below ``button``, or above where there is no room, the keys in it."""
        self.adjustSize()
        place = button.mapToGlobal(QPoint(0, button.height() + 4))
        screen = button.screen().availableGeometry()
        if place.y() + self.height() > screen.bottom():
            place = button.mapToGlobal(QPoint(0, -self.height() - 4))
        self.move(min(place.x(), screen.right() - self.width()), place.y())
        self.show()
        self.silence.setFocus(Qt.FocusReason.PopupFocusReason)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            # inside it keys are its own: arrows move a volume and not the playhead
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.closed.emit()

    def _volumes_moved(self) -> None:
        left, right = (slider.value() / 100 for slider in self.volumes)
        self._want(replace(self._listening, volumes=(left, right)))

    def _want(self, listening: Listening) -> None:
        if listening != self._listening:
            self._listening = listening
            self.wanted.emit(listening)


class SoundButton(QPushButton):
    """Opens its `box`; says by its look that something is not as recorded."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Sound")
        self.setToolTip("Sound: skip silence, even loudness, volumes")
        self.box = SoundBox(self)
        self.clicked.connect(lambda: self.box.open_under(self))

    def show_listening(self, listening: Listening, *, apart: bool) -> None:
        """How it is heard now."""
        self.box.show_listening(listening, apart=apart)
        changed = [
            *(["silence skipped"] if listening.skips_silence else []),
            *(["even loudness"] if listening.levelled else []),
            *(["volumes changed"] if apart and listening.volumes != (1.0, 1.0) else []),
        ]
        self.setAccessibleDescription(", ".join(changed))
        if self.property("on") != bool(changed):
            self.setProperty("on", bool(changed))
            self.style().unpolish(self)
            self.style().polish(self)
