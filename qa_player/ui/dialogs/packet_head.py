"""The calibration packet that two pages work on: opened from a file, told in a line."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from qa_player.model.calibration import Packet
from qa_player.ui.dialogs.choosing import ask_what_to_read
from qa_player.ui.widgets.text import Label, isolated, one_line
from qa_player.ui.widgets.times import counted, long_time


class PacketHead(QWidget):
    """``file_chosen(path)``."""

    file_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.open = QPushButton("Open a packet…")
        self.open.setAutoDefault(False)
        self.told = Label(wrap=True, kind="muted")
        self.told.setAccessibleName("Calibration packet")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(12)
        line.addWidget(self.open)
        line.addWidget(self.told, 1)
        self.open.clicked.connect(lambda: ask_what_to_read(self, "Which packet", self.file_chosen.emit))
        self.show_packet(None)

    def show_packet(self, packet: Packet | None) -> None:
        """Say what it asks, of whom it is, and when it was made."""
        words = "No packet is open."
        if packet is not None:
            form = f"{isolated(one_line(packet.form.title))}, version {packet.form.version}"
            by = isolated(one_line(packet.made_by))
            words = f"{form}: {counted(len(packet.sessions), 'session')}, made by {by} on {long_time(packet.made_at)}."
        self.told.show_text(words)
        self.told.setAccessibleDescription(one_line(words))
