"""Judging a calibration packet: its form taken in, its sessions put into the queue, the answers sealed to a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from qa_player.errors import QaPlayerError
from qa_player.model.calibration import Packet
from qa_player.services.calibration import Calibration, Standing
from qa_player.services.forms import Forms
from qa_player.services.queue import Queue
from qa_player.ui.dialogs.choosing import ask_where_to_write
from qa_player.ui.dialogs.packet_head import PacketHead
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.plain_list import PlainList
from qa_player.ui.widgets.text import Label, isolated, one_line
from qa_player.ui.widgets.times import clock, counted
from qa_player.ui.widgets.trouble import TroubleLine

_STANDING, _SAVE = "calibration-standing", "save-calibration"


class JudgingPage(QWidget):
    """``session_wanted(connection, session id)``; ``taken(Form)`` once the packet's form can be answered here."""

    session_wanted = Signal(str, str)
    taken = Signal(object)

    def __init__(
        self, calibration: Calibration, forms: Forms, queue: Queue, tasks: Tasks, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._calibration, self._forms, self._queue, self._tasks = calibration, forms, queue, tasks
        self._packet: Packet | None = None
        self._standing: tuple[Standing, ...] = ()
        self.head = PacketHead()
        self.sessions = PlainList("Sessions of the packet; Enter opens one")
        self.told = Label(kind="muted", wrap=True)
        self.trouble = TroubleLine()
        self.take = QPushButton("Take it in")
        self.take.setToolTip("Its form can be answered then, and its sessions are in the queue")
        self.open = QPushButton("Open the session")
        self.seal = QPushButton("Seal my answers…")
        self.seal.setProperty("kind", "primary")
        for button in (self.take, self.open, self.seal):
            button.setAutoDefault(False)
        self._lay_out()
        self.sessions.chosen_row.connect(self._open)
        self.sessions.currentRowChanged.connect(lambda _: self._enable())
        self.open.clicked.connect(lambda: self._open(self.sessions.currentRow()))
        self.take.clicked.connect(self.take_in)
        self.seal.clicked.connect(self._ask)
        self._enable()

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.take)
        foot.addWidget(self.open)
        foot.addStretch(1)
        foot.addWidget(self.seal)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 14, 2, 0)
        column.setSpacing(10)
        column.addWidget(self.head)
        column.addWidget(self.sessions, 1)
        column.addWidget(self.told)
        column.addWidget(self.trouble)
        column.addLayout(foot)

    def show_packet(self, packet: Packet) -> None:
        """Work on this packet."""
        self._packet = packet
        self.head.show_packet(packet)
        self.look()

    def look(self) -> None:
        """How far one is with it may have changed."""
        if self._packet is not None:
            self._tasks.start(_STANDING, self._look(self._packet), trouble=self._refused)

    async def _look(self, packet: Packet) -> None:
        standing = await self._calibration.standing(packet)
        if packet is self._packet:
            self._show(standing)

    def _show(self, standing: tuple[Standing, ...]) -> None:
        row = max(self.sessions.currentRow(), 0)
        self._standing = standing
        self.sessions.clear()
        for one in standing:
            self.sessions.add_line(standing_words(one))
        self.sessions.setCurrentRow(min(row, len(standing) - 1))
        judged, gone = sum(one.judged for one in standing), sum(one.place is None for one in standing)
        words = f"{judged} of {counted(len(standing), 'session')} judged with this form."
        if gone:
            words += f" {counted(gone, 'session')} not known here: list or open them first, or connect their provider."
        self.told.show_text(words)
        self._enable()

    def _enable(self) -> None:
        row = self.sessions.currentRow()
        here = 0 <= row < len(self._standing) and self._standing[row].place is not None
        self.open.setEnabled(here)
        self.take.setEnabled(self._packet is not None)
        self.seal.setEnabled(self._packet is not None)

    def _open(self, row: int) -> None:
        if self._packet is None or not 0 <= row < len(self._standing):
            return
        place = self._standing[row].place
        if place is None:
            self.trouble.tell("This session is not known here. List or open it first, or connect its provider.")
        else:
            self.session_wanted.emit(*place)

    def take_in(self) -> None:
        """Take the form in and put the sessions into the queue."""
        if self._packet is not None:
            self._tasks.then(_SAVE, self._take(self._packet), trouble=self._refused)

    async def _take(self, packet: Packet) -> None:
        taken = await self._calibration.take(packet, self._forms, self._queue)
        self.taken.emit(taken.form)
        words = (
            f"The form can be answered now; {taken.queued} of {counted(taken.sessions, 'session')} are in the queue."
        )
        if taken.missing:
            names = ", ".join(isolated(one_line(one.title or one.session_id)) for one in taken.missing[:5])
            more = f" and {len(taken.missing) - 5} more" if len(taken.missing) > 5 else ""
            words += f" Not known here: {names}{more}."
        self.trouble.tell(words, tone="muted" if taken.missing else "good")
        self.look()

    def _ask(self) -> None:
        ask_where_to_write(self, "Where to write the sealed answers", "answers.sealed", self.seal_to)

    def seal_to(self, path: Path) -> None:
        """Seal what was submitted on the packet's sessions."""
        if self._packet is not None:
            self._tasks.then(_SAVE, self._seal(self._packet, path), trouble=self._refused)

    async def _seal(self, packet: Packet, path: Path) -> None:
        answers = await self._calibration.from_store(packet)
        file = await self._calibration.answer(packet, answers, path=path)
        by = isolated(one_line(packet.made_by))
        self.trouble.tell(f"{file.path.name} is written: send it to {by}, who alone can open it.", tone="good")

    def _refused(self, error: QaPlayerError) -> None:
        self.trouble.tell(f"{error.message} {error.next_step}")


def standing_words(one: Standing) -> str:
    """How far one is with a session, and which it is."""
    state = "Judged" if one.judged else "To judge" if one.place is not None else "Not known here"
    session = one.session
    where = session.connection if one.place is None else one.place[0]
    parts = [state, one_line(session.title or session.session_id), one_line(where)]
    if session.duration_ms is not None:
        parts.append(clock(session.duration_ms, parts=1))
    return " · ".join(map(isolated, parts))
