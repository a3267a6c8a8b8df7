"""The audit trail in the window: who did what to the open session, or to any; checked and handed on from here."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHBoxLayout, QListWidget, QPushButton, QVBoxLayout, QWidget

from qa_player.model.audit import AuditEvent
from qa_player.services.audit import Audit
from qa_player.services.playback import Playback
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.audit_words import audit_words
from qa_player.ui.widgets.switch import Switch
from qa_player.ui.widgets.text import Label, tooltip
from qa_player.ui.widgets.times import counted

NEWEST = 1_000
"""So many are shown; an export has all of them."""


class TrailPanel(QFrame):
    """Reads the trail anew whenever it is looked at and something was saved. ``check`` and ``export`` are buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._audit: Audit | None = None
        self._playback: Playback | None = None
        self._tasks: Tasks | None = None
        self.only_this = Switch("Only this session", on=True)
        self.only_this.setProperty("kind", "pill")
        self.told = Label(kind="muted", wrap=True)
        self.events = QListWidget()
        self.events.setAccessibleName("Audit trail")
        self.events.setUniformItemSizes(True)
        self.events.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.events.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.events.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.check = QPushButton("Check the trail")
        self.export = QPushButton("Export the trail…")
        self.only_this.switched.connect(lambda _on: self.read())
        self._lay_out()
        self.set_aside(True)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Label("Audit trail", kind="heading"), 1)
        head.addWidget(self.only_this)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        for button in (self.check, self.export):
            foot.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.told)
        column.addWidget(self.events, 1)
        column.addLayout(foot)

    def attach(self, audit: Audit, playback: Playback, tasks: Tasks) -> None:
        """Read from this trail from now on."""
        self._audit, self._playback, self._tasks = audit, playback, tasks
        playback.opened.connect(lambda _session: self.read())
        playback.closed.connect(self.read)

    def set_aside(self, aside: bool) -> None:
        """Layouts other than the auditor's do not show it."""
        self.setVisible(not aside)

    def place(self) -> tuple[str | None, str | None]:
        """Connection and session id of what is shown; nulls: everything."""
        session = None if self._playback is None else self._playback.session
        if session is None or not self.only_this.isChecked():
            return None, None
        return session.connection.name, session.session_id

    def read(self) -> None:
        """Show what the trail says now, if anybody looks."""
        if self._tasks is not None and self._audit is not None and self.isVisible():
            self._tasks.start("read-trail", self._read(self._audit))

    async def _read(self, audit: Audit) -> None:
        connection, session_id = self.place()
        events = await audit.show(connection=connection, session_id=session_id, limit=NEWEST + 1)
        self._show(list(reversed(events)), everything=session_id is None)

    def _show(self, events: Sequence[AuditEvent], *, everything: bool) -> None:
        """``events``: the newest first, one more than is shown where there are more."""
        cut = len(events) > NEWEST
        shown = events[:NEWEST]
        self.only_this.setEnabled(self._playback is not None and self._playback.session is not None)
        self.events.clear()
        self.events.addItems([audit_words(event, with_session=everything) for event in shown])
        for at, event in enumerate(shown):
            self.events.item(at).setToolTip(tooltip(f"Event {event.sequence}\nSHA-256 {event.digest}"))
        of = "everything that was done here" if everything else "this session"
        number = f"The newest {counted(NEWEST, 'event')}" if cut else counted(len(shown), "event")
        self.told.show_text(f"{number} of {of}, the newest first")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.read()
