"""The clock of the open session on the desk: its dialog, and following what a command beside the window kept."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from qa_player.services.playback import Playback
from qa_player.services.timing import Timings
from qa_player.ui.dialogs.timing import TimingDialog
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.message_bar import MessageBar


class Retiming:
    """One dialog at a time; while it is open, what it tries is in sight."""

    def __init__(
        self, playback: Playback, timings: Timings, *, tasks: Tasks, messages: MessageBar, window: QWidget
    ) -> None:
        self._playback, self._timings = playback, timings
        self._tasks, self._messages, self._window = tasks, messages, window
        self._dialog: TimingDialog | None = None

    def edit(self) -> None:
        """See, measure and set the clock of the open session."""
        session = self._playback.session
        if session is None or self._dialog is not None:
            return
        at, active = self._playback.position_ms, self._playback.active_turns
        timed = [turn for turn in session.turns if turn.start_ms is not None]
        before = [turn for turn in timed if (turn.start_ms or 0) <= at] or timed[:1]
        turn = session.turns[active[0]] if active else max(before, key=lambda one: one.start_ms or 0, default=None)
        self._dialog = TimingDialog(
            session,
            turn,
            playback=self._playback,
            timings=self._timings,
            tasks=self._tasks,
            parent=self._window,
        )
        self._dialog.kept.connect(lambda: self._messages.done("The timing is kept."))
        self._dialog.finished.connect(self._ended)
        self._dialog.open()

    def _ended(self, _: int) -> None:
        self._dialog = None

    async def follow(self) -> None:
        """What somebody else kept is in force here too."""
        session = self._playback.session
        if session is None or self._dialog is not None:
            return
        kept = await self._timings.kept(session.connection.name, session.session_id) or session.detail.timing
        if kept != session.timing:
            placed = await self._timings.placed(session, kept)
            if self._dialog is None:
                self._playback.place(placed)
