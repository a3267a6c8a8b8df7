"""Calibration on the desk: which sessions can be packed, and what one works on is kept while the window is open."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from qa_player.app import App
from qa_player.model.calibration import MOST_SESSIONS
from qa_player.model.form import Form
from qa_player.model.review_state import ReviewState
from qa_player.ui.actions import Command
from qa_player.ui.dialogs.calibration import CalibrationDialog
from qa_player.ui.dialogs.comparing import ComparingPage
from qa_player.ui.dialogs.packet_judging import JudgingPage
from qa_player.ui.dialogs.packing import Gathered, PackingPage, Source
from qa_player.ui.panels.scorecard import ScorecardPanel
from qa_player.ui.panels.sessions import SessionsPanel
from qa_player.ui.tasks import Tasks

_OPEN_STILL = (ReviewState.TO_REVIEW, ReviewState.IN_REVIEW)


class Calibrating:
    """``open_session`` opens one by connection and id at a moment."""

    def __init__(
        self, window: QWidget, app: App, tasks: Tasks, *, sessions: SessionsPanel, card: ScorecardPanel
    ) -> None:
        self._window, self._app, self._tasks = window, app, tasks
        self._sessions, self._card = sessions, card
        self._dialog: CalibrationDialog | None = None
        self.open_session: Callable[[str, str, int | None], object] = lambda _connection, _session, _at: None

    def commands(self, menu: str) -> list[Command]:
        """What leads there."""
        return [Command("calibration", "Calibration…", self.show, menu, keys=("Ctrl+Alt+C",))]

    def show(self) -> None:
        """Go on where one was when it was closed: the dialog is made once, and what it works on stays."""
        if self._dialog is None:
            self._dialog = self._made()
        self._dialog.packing.look()
        self._dialog.judging.look()
        self._dialog.open()

    def _made(self) -> CalibrationDialog:
        app, tasks = self._app, self._tasks
        pages = (
            PackingPage(app.calibration, app.forms, tasks, self._gather),
            JudgingPage(app.calibration, app.forms, app.queue, tasks),
            ComparingPage(app.calibration, tasks),
        )
        dialog = CalibrationDialog(app.calibration, tasks, pages, self._window)

        def opened(connection: str, session_id: str, at_ms: int | None = None) -> None:
            dialog.accept()
            self.open_session(connection, session_id, at_ms)

        def judge(connection: str, session_id: str) -> None:
            if dialog.packet is not None:
                self._card.offer(dialog.packet.form)
            opened(connection, session_id)

        dialog.judging.session_wanted.connect(judge)
        dialog.judging.taken.connect(self._taken)
        dialog.comparing.session_wanted.connect(opened)
        return dialog

    def _taken(self, form: Form) -> None:
        self._card.read_forms()
        self._card.offer(form)

    async def _gather(self, source: Source) -> Gathered:
        if source is Source.LIST:
            numbers = await self._app.library.numbers(self._sessions.filter())
            rows = await self._app.library.rows(numbers[:MOST_SESSIONS])
            return Gathered(tuple(row.session for row in rows), len(numbers))
        if source is Source.QUEUE:
            queued = [one for one in await self._app.queue.all() if one.state in _OPEN_STILL]
            known = [one.session for one in queued if one.session is not None]
            return Gathered(tuple(known[:MOST_SESSIONS]), len(known))
        session = self._app.playback.session
        return Gathered((), 0) if session is None else Gathered((session.detail.session,), 1)
