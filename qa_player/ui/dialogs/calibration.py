"""Calibration in the window: a packet is made, judged and sealed, and everybody's answers are compared."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTabWidget, QVBoxLayout, QWidget

from qa_player.errors import QaPlayerError
from qa_player.model.calibration import Packet
from qa_player.services.calibration import Calibration
from qa_player.ui.dialogs.comparing import ComparingPage
from qa_player.ui.dialogs.packet_judging import JudgingPage
from qa_player.ui.dialogs.packing import PackingPage
from qa_player.ui.tasks import Tasks

_READ = "calibration-read"


class CalibrationDialog(QDialog):
    """Both pages after the first work on ``packet``, the one that was opened last."""

    def __init__(
        self,
        calibration: Calibration,
        tasks: Tasks,
        pages: tuple[PackingPage, JudgingPage, ComparingPage],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._calibration, self._tasks = calibration, tasks
        self.packet: Packet | None = None
        self.setWindowTitle("Calibration")
        self.resize(980, 620)
        self.packing, self.judging, self.comparing = pages
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for page, words in (
            (self.packing, "Make a packet"),
            (self.judging, "Judge a packet"),
            (self.comparing, "Compare answers"),
        ):
            self.tabs.addTab(page, words)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setAutoDefault(False)
        close.setIcon(QIcon())
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 12, 20, 16)
        column.setSpacing(12)
        column.addWidget(self.tabs, 1)
        column.addWidget(buttons)
        for page in (self.judging, self.comparing):
            page.head.file_chosen.connect(self.read)

    def read(self, path: Path) -> None:
        """Open a packet."""
        self._tasks.start(_READ, self._read(path), trouble=self._refused)

    async def _read(self, path: Path) -> None:
        packet = await self._calibration.read(path)
        for page in (self.judging, self.comparing):
            page.trouble.tell("")
        self.show_packet(packet)

    def show_packet(self, packet: Packet) -> None:
        """Let both pages work on it."""
        self.packet = packet
        self.judging.show_packet(packet)
        self.comparing.show_packet(packet)

    def _refused(self, error: QaPlayerError) -> None:
        page = self.comparing if self.tabs.currentWidget() is self.comparing else self.judging
        page.trouble.tell(f"{error.message} {error.next_step}")
