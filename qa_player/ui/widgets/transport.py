"""The row of buttons that plays, jumps and says where one is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Signal, SignalInstance
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from qa_player.model.playback import SPEEDS, Channels, Listening
from qa_player.ui.theme import figures, tokens_for
from qa_player.ui.widgets.choice import Choice
from qa_player.ui.widgets.flow_layout import FlowLayout, together
from qa_player.ui.widgets.icons import icon
from qa_player.ui.widgets.sound_box import SoundButton
from qa_player.ui.widgets.switch import Switch
from qa_player.ui.widgets.text import ValueLabel, one_line
from qa_player.ui.widgets.times import clock

_CHANNELS = (Channels.BOTH, Channels.LEFT, Channels.RIGHT)
_CHANNEL_WORDS = ("L R", "L only", "R only")
_LOOP_TIP = "The selection or the turn, over and over (Shift+L)"


class Transport(QWidget):
    """``wanted(command)``: ``toggle``, ``previous_turn``, ``next_turn``, ``back``, ``forward``; the switches
    ``loop_wanted`` and ``silence_wanted``; ``listening_wanted(Listening)``; after every press
    ``pressed`` asks for the focus to go back to where one reads."""

    wanted = Signal(str)
    speed_wanted = Signal(float)
    channels_wanted = Signal(object)
    listening_wanted = Signal(object)
    loop_wanted = Signal()
    silence_wanted = Signal()
    pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.previous = self._button("Previous turn", "previous_turn", "Previous turn (Ctrl+Up)")
        self.back = self._button("Back 5 seconds", "back", "Back 5 seconds (Left)", words="−5 s")
        self.play = self._button("Play", "toggle", "Play or pause (Space)", words="Play")
        self.play.setProperty("kind", "primary")
        self.play.setMinimumWidth(80)
        self.forward = self._button("Forward 5 seconds", "forward", "Forward 5 seconds (Right)", words="+5 s")
        self.next = self._button("Next turn", "next_turn", "Next turn (Ctrl+Down)")
        self.position = ValueLabel("Position")
        self.speed = Choice("Speed")
        for speed in SPEEDS:
            self.speed.addItem(speed_words(speed), speed)
        self.channels = Choice("Channels")
        for choice in (self.speed, self.channels):
            choice.setProperty("kind", "button")
        for value, words in zip(_CHANNELS, _CHANNEL_WORDS, strict=True):
            self.channels.addItem(words, value)
        self.sound = SoundButton()
        self.silence = self._switch("Skip silence", "Shorten pauses, never a word (S)", self.silence_wanted)
        self.loop = self._switch("Loop", _LOOP_TIP, self.loop_wanted)
        self._lay_out()
        self.speed.activated.connect(lambda _: self._chosen(self.speed_wanted, self.speed.currentData()))
        self.channels.activated.connect(lambda _: self._chosen(self.channels_wanted, self.channels.currentData()))
        self.sound.box.wanted.connect(self.listening_wanted)
        self.sound.box.closed.connect(self.pressed)
        self._playing = False
        self._duration_ms: int | None = None
        self._dress()
        self.show_speed(1.0)
        self.show_position(0, None)

    def _lay_out(self) -> None:
        """In one line, or where that is too narrow in two: nothing is ever cut."""
        self.position.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.position.setContentsMargins(0, 0, 6, 0)
        line = FlowLayout(self)
        line.addWidget(together(self.previous, self.back, self.play, self.forward, self.next))
        line.addWidget(together(self.position, left=6))
        line.addWidget(together(self.speed, self.channels))
        line.addWidget(together(self.silence, self.loop, self.sound))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_playing(self, playing: bool) -> None:
        """The button says what it will do."""
        if playing != self._playing:
            self._playing = playing
            self.play.setText("Pause" if playing else "Play")
            self.play.setAccessibleName("Pause" if playing else "Play")
            self._dress()

    def show_position(self, position_ms: float, duration_ms: int | None) -> None:
        """``m:ss.cc / m:ss.cc``; an unknown end is shown as dashes."""
        total = "–:––.––" if duration_ms is None else clock(duration_ms)
        self.position.show_value(f"{clock(position_ms)} / {total}")

    def show_speed(self, speed: float) -> None:
        """Put the control on the step that is played at."""
        at = self.speed.findData(speed)
        if at >= 0:
            self.speed.setCurrentIndex(at)

    def show_listening(self, listening: Listening, *, apart: bool, saved_ms: int) -> None:
        """How it is heard, and what of a listener's time that saved."""
        self.channels.setCurrentIndex(_CHANNELS.index(listening.channels))
        self.sound.show_listening(listening, apart=apart)
        loop = listening.loop
        self.loop.show_on(loop is not None)
        looped = "" if loop is None else f"{clock(loop.start_ms)} – {clock(loop.end_ms)}"
        self.loop.setAccessibleDescription(looped)
        self.loop.setToolTip(f"Looping {looped}; press to go on (Shift+L)" if looped else _LOOP_TIP)
        self.silence.show_on(listening.skips_silence)
        saved = f"{saved_ms / 1_000:.1f} s saved" if listening.skips_silence else ""
        self.silence.setText(saved or "Skip silence")
        self.silence.setAccessibleDescription(saved)
        self.silence.setMinimumWidth(max(self.silence.minimumWidth(), self.silence.sizeHint().width()))

    def name_sides(self, names: Sequence[str] | None) -> None:
        """What the parties on the left and on the right channel are called; null while nobody knows."""
        left, right = ("Left", "Right") if names is None else names
        self.sound.box.name_sides((left, right))
        words = _CHANNEL_WORDS if names is None else ("Both", f"{left} only", f"{right} only")
        for at, text in enumerate(words):
            self.channels.setItemText(at, one_line(text))

    def enable(self, ready: bool) -> None:
        """Without a recording there is nothing to play; turns can still be read."""
        buttons = (self.previous, self.back, self.play, self.forward, self.next)
        for widget in (*buttons, self.speed, self.channels, self.silence, self.loop, self.sound):
            widget.setEnabled(ready)

    def _button(self, name: str, command: str, tip: str, *, words: str = "") -> QPushButton:
        button = QPushButton(words, self)
        button.setAccessibleName(name)
        button.setToolTip(tip)
        button.clicked.connect(lambda: self._chosen(self.wanted, command))
        return button

    def _switch(self, words: str, tip: str, wanted: SignalInstance) -> Switch:
        """Shows what holds, which is told to it, not what was pressed."""
        button = Switch(words, self)
        button.setAccessibleName(words)
        button.setToolTip(tip)
        button.switched.connect(lambda on: button.show_on(not on))
        button.switched.connect(lambda _on: self._asked(wanted))
        return button

    def _asked(self, wanted: SignalInstance) -> None:
        wanted.emit()
        self.pressed.emit()

    def _chosen(self, signal: object, value: object) -> None:
        signal.emit(value)  # type: ignore[attr-defined]
        self.pressed.emit()

    def _dress(self) -> None:
        tokens = tokens_for(self.palette())
        size = QSize(14, 14)
        for button, name in ((self.previous, "previous"), (self.next, "next"), (self.sound, "sound")):
            button.setIcon(icon(name, tokens.text, faded=tokens.border_strong, size=14))
            button.setIconSize(size)
        self.play.setIcon(icon("pause" if self._playing else "play", tokens.on_accent, faded=tokens.muted, size=14))
        self.play.setIconSize(size)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and hasattr(self, "position"):
            if hasattr(self, "_playing"):
                self._dress()
            self._size_position()
        super().changeEvent(event)

    def _size_position(self) -> None:
        font = figures(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        if font.pointSizeF() > 0:
            font.setPointSizeF(self.font().pointSizeF() * 1.12)
        self.position.setFont(font)


def speed_words(speed: float) -> str:
    """``1×``, ``1.25×``."""
    return f"{speed:g}×"
