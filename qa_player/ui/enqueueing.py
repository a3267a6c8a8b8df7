"""The queue by hand: the chosen session put in or taken out, and until when it is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from qa_player.model.session import Session
from qa_player.services.playback import Playback
from qa_player.services.queue import Queue
from qa_player.ui.actions import Command
from qa_player.ui.dialogs.due import DueDialog
from qa_player.ui.panels.sessions import SessionsPanel
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.text import isolated, one_line
from qa_player.ui.widgets.times import short_day

_SAVE = "save-queue"
_SHOWN = 80
_PUT, _TAKE, _DUE = "Put into the queue", "Take out of the queue", "Due…"


class Enqueueing:
    """Acts on the row that the keys are on in the list; from elsewhere on the open session. ``done`` says what was
    done, with the session's title."""

    def __init__(
        self,
        window: QWidget,
        queue: Queue,
        playback: Playback,
        *,
        sessions: SessionsPanel,
        tasks: Tasks,
        done: Callable[[str], object],
    ) -> None:
        self._window, self._queue, self._playback = window, queue, playback
        self._sessions, self._tasks, self._done = sessions, tasks, done
        queue.changed.connect(sessions.reload_soon)
        sessions.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        sessions.list.customContextMenuRequested.connect(self._menu)

    def commands(self, menu: str) -> list[Command]:
        """What can be done with a session and the queue."""
        return [
            Command("queue.add", _PUT, self.put, menu, keys=("Ctrl+Shift+Q",), begins_group=True),
            Command("queue.remove", _TAKE, self.take, menu),
            Command("queue.due", _DUE, self.ask_due, menu, keys=("Ctrl+Shift+D",)),
        ]

    def put(self) -> None:
        """It is to be reviewed, by whomever."""
        chosen = self._chosen()
        if chosen is not None:
            self._tasks.then(_SAVE, self._put(chosen))

    def take(self) -> None:
        """Nobody has to review it any more; what was done of its review stays."""
        chosen = self._chosen()
        if chosen is not None:
            self._tasks.then(_SAVE, self._take(chosen))

    def ask_due(self) -> None:
        """Ask until when it is to be reviewed; one that is not in the queue is put there."""
        chosen = self._chosen()
        if chosen is not None:
            self._tasks.start("ask-due", self._ask_due(chosen))

    async def _ask_due(self, chosen: Session) -> None:
        place = chosen.connection, chosen.session_id
        there = next((one for one in await self._queue.all() if one.place == place), None)
        dialog = DueDialog(_named(chosen), None if there is None else there.item.due_at, self._window)
        dialog.wanted.connect(lambda due_at: self._tasks.then(_SAVE, self._set_due(chosen, due_at)))
        dialog.open()

    async def _put(self, chosen: Session) -> None:
        added = await self._queue.add(chosen.connection, chosen.session_id)
        self._done(f"“{_named(chosen)}” {'is in the queue.' if added else 'was in the queue already.'}")

    async def _take(self, chosen: Session) -> None:
        await self._queue.remove(chosen.connection, chosen.session_id)
        self._done(f"“{_named(chosen)}” is out of the queue. Its review stays as it is.")

    async def _set_due(self, chosen: Session, due_at: datetime | None) -> None:
        await self._queue.set_due(chosen.connection, chosen.session_id, due_at)
        told = "is in the queue without a day" if due_at is None else f"is due on {short_day(due_at)}"
        self._done(f"“{_named(chosen)}” {told}.")

    def _chosen(self) -> Session | None:
        listed, opened = self._sessions.list, self._playback.session
        if opened is not None and not listed.hasFocus():
            return opened.detail.session
        row = listed.sessions.row(listed.currentIndex().row()) if listed.currentIndex().isValid() else None
        return None if row is None else row.session

    def _menu(self, at: QPoint) -> None:
        listed = self._sessions.list
        index = listed.indexAt(at)
        row = listed.sessions.row(index.row()) if index.isValid() else None
        if row is None:
            return
        listed.setFocus(Qt.FocusReason.PopupFocusReason)
        listed.setCurrentIndex(index)
        menu = QMenu(listed)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        place = row.session.connection, row.session.session_id
        menu.addAction("Open", lambda: self._sessions.session_chosen.emit(*place))
        menu.addSeparator()
        if row.queued:
            menu.addAction(_TAKE, self.take)
        else:
            menu.addAction(_PUT, self.put)
        menu.addAction(_DUE, self.ask_due)
        menu.popup(listed.viewport().mapToGlobal(at))


def _named(session: Session) -> str:
    words = one_line(session.title or session.session_id)
    return isolated(words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1]}…")
