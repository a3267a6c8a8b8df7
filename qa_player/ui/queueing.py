"""The queue on the desk: how far it is worked, how long the rest takes, and the next session brought beforehand."""

from __future__ import annotations

import math
from collections.abc import Callable

from qa_player.model.playback import Phase, PlaybackState
from qa_player.model.queue import Queued, QueueProgress
from qa_player.services.ahead import Ahead
from qa_player.services.library import OpenSession
from qa_player.services.playback import Playback
from qa_player.ui.panels.sessions import SessionsPanel
from qa_player.ui.panels.status import StatusBar
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.transport import speed_words

_LOOK, _BRING, _RECORDING, _NEXT = "queue-look", "queue-bring", "queue-recording", "queue-next"


class Queueing:
    """Says where the open session stands in the queue. ``open_session`` opens one by connection and id; ``told`` says
    a sentence."""

    def __init__(
        self,
        playback: Playback,
        ahead: Ahead,
        *,
        sessions: SessionsPanel,
        status: StatusBar,
        tasks: Tasks,
        open_session: Callable[[str, str], object],
        told: Callable[[str], object],
    ) -> None:
        self._playback, self._ahead, self._tasks = playback, ahead, tasks
        self._sessions, self._status = sessions, status
        self._open_session, self._told = open_session, told
        self._progress: QueueProgress | None = None
        self._coming: Queued | None = None
        playback.opened.connect(self._opened)
        playback.closed.connect(self._closed)
        playback.state_changed.connect(self._state_changed)
        playback.position_changed.connect(lambda _ms: self._show())

    def look(self) -> None:
        """The queue may be another, or worked further."""
        session = self._playback.session
        if session is not None:
            self._tasks.start(_LOOK, self._looked(session))

    def go_on(self) -> None:
        """Open what is to be reviewed next: from the queue, where the open session is in it; else the next in the
        list."""
        session = self._playback.session
        if session is None or self._progress is None:
            self._sessions.step(1)
        else:
            self._tasks.start(_NEXT, self._next(session))

    async def _next(self, session: OpenSession) -> None:
        coming = await self._ahead.following(session.connection.name, session.session_id)
        if coming is None:
            self._told("Nothing is left in the queue.")
        else:
            self._open_session(*coming.place)

    def _opened(self, session: OpenSession) -> None:
        self._coming = None
        self.look()
        self._tasks.start(_BRING, self._bring(session), trouble=lambda _error: None)

    def _closed(self) -> None:
        for name in (_LOOK, _BRING, _RECORDING):
            self._tasks.cancel(name)
        self._progress = self._coming = None
        self._show()

    async def _looked(self, session: OpenSession) -> None:
        found = await self._ahead.progress(session.connection.name, session.session_id)
        if self._playback.session is not None and self._playback.session.detail is session.detail:
            self._progress = found
            self._show()

    async def _bring(self, session: OpenSession) -> None:
        self._coming = await self._ahead.bring(session.connection.name, session.session_id)
        self._state_changed(self._playback.state)

    def _state_changed(self, state: PlaybackState) -> None:
        self._show()
        # the recording that one hears comes first
        if self._coming is not None and (state.verified or state.phase in (Phase.NO_RECORDING, Phase.FAILED)):
            coming, self._coming = self._coming, None
            self._tasks.start(_RECORDING, self._ahead.bring_recording(coming), trouble=lambda _error: None)

    def _show(self) -> None:
        state, session = self._playback.state, self._playback.session
        if self._progress is None or session is None:
            self._status.show_queue("")
            return
        here_ms = 0 if self._progress.done else state.duration_ms or session.detail.session.duration_ms or 0
        left_ms = self._progress.left_ms + max(here_ms - self._playback.position_ms, 0.0)
        self._status.show_queue(queue_words(self._progress, left_ms, state.listening.speed))


def queue_words(progress: QueueProgress, left_ms: float, speed: float) -> str:
    """``12 of 40 in the queue, 1 h 52 min left at 1.5×``; ``at least`` where some sessions do not tell their length.
    Once the open session is done: ``12 of 40 in the queue done, 1 h 48 min left at 1.5×``, ``40 of 40 in the queue
    done``."""
    where = f"{progress.at:,} of {progress.total:,} in the queue{' done' if progress.done else ''}"
    if progress.done and not progress.left:
        return where
    least = "at least " if progress.untold else ""
    return f"{where}, {least}{_length(left_ms / speed)} left at {speed_words(speed)}"


def _length(milliseconds: float) -> str:
    minutes = math.ceil(milliseconds / 60_000)
    hours, rest = divmod(minutes, 60)
    return f"{hours:,} h {rest} min" if hours else f"{minutes} min"
