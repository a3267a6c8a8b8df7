"""What a person brings from elsewhere: sessions by their ids, and a note of the open one."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from qa_player.app import App
from qa_player.errors import UsageError
from qa_player.services.library import OpenSession
from qa_player.ui.dialogs.bring import BringDialog, brought_words
from qa_player.ui.dialogs.bring_note import BringNoteDialog
from qa_player.ui.panels.sessions import SessionsPanel
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.message_bar import MessageBar
from qa_player.ui.widgets.sure import SureDialog
from qa_player.ui.widgets.times import counted

_ASIDE = (
    "The note has {work}. Another note begins anew. This one stays kept with what was said of it: Ask again brings the "
    "provider's note back, and the same words brought once more bring back a note from elsewhere."
)


class BringingIn:
    """Asks in dialogs of ``window`` and tells in ``messages`` what came of it."""

    def __init__(
        self, window: QWidget, app: App, tasks: Tasks, *, sessions: SessionsPanel, messages: MessageBar
    ) -> None:
        self._window, self._app, self._tasks = window, app, tasks
        self._sessions, self._messages = sessions, messages

    def sessions(self) -> None:
        """Ask for the ids of sessions that no provider lists."""
        self._tasks.start("ask-ids", self._ask_ids())

    async def _ask_ids(self) -> None:
        names = await self._app.bringing.takers()
        if not names:
            raise UsageError(
                "No connection takes ids.", "They list their sessions themselves; connect Suki for visits."
            )
        chosen = self._sessions.connection.currentData()
        dialog = BringDialog(self._app.bringing, self._tasks, names, chosen, self._window)
        dialog.brought.connect(lambda _name, brought: self._messages.done(brought_words(brought)))
        dialog.open()

    def note(self) -> None:
        """Ask for a note of the open session."""
        session = self._app.playback.session
        if session is not None:
            self._tasks.start("ask-note", self._ask_note(session))

    async def _ask_note(self, session: OpenSession) -> None:
        dialog = BringNoteDialog(self._app.notes, self._tasks, session, self._window)
        judged, signed = await self._app.notes.at_stake(session.connection.name, session.session_id)
        if not judged and not signed:
            dialog.open()
            return
        work = counted(judged, "judgement") + (" and a signature" if signed else "")
        sure = SureDialog("Put this note aside?", _ASIDE.format(work=work), "Bring another note…", self._window)
        sure.agreed.connect(dialog.open)
        sure.rejected.connect(dialog.deleteLater)
        sure.open()
