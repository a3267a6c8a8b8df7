"""The open session of a conversation that goes on: new turns come by themselves, the recording after its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit

from qa_player.model.recording import RecordingState
from qa_player.model.session import Session, SessionDetail
from qa_player.services.library import Library, OpenSession
from qa_player.services.ongoing import Ongoing
from qa_player.services.playback import Playback
from qa_player.ui.tasks import Tasks

WATCH = "ongoing"


class Tells(Protocol):
    """Fits the message bar."""

    def done(
        self, message: str, *, about: str = "", button: str = "", act: Callable[[], object] | None = None
    ) -> None: ...


class OngoingSessions:
    """Watches from the start of the window to its end; ``open_again`` opens the open session once more."""

    def __init__(
        self,
        ongoing: Ongoing,
        *,
        library: Library,
        playback: Playback,
        tasks: Tasks,
        messages: Tells,
        open_again: Callable[[], object],
        renewed: Callable[[OpenSession], object],
    ) -> None:
        self._library, self._playback, self._tasks = library, playback, tasks
        self._messages, self._open_again, self._renewed = messages, open_again, renewed
        ongoing.changed.connect(self._changed)
        tasks.start(WATCH, ongoing.watch(self._open_session))

    def _open_session(self) -> Session | None:
        session = self._playback.session
        return None if session is None else session.detail.session

    def _changed(self, detail: SessionDetail) -> None:
        before = self._open_session()
        told = detail.session
        if before is None or (before.connection, before.session_id) != (told.connection, told.session_id):
            return
        if told.recording_state is before.recording_state or told.recording_state is RecordingState.PROCESSING:
            self._tasks.start("ongoing-turns", self._renew(detail))
        elif isinstance(QApplication.focusWidget(), QLineEdit | QPlainTextEdit | QTextEdit | QComboBox):
            # opening it anew would take the cursor from whoever writes
            self._messages.done(
                "The conversation has ended.", about=WATCH, button="Open it again", act=self._open_again
            )
        else:
            self._open_again()

    async def _renew(self, detail: SessionDetail) -> None:
        session = self._playback.session
        if session is not None:
            placed = await self._library.placed(session.connection, detail)
            self._playback.renew(placed)
            if self._playback.session is placed:
                self._renewed(placed)
