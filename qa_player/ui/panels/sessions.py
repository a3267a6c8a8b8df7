"""The sessions of one connection or all: found, filtered, sorted, opened; what there is stays usable offline."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from qa_player.errors import QaPlayerError
from qa_player.model.listing import SessionFilter, SessionOrder, SessionRow
from qa_player.services.connections import Connections
from qa_player.services.library import Library
from qa_player.services.narrowing import agents_of
from qa_player.ui.panels.session_gaps import Gap, notice_for, words_for
from qa_player.ui.panels.session_search import SessionSearch
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.listing_progress import ListingProgress
from qa_player.ui.widgets.placeholder import CoveredList, Placeholder
from qa_player.ui.widgets.resting_timer import RestingTimer
from qa_player.ui.widgets.session_list import SessionList
from qa_player.ui.widgets.session_model import PAGE
from qa_player.ui.widgets.text import Label

TYPING_PAUSE_MS = 150


class SessionsPanel(QFrame):
    """``session_chosen(connection, session_id)``; ``add_connection_wanted``; ``bring_wanted``; ``offline_changed``;
    ``place_changed(row, rows)``: where the open session stands in the list, -1 where it is not listed; ``filtered``
    when the list is asked for anew."""

    session_chosen = Signal(str, str)
    add_connection_wanted = Signal()
    bring_wanted = Signal()
    offline_changed = Signal(bool)
    place_changed = Signal(int, int)
    filtered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self._library: Library | None = None
        self._connections: Connections | None = None
        self._tasks: Tasks | None = None
        self._known: tuple[str, ...] = ()
        self._unlistable: frozenset[str] = frozenset()
        self._open: tuple[str, str] | None = None
        self._listed: SessionFilter | None = None
        self._agents_of: str | None = None
        self.asked = SessionSearch()
        self.connection, self.search = self.asked.connection, self.asked.search
        self.agent = self.asked.agent
        self.chips, self.order = self.asked.chips, self.asked.order
        self.notice = Label(wrap=True, kind="small")
        self.notice.setContentsMargins(12, 6, 12, 6)
        self.notice.hide()
        self.progress = ListingProgress()
        self.list = SessionList()
        self.placeholder = Placeholder()
        self.add_connection = QPushButton("+ Add connection")
        self.add_connection.setAccessibleName("Add connection")
        self.reload = QPushButton("Refresh")
        self.reload.setToolTip("Ask the providers again (F5)")
        self._lay_out()
        self._timer = RestingTimer(TYPING_PAUSE_MS, self)
        self._connect()
        self._stack.show_words()
        self.placeholder.tell("Opening …", busy=True)

    def _lay_out(self) -> None:
        self._stack = CoveredList(self.list, self.placeholder)
        foot = QHBoxLayout()
        foot.setContentsMargins(10, 8, 10, 10)
        foot.addWidget(self.add_connection)
        foot.addStretch(1)
        foot.addWidget(self.reload)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.asked)
        column.addWidget(self.progress)
        column.addWidget(self.notice)
        column.addLayout(self._stack, 1)
        column.addLayout(foot)

    def _connect(self) -> None:
        self._timer.timeout.connect(self._reload)
        self.asked.typed.connect(lambda: self._timer.start(TYPING_PAUSE_MS))
        self.search.installEventFilter(self)
        self.asked.asked.connect(self._reload)
        self.asked.connection_chosen.connect(self._connection_chosen)
        self.add_connection.clicked.connect(self.add_connection_wanted)
        self.reload.clicked.connect(self.refresh)
        self.list.sessions.page_wanted.connect(self._page_wanted)
        self.list.session_chosen.connect(self._row_chosen)

    def attach(self, library: Library, connections: Connections, tasks: Tasks) -> None:
        """Work with these services from now on, and list what is kept at once."""
        self._library, self._connections, self._tasks = library, connections, tasks
        self.list.sessions.time_at = library.time_at
        library.progressed.connect(self.progress.show_progress)
        library.sessions_changed.connect(lambda _name: self.reload_soon())
        connections.connections_changed.connect(self._connections_changed)
        self._connections_changed()

    # what is listed

    def filter(self) -> SessionFilter:
        """What the fields and chips ask for."""
        return self.asked.filter()

    def reload_soon(self) -> None:
        """Rows may have changed; many changes make one reload."""
        self._timer.soon()

    def refresh(self) -> None:
        """Ask the providers again; what is kept stays on screen meanwhile."""
        if self._tasks is not None and self._library is not None:
            self._tasks.start("sessions-refresh", self._refresh(self._library), trouble=self._tell_trouble)

    def show_open(self, connection: str, session_id: str) -> None:
        """Put the selection on the session that is open, now and whenever the list is made anew."""
        self._open = (connection, session_id)
        self._select_open()

    def _select_open(self) -> None:
        if self._open is not None:
            self.list.select(*self._open)
            self.place_changed.emit(self.list.sessions.find(*self._open), self.list.sessions.rowCount())

    def step(self, by: int) -> None:
        """Open the session before or after the selected one."""
        self.list.step(by)

    def _connections_changed(self) -> None:
        if self._tasks is not None and self._connections is not None:
            self._tasks.start("connections", self._load_connections(self._connections))

    async def _load_connections(self, connections: Connections) -> None:
        names = tuple(connection.name for connection in await connections.all())
        before, self._known = self._known, names
        self.asked.show_connections(names)
        self._reload()
        if set(names) - set(before):
            self.refresh()

    def _connection_chosen(self) -> None:
        self._reload()
        self.refresh()

    def _reload(self) -> None:
        self.filtered.emit()
        if self.connection.currentData() != self._agents_of:
            self._look_for_agents()
        if self._tasks is not None and self._library is not None:
            self._tasks.start("sessions-list", self._load(self._library, self.filter()), trouble=self._tell_trouble)

    def _look_for_agents(self) -> None:
        """Of one connection whose provider lists by agent, the list can be narrowed to one of them."""
        self._agents_of = name = self.connection.currentData()
        if name is None:
            self.asked.show_agents(())
        elif self._tasks is not None and self._library is not None and self._connections is not None:
            work = self._load_agents(self._connections, self._library, name)
            # a provider that cannot be made is told of by the listing
            self._tasks.start("sessions-agents", work, trouble=lambda _error: None)

    async def _load_agents(self, connections: Connections, library: Library, connection: str) -> None:
        names = await agents_of(connections, library, connection)
        if connection == self.connection.currentData():
            self.asked.show_agents(names)

    async def _load(self, library: Library, wanted: SessionFilter) -> None:
        with self._timer.measured():
            numbers, counts = await library.numbers(wanted), await library.counts(wanted)
        bar, at = self.list.verticalScrollBar(), self.list.verticalScrollBar().value()
        self.list.show_numbers(numbers, by_day=wanted.order in (SessionOrder.NEWEST, SessionOrder.OLDEST))
        if wanted == self._listed:
            bar.setValue(at)
        self._listed = wanted
        self._select_open()
        self.asked.show_counts(len(numbers), counts)
        self._show_state()

    async def _refresh(self, library: Library) -> None:
        self._show_state(busy=True)
        try:
            brought = await library.refresh(self.connection.currentData())
        finally:
            self.progress.hide()
        self._unlistable = brought.unlistable
        words, tone, away = notice_for(brought, kept=self.list.sessions.rowCount() > 0)
        self._show_notice(words, tone=tone)
        self.offline_changed.emit(away)
        self._look_for_agents()
        self._reload()

    def _show_notice(self, words: str, *, tone: str = "critical") -> None:
        self.notice.show_text(words)
        self.notice.setProperty("tone", tone)
        self.notice.style().unpolish(self.notice)
        self.notice.style().polish(self.notice)
        self.notice.setVisible(bool(words))

    def _show_state(self, *, busy: bool = False) -> None:
        if self.list.sessions.rowCount():
            self._stack.show_rows()
            return
        self._stack.show_words()
        gap = self._gap(busy=busy)
        acts: dict[Gap, Callable[[], object]] = {
            Gap.NO_CONNECTION: self.add_connection_wanted.emit,
            Gap.LOADING: self._stop,
            Gap.NOTHING_FITS: self._show_all,
            Gap.CANNOT_LIST: self.bring_wanted.emit,
        }
        words = words_for(gap, trouble=self.notice.text())
        act = acts.get(gap, self.refresh)
        self.placeholder.tell(words.heading, words.sentence, busy=gap is Gap.LOADING, button=words.button, act=act)

    def _gap(self, *, busy: bool) -> Gap:
        if not self._known:
            return Gap.NO_CONNECTION
        if busy or (self._tasks is not None and self._tasks.running("sessions-refresh")):
            return Gap.LOADING
        if self.search.text().strip() or self.chips.chosen() or self._is_narrowed():
            return Gap.NOTHING_FITS
        if not self.notice.isHidden():
            return Gap.TROUBLE
        listless = {self.connection.currentData()} if self.connection.currentData() else set(self._known)
        return Gap.CANNOT_LIST if listless <= self._unlistable else Gap.EMPTY

    def _is_narrowed(self) -> bool:
        wanted = self.filter()
        return wanted.sample_id is not None or wanted.agent is not None

    def _stop(self) -> None:
        if self._tasks is not None:
            self._tasks.cancel("sessions-refresh")
            self.reload_soon()

    def _show_all(self) -> None:
        self.asked.show_all()

    def _tell_trouble(self, error: QaPlayerError) -> None:
        self._show_notice(f"{error.message} {error.next_step}")
        self._show_state()

    # rows

    def _page_wanted(self, page: int) -> None:
        if self._tasks is not None and self._library is not None:
            self._tasks.start(f"sessions-page-{page}", self._load_page(self._library, page), trouble=self._tell_trouble)

    async def _load_page(self, library: Library, page: int) -> None:
        numbers = self.list.sessions.numbers[page * PAGE : (page + 1) * PAGE]
        rows = await library.rows(numbers)
        if numbers == self.list.sessions.numbers[page * PAGE : (page + 1) * PAGE]:
            self.list.sessions.show_page(page, rows)
            self._select_open()

    def _row_chosen(self, row: SessionRow) -> None:
        self.session_chosen.emit(row.session.connection, row.session.session_id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """From the search field the arrow down goes into the list."""
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if pressed and event.key() == Qt.Key.Key_Down and self.list.sessions.rowCount():  # type: ignore[attr-defined]
            self.list.setFocus(Qt.FocusReason.TabFocusReason)
            if not self.list.currentIndex().isValid():
                self.list.setCurrentIndex(self.list.sessions.index(0, 0))
            return True
        return super().eventFilter(watched, event)
