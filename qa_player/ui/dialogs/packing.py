"""Making a calibration packet: which sessions, on which form; the file goes to everybody who is to judge them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from qa_player.errors import QaPlayerError
from qa_player.model.calibration import MOST_SESSIONS
from qa_player.model.form import Form
from qa_player.model.session import Session
from qa_player.services.calibration import Calibration
from qa_player.services.forms import Forms
from qa_player.ui.dialogs.choosing import ask_where_to_write
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.plain_list import PlainList
from qa_player.ui.widgets.text import Label, isolated, one_line
from qa_player.ui.widgets.times import clock, counted, short_day
from qa_player.ui.widgets.trouble import TroubleLine

_GATHER, _PACK = "calibration-gather", "calibration-pack"


class Source(StrEnum):
    """Where the sessions of a packet come from."""

    LIST = "list"
    QUEUE = "queue"
    OPEN = "open"


_WORDS = {
    Source.LIST: "What the list of sessions shows",
    Source.QUEUE: "What is to be done in the queue",
    Source.OPEN: "The open session",
}


class Gathered(NamedTuple):
    """Sessions that can be packed, at most `MOST_SESSIONS`, and how many there are in all."""

    sessions: tuple[Session, ...]
    total: int


class PackingPage(QWidget):
    """``gather`` brings the sessions of a source."""

    def __init__(
        self,
        calibration: Calibration,
        forms: Forms,
        tasks: Tasks,
        gather: Callable[[Source], Awaitable[Gathered]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._calibration, self._tasks, self._gather = calibration, tasks, gather
        self._kept_forms = forms
        self._gathered = Gathered((), 0)
        self._forms: tuple[Form, ...] = ()
        self.source = QComboBox()
        self.source.setAccessibleName("Which sessions")
        for source, words in _WORDS.items():
            self.source.addItem(words, source)
        self.form = QComboBox()
        self.form.setAccessibleName("Form to judge by")
        self.sessions = PlainList("Sessions of the packet; Space leaves one out")
        self.told = Label(kind="muted", wrap=True)
        self.trouble = TroubleLine()
        self.all = QPushButton("Tick all")
        self.none = QPushButton("Tick none")
        self.stop = QPushButton("Stop")
        self.write = QPushButton("Write the packet…")
        self.write.setProperty("kind", "primary")
        for button in (self.all, self.none, self.stop, self.write):
            button.setAutoDefault(False)
        self.stop.hide()
        self._lay_out()
        self.source.activated.connect(lambda _: self.gather())
        self.sessions.itemChanged.connect(lambda _: self._count())
        self.all.clicked.connect(lambda: self._tick(True))
        self.none.clicked.connect(lambda: self._tick(False))
        self.stop.clicked.connect(self._stop)
        self.write.clicked.connect(self._ask)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.source, 1)
        line.addWidget(self.form, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        for part in (self.all, self.none):
            foot.addWidget(part)
        foot.addStretch(1)
        foot.addWidget(self.stop)
        foot.addWidget(self.write)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 14, 2, 0)
        column.setSpacing(10)
        column.addWidget(
            Label("Everybody judges these sessions alone. Nobody's scores, annotations or notes go out.", kind="muted")
        )
        column.addLayout(line)
        column.addWidget(self.sessions, 1)
        column.addWidget(self.told)
        column.addWidget(self.trouble)
        column.addLayout(foot)

    def look(self) -> None:
        """Forms and sessions may be others than before."""
        self._tasks.start("calibration-forms", self._read_forms(self._kept_forms), trouble=self._refused)
        self.gather()

    async def _read_forms(self, forms: Forms) -> None:
        at = max(self.form.currentIndex(), 0)
        self._forms = await forms.all()
        self.form.clear()
        for one in self._forms:
            self.form.addItem(f"{isolated(one_line(one.title))}, version {one.version}")
        self.form.setCurrentIndex(min(at, len(self._forms) - 1))
        self._count()

    def gather(self) -> None:
        """Bring the sessions of the chosen source, all of them ticked."""
        source = Source(self.source.currentData())  # Qt keeps the word and forgets whose it is
        self._tasks.start(_GATHER, self._gathered_from(source), trouble=self._refused)

    async def _gathered_from(self, source: Source) -> None:
        self._gathered = await self._gather(source)
        self.sessions.clear()
        for one in self._gathered.sessions:
            self.sessions.add_line(session_words(one), checked=True)
        if self._gathered.sessions:
            self.sessions.setCurrentRow(0)
        self._count()

    def _tick(self, ticked: bool) -> None:
        for row in range(self.sessions.count()):
            self.sessions.tick(row, ticked)

    def _count(self) -> None:
        number, total = len(self.sessions.ticked()), self._gathered.total
        words = f"{counted(number, 'session')} of {total:,} in the packet." if total else "There is no session here."
        if total > MOST_SESSIONS:
            words += f" A packet holds at most {MOST_SESSIONS}: these are the first; narrow the list for others."
        self.told.show_text(words)
        self.write.setEnabled(bool(number) and bool(self._forms) and self.stop.isHidden())

    def _ask(self) -> None:
        ask_where_to_write(self, "Where to write the packet", "packet.json", self.write_to)

    def write_to(self, path: Path) -> None:
        """Write the packet of what is ticked."""
        chosen = [self._gathered.sessions[row] for row in self.sessions.ticked()]
        self._busy(True)
        work = self._write(chosen, self._forms[self.form.currentIndex()], path)
        self._tasks.start(_PACK, work, trouble=self._refused)

    async def _write(self, chosen: list[Session], form: Form, path: Path) -> None:
        at = -1

        def reached(number: int) -> None:
            nonlocal at
            at = number
            self.trouble.tell(f"Reading {number + 1} of {len(chosen)}: {chosen[number].title}", tone="muted")

        places = [(one.connection, one.session_id) for one in chosen]
        try:
            file = await self._calibration.pack(places, form, path=path, reached=reached)
        except QaPlayerError as error:
            which = f"{one_line(chosen[at].title or chosen[at].session_id)}: " if 0 <= at < len(chosen) else ""
            self._busy(False)
            self.trouble.tell(f"{which}{error.message} {error.next_step} Nothing was written.")
            return
        self._busy(False)
        self.trouble.tell(f"{file.path.name} is written: send it to everybody who is to judge.", tone="good")

    def _busy(self, busy: bool) -> None:
        self.stop.setVisible(busy)
        self._count()

    def _stop(self) -> None:
        self._tasks.cancel(_PACK)
        self._busy(False)
        self.trouble.tell("Stopped; nothing was written.", tone="muted")

    def _refused(self, error: QaPlayerError) -> None:
        self._busy(False)
        self.trouble.tell(f"{error.message} {error.next_step}")


def session_words(session: Session) -> str:
    """What tells a session from others: title, where it comes from, how long, when."""
    parts = [one_line(session.title or session.session_id), one_line(session.connection)]
    if session.duration_ms is not None:
        parts.append(clock(session.duration_ms, parts=1))
    if session.started_at is not None:
        parts.append(short_day(session.started_at))
    return " · ".join(map(isolated, parts))
