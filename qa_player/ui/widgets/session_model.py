"""The list of sessions: the store's row numbers of the filter in force, and the pages of rows that were looked at."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from qa_player.model.listing import SessionRow
from qa_player.model.queue import FINISHED
from qa_player.model.recording import RecordingState
from qa_player.model.review_state import ReviewProgress, ReviewState
from qa_player.model.session import Session, SessionState
from qa_player.ui.widgets.recording_words import recording_words
from qa_player.ui.widgets.text import isolated, one_line
from qa_player.ui.widgets.times import clock, counted, day_words, long_time, short_day, short_time

PAGE = 200
PAGES_KEPT = 20
WARNED = timedelta(hours=48)
"""So long before a recording is lost its row warns."""

_STATES = {
    SessionState.IN_PROGRESS: ("In progress", "critical"),
    SessionState.EMPTY: ("Empty", "muted"),
    SessionState.FAILED: ("Failed", "major"),
    SessionState.ABORTED: ("Broken off", "muted"),
    SessionState.EXPIRED: ("Expired", "major"),
}


def pill(row: SessionRow) -> tuple[str, str]:
    """The state of a session in one word or two, and the tone it is painted in: while it goes on that it does, else
    how far its review is, as soon as somebody began it."""
    session = row.session
    begun = row.review is not None and row.review.state is not ReviewState.TO_REVIEW
    if session.state in _STATES and (not begun or session.state is SessionState.IN_PROGRESS):
        return _STATES[session.state]
    if row.review is not None and begun:
        return _review_words(row.review)
    silent = recording_words(session)
    if silent is not None:
        return silent[:2]
    if session.state is SessionState.PROCESSING:
        return "Processing", "muted"
    if row.annotations:
        return f"{row.annotations} marked", "accent"
    return "To review", "muted"


def _review_words(review: ReviewProgress) -> tuple[str, str]:
    if review.state is ReviewState.IN_REVIEW:
        return "In review", "accent"
    if review.state is ReviewState.DISPUTED:
        return "Disputed", "minor"
    if review.passed is False:
        return "Done, failed", "critical"
    return ("Done" if review.score is None else f"Done {(review.score + 50) // 100} %"), "good"


def pill_icon(row: SessionRow) -> str:
    """The icon beside the state, empty where the recording can be heard or the review was begun."""
    session = row.session
    if row.review is not None and row.review.state is not ReviewState.TO_REVIEW:
        return ""
    silent = recording_words(session)
    told = session.state in (SessionState.IN_PROGRESS, SessionState.PROCESSING, SessionState.READY)
    return silent[2] if told and silent is not None else ""


def second_line(session: Session) -> str:
    """Where it comes from, with its provider where the connection's name does not tell, and how long it is."""
    named = session.provider.casefold() in session.connection.casefold()
    parts = [one_line(session.connection), *([] if named else [one_line(session.provider).capitalize()])]
    if session.duration_ms is not None:
        parts.append(clock(session.duration_ms, parts=1))
    return " · ".join(map(isolated, parts))


def deadline_words(session: Session, now: datetime | None) -> str:
    """How long the recording is still to be had. ``now`` is the provider's time; while nobody knows it, only the date
    is told: a clock of ours that is wrong must not call a recording lost."""
    deadline = session.retention_deadline
    if deadline is None or session.recording_state in (RecordingState.GONE, RecordingState.NONE):
        return ""
    if now is None:
        return f"kept until {short_day(deadline)}"
    hours = (deadline - now).total_seconds() / 3600
    if hours <= 0:
        return "may be lost"
    return f"lost in {hours:.0f} h" if deadline - now <= WARNED else f"lost in {hours // 24:.0f} d"


def due_words(row: SessionRow) -> str:
    """That somebody wants it reviewed, and until when; nothing once it is."""
    if row.review is not None and row.review.state in FINISHED:
        return ""
    if row.due_at is None:
        return "queued" if row.queued else ""
    return f"due {short_day(row.due_at)}"


def deadline_tone(session: Session, now: datetime | None) -> str:
    """Quiet while there are days, a warning from two days before on: a weekend lies between."""
    deadline = session.retention_deadline
    near = deadline is not None and now is not None and deadline - now <= WARNED
    return "major" if near else "muted"


def local_day(session: Session) -> date | None:
    """The day it is listed under."""
    return None if session.started_at is None else session.started_at.astimezone().date()


class SessionModel(QAbstractListModel):
    """``page_wanted(page)``: rows of that page were asked for and are not here; answer with `show_page`."""

    page_wanted = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.numbers: Sequence[int] = ()
        self.by_day = True
        self._pages: OrderedDict[int, list[SessionRow | None]] = OrderedDict()
        self._asked: set[int] = set()
        self._playing: tuple[str, str] | None = None
        self.time_at: Callable[[str], datetime | None] = lambda _connection: None
        """The present moment by the clock of a connection's provider."""
        self.lasts_ms: Callable[[Session], int | None] = lambda _session: None
        """How long a call that is received here has been going on; null for every other session."""

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.numbers)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.numbers):
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.row_text(index.row())
        return None

    def show_numbers(self, numbers: Sequence[int], *, by_day: bool) -> None:
        """Another filter or order; the same rows in the same order keep what is on screen."""
        if list(numbers) == list(self.numbers) and by_day == self.by_day:
            self.forget_pages()
            return
        self.beginResetModel()
        self.numbers, self.by_day = numbers, by_day
        self._pages.clear()
        self._asked.clear()
        self.endResetModel()

    def forget_pages(self) -> None:
        """What the rows say may have changed: ask for them again, and show the old ones until they come."""
        self._asked.clear()
        for page in self._pages:
            self._ask(page)

    def show_page(self, page: int, rows: Sequence[SessionRow]) -> None:
        """The rows of a page, found by their number; those that are gone stay empty."""
        found: Mapping[int, SessionRow] = {row.number: row for row in rows}
        numbers = self.numbers[page * PAGE : (page + 1) * PAGE]
        if not numbers:
            return
        self._pages[page] = [found.get(number) for number in numbers]
        self._pages.move_to_end(page)
        while len(self._pages) > PAGES_KEPT:
            gone, _ = self._pages.popitem(last=False)
            self._asked.discard(gone)
        first = page * PAGE
        self.dataChanged.emit(self.index(first, 0), self.index(first + len(numbers) - 1, 0))

    def row(self, at: int) -> SessionRow | None:
        """The row at a place, asked for when it is not here yet."""
        page, within = divmod(at, PAGE)
        if page not in self._pages:
            self._ask(page)
            return None
        self._pages.move_to_end(page)
        rows = self._pages[page]
        return rows[within] if within < len(rows) else None

    def heading(self, at: int) -> str:
        """The day that begins with this row, empty where none does or days mean nothing."""
        row = self.row(at) if self.by_day else None
        if row is None:
            return ""
        before = self.row(at - 1) if at > 0 else None
        day = local_day(row.session)
        if before is not None and local_day(before.session) == day:
            return ""
        if at > 0 and before is None:
            return ""
        return day_words(day, datetime.now().astimezone().date())

    def row_text(self, at: int) -> str:
        """What a sighted person reads in the row, in one piece."""
        row = self.row(at)
        if row is None:
            return "Loading …"
        session = row.session
        parts = [
            isolated(one_line(session.title or session.session_id)),
            long_time(session.started_at) if session.started_at else "",
            self.second_line(row),
            deadline_words(session, self.time_at(session.connection)),
            self.pill(row)[0],
            counted(row.annotations, "annotation") if row.annotations else "",
        ]
        return ", ".join(filter(None, parts))

    def pill(self, row: SessionRow) -> tuple[str, str]:
        """The state in a word or two, and its tone."""
        return ("Live", "critical") if self.lasts_ms(row.session) is not None else pill(row)

    def second_line(self, row: SessionRow) -> str:
        """Whether it is queued and when it is due, where it comes from and how long it is; while it is received, its
        length stands beside its title."""
        session = row.session
        going_on = self.lasts_ms(session) is not None
        told = second_line(session.model_copy(update={"duration_ms": None}) if going_on else session)
        return " · ".join(filter(None, (due_words(row), told)))

    def time_text(self, session: Session) -> str:
        """The time at the right of the first line."""
        lasts_ms = self.lasts_ms(session)
        if lasts_ms is not None:
            return clock(lasts_ms, parts=1)
        if session.state is SessionState.IN_PROGRESS:
            return "now"
        return "" if session.started_at is None else short_time(session.started_at)

    def find(self, connection: str, session_id: str) -> int:
        """The place of a session among the rows that are here, -1 when it is not."""
        for page, rows in self._pages.items():
            for within, row in enumerate(rows):
                if row and row.session.session_id == session_id and row.session.connection == connection:
                    return page * PAGE + within
        return -1

    def _ask(self, page: int) -> None:
        if page not in self._asked:
            self._asked.add(page)
            self.page_wanted.emit(page)
