"""Comparing sealed answers: how far everybody agrees on each question, and where not, the largest difference first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from qa_player.errors import QaPlayerError
from qa_player.model.calibration import Packet
from qa_player.model.comparison import Comparison
from qa_player.services.calibration import Calibration
from qa_player.ui.dialogs.choosing import ask_where_to_write, ask_which_to_read
from qa_player.ui.dialogs.packet_head import PacketHead
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.agreement_table import AgreementTable, difference_words
from qa_player.ui.widgets.plain_list import PlainList
from qa_player.ui.widgets.text import Label, isolated, one_line
from qa_player.ui.widgets.times import counted
from qa_player.ui.widgets.trouble import TroubleLine

_COMPARE, _SAVE = "calibration-compare", "save-calibration"


class ComparingPage(QWidget):
    """``session_wanted(connection, session id, moment in ms or null)``."""

    session_wanted = Signal(str, str, object)

    def __init__(self, calibration: Calibration, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._calibration, self._tasks = calibration, tasks
        self._packet: Packet | None = None
        self._told: Comparison | None = None
        self.head = PacketHead()
        self.answers = QPushButton("Open everybody's answers…")
        self.told = Label(kind="muted", wrap=True)
        self.table = AgreementTable()
        self.differences = PlainList("Where they differ, the largest difference first; Enter opens the session")
        self.trouble = TroubleLine()
        self.copy = QPushButton("Copy the table")
        self.write = QPushButton("Write to a file…")
        self.open = QPushButton("Open the session")
        for button in (self.answers, self.copy, self.write, self.open):
            button.setAutoDefault(False)
        self._lay_out()
        self.answers.clicked.connect(lambda: ask_which_to_read(self, "Which answers", self.compare))
        self.differences.chosen_row.connect(self._open)
        self.open.clicked.connect(lambda: self._open(self.differences.currentRow()))
        self.copy.clicked.connect(self._copy)
        self.write.clicked.connect(self._ask)
        self._enable()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.head, 1)
        head.addWidget(self.answers)
        both = QSplitter(Qt.Orientation.Vertical)
        both.setChildrenCollapsible(False)
        both.addWidget(self.table)
        both.addWidget(self.differences)
        both.setSizes([260, 180])
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.copy)
        foot.addWidget(self.write)
        foot.addStretch(1)
        foot.addWidget(self.open)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 14, 2, 0)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.told)
        column.addWidget(both, 1)
        column.addWidget(self.trouble)
        column.addLayout(foot)

    def show_packet(self, packet: Packet) -> None:
        """Compare answers to this packet; those to another one are taken away."""
        if self._told is not None and self._told.packet != packet:
            self._told = None
            self.table.show_comparison(None)
            self.differences.clear()
        self._packet = packet
        self.head.show_packet(packet)
        if self._told is None:
            mine = self._calibration.made_here(packet)
            self.told.show_text(
                "Open the sealed answers of two people or more."
                if mine
                else "This packet was made by somebody else, who alone can open the answers."
            )
        self._enable()

    def compare(self, paths: Sequence[Path]) -> None:
        """Open these files and lay them side by side."""
        if self._packet is not None:
            self._tasks.start(_COMPARE, self._compare(self._packet, paths), trouble=self._refused)

    async def _compare(self, packet: Packet, paths: Sequence[Path]) -> None:
        told = await self._calibration.compare_files(packet, paths)
        if packet is self._packet:
            self.show_comparison(told)

    def show_comparison(self, told: Comparison) -> None:
        """Figures and differences."""
        self._told = told
        self.trouble.tell("")
        names = ", ".join(isolated(one_line(name)) for name in told.reviewers)
        differ = counted(len(told.differences), "difference")
        self.told.show_text(f"Judged by {names}: {differ}. κ is Cohen's, α Krippendorff's; a dash cannot tell.")
        self.table.show_comparison(told)
        self.differences.clear()
        for one in told.largest_first:
            self.differences.add_line(difference_words(one))
        if told.differences:
            self.differences.setCurrentRow(0)
        self._enable()

    def _enable(self) -> None:
        self.answers.setEnabled(self._packet is not None and self._calibration.made_here(self._packet))
        for part in (self.copy, self.write, self.table):
            part.setEnabled(self._told is not None)
        self.open.setEnabled(self.differences.count() > 0)

    def _open(self, row: int) -> None:
        if self._told is not None and 0 <= row < len(self._told.differences):
            one = self._told.largest_first[row]
            starts = [span.start_ms for answer in one.said.values() for span in answer.spans]
            self.session_wanted.emit(*one.session.place, min(starts, default=None))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.table.as_text())
        self.trouble.tell("The table is in the clipboard, its columns apart by tabs.", tone="good")

    def _ask(self) -> None:
        kinds = ("Table (*.csv)", "Everything (*.json)")
        ask_where_to_write(self, "Where to write the agreement", "agreement.csv", self.export_to, kinds=kinds)

    def export_to(self, path: Path) -> None:
        """Write what was compared."""
        if self._told is not None:
            self._tasks.then(_SAVE, self._export(self._told, path), trouble=self._refused)

    async def _export(self, told: Comparison, path: Path) -> None:
        file = await self._calibration.export(told, path)
        self.trouble.tell(f"{file.path.name} is written, {file.bytes:,} bytes.", tone="good")

    def _refused(self, error: QaPlayerError) -> None:
        self.trouble.tell(f"{error.message} {error.next_step}")
