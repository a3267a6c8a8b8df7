"""What a person may change: looks, tags, proxy, speed, sound device and its delay, the name they go by."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

from qa_player.errors import UsageError
from qa_player.model.playback import SPEEDS
from qa_player.model.tag_set import TagSet
from qa_player.settings import Settings
from qa_player.ui.audio_output import Device
from qa_player.ui.dialogs.form import FormDialog
from qa_player.ui.widgets.text import one_line
from qa_player.ui.widgets.transport import speed_words

_THEMES = (("Like the desktop", "system"), ("Light", "light"), ("Dark", "dark"))


class SettingsDialog(FormDialog):
    """``changed(Settings)`` when the person agrees; keeping them is not the dialog's."""

    changed = Signal(object)

    def __init__(
        self, settings: Settings, parent: QWidget, *, devices: Sequence[Device] = (), tag_sets: Sequence[TagSet] = ()
    ) -> None:
        super().__init__("Settings", "Keep", parent)
        self._settings = settings
        self.display_name = QLineEdit(settings.display_name)
        self.display_name.setMaxLength(200)
        self.theme = QComboBox()
        for words, value in _THEMES:
            self.theme.addItem(words, value)
        self.theme.setCurrentIndex([value for _, value in _THEMES].index(settings.theme))
        self.usual_speed = QComboBox()
        for speed in SPEEDS:
            self.usual_speed.addItem(speed_words(speed), speed)
        self.usual_speed.setCurrentIndex(max(0, self.usual_speed.findData(settings.speed)))
        self.tag_set = QComboBox()
        for one in tag_sets:
            self.tag_set.addItem(one_line(one.title), one.set_id)
        self.tag_set.setCurrentIndex(max(0, self.tag_set.findData(settings.tag_set)))
        self.reaction = _milliseconds(settings.reaction_ms, most=3_000, step=50)
        self.device = QComboBox()
        self._fill_devices(devices, settings.output_device)
        self.latency = _milliseconds(settings.output_latency_ms, most=1_000)
        self.slow_answer = QDoubleSpinBox()
        self.slow_answer.setDecimals(1)
        self.slow_answer.setRange(0.1, 60.0)
        self.slow_answer.setSingleStep(0.5)
        self.slow_answer.setSuffix(" s")
        self.slow_answer.setValue(settings.slow_answer_ms / 1_000)
        self.slow_answer.lineEdit().setTextMargins(8, 0, 0, 0)
        self.proxy = QLineEdit(settings.proxy)
        self._lay_out()

    def _fill_devices(self, devices: Sequence[Device], chosen: str) -> None:
        self.device.addItem("Like the system", "")
        for device in devices:
            self.device.addItem(one_line(device.name), device.device_id)
        if chosen and self.device.findData(chosen) < 0:
            self.device.addItem("The one chosen before, which is not there now", chosen)
        self.device.setCurrentIndex(self.device.findData(chosen))

    def _lay_out(self) -> None:
        self.add_field("Your name", self.display_name, hint="Stands as the author of what you mark.")
        self.add_field("Looks", self.theme)
        self.add_field("Tags", self.tag_set, hint="What the digits 1 to 9 mean.")
        self.add_field(
            "Your lag", self.reaction, hint="What you mark by holding a digit begins so much before the press."
        )
        self.add_field("Usual speed", self.usual_speed)
        self.add_field("Sound device", self.device)
        self.add_field("Sound delay", self.latency, hint="Bluetooth needs 100 to 300 ms.")
        self.add_field("Slow answer", self.slow_answer, hint="From here on an answer of the agent stands out.")
        self.add_field("Proxy", self.proxy, hint="system, off, or an address. In force after the next start.")

    def go(self) -> None:
        try:
            settings = Settings.model_validate(
                self._settings.model_dump()
                | {
                    "display_name": self.display_name.text().strip(),
                    "theme": self.theme.currentData(),
                    "tag_set": self.tag_set.currentData() or "",
                    "reaction_ms": self.reaction.value(),
                    "speed": self.usual_speed.currentData(),
                    "output_device": self.device.currentData(),
                    "output_latency_ms": self.latency.value(),
                    "slow_answer_ms": round(self.slow_answer.value() * 1_000),
                    "proxy": self.proxy.text().strip() or "system",
                }
            )
        except ValidationError:
            self.tell(UsageError("One of these values cannot be used.", "Shorten what is very long."))
            return
        self.changed.emit(settings)
        self.accept()


def _milliseconds(value: int, *, most: int, step: int = 1) -> QSpinBox:
    box = QSpinBox()
    box.setRange(0, most)
    box.setSingleStep(step)
    box.setSuffix(" ms")
    box.setValue(value)
    box.lineEdit().setTextMargins(8, 0, 0, 0)
    return box
