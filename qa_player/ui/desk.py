"""What the commands do across panels: opening sessions, playing, dialogs, telling trouble."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow

from qa_player.app import App
from qa_player.errors import QaPlayerError
from qa_player.model.connection import Connection
from qa_player.model.playback import SPEEDS, PlaybackState
from qa_player.services.library import OpenSession
from qa_player.ui.attaching import attach
from qa_player.ui.audio_output import AudioOutput
from qa_player.ui.dialogs.connection import ConnectionDialog
from qa_player.ui.dialogs.go_to import GoToDialog
from qa_player.ui.dialogs.search import SearchDialog
from qa_player.ui.hands import Hands
from qa_player.ui.ongoing import OngoingSessions
from qa_player.ui.panels.furniture import Panels
from qa_player.ui.queueing import Queueing
from qa_player.ui.tasks import Tasks

OPEN = "open-session"
POLL_SECONDS = 2.0


class Desk(Hands):
    """Joins the panels of one window to the services of one home."""

    def __init__(
        self, window: QMainWindow, panels: Panels, app: App, tasks: Tasks, sound: AudioOutput | None = None
    ) -> None:
        super().__init__(window, panels, app, tasks, sound)
        self.queueing = Queueing(
            self.playback,
            app.ahead,
            sessions=panels.sessions,
            status=panels.status,
            tasks=tasks,
            open_session=self.open_session,
            told=panels.messages.done,
        )
        self.judging.go_on = self.queueing.go_on
        self._search: SearchDialog | None = None
        self.disputing.open_session = self.calibrating.open_session = self.open_session
        self._attach()

    def _attach(self) -> None:
        panels = self.panels
        self.settle = attach(panels, self.app, self.tasks)
        panels.player.parts.arranged.connect(self.open_again)
        panels.scorecard.form_chosen.connect(lambda form: self.preferences.keep(scorecard_form=form))
        for judged in (self.app.scoring, self.app.verification):
            judged.progressed.connect(lambda _connection, _session: panels.sessions.reload_soon())
            judged.progressed.connect(lambda _connection, _session: self.queueing.look())
            judged.saved.connect(panels.status.show_saved)
        self.app.queue.changed.connect(self.queueing.look)
        self.app.disputes.changed.connect(lambda _connection, _session: panels.sessions.reload_soon())
        self.app.disputes.changed.connect(lambda _connection, _session: self.queueing.look())
        for saved in (self.app.scoring.saved, self.app.verification.saved, self.review.saved):
            saved.connect(lambda _at: panels.trail.read())
        panels.note.statements.told.connect(panels.messages.done)
        panels.note.bring_wanted.connect(self.bringing.note)
        self.playback.opened.connect(self._opened)
        self.playback.turns_placed.connect(self._placed)
        self.playback.closed.connect(panels.details.clear)
        self.review.annotations_changed.connect(self._annotations_changed)
        panels.sessions.session_chosen.connect(self.open_session)
        panels.sessions.add_connection_wanted.connect(self.new_connection)
        panels.sessions.bring_wanted.connect(self.bringing.sessions)
        panels.sessions.offline_changed.connect(panels.status.show_offline)
        panels.sessions.place_changed.connect(panels.player.show_place)
        panels.player.pressed.connect(panels.transcript.take_focus)
        panels.transcript.view.follow_changed.connect(lambda follow: panels.player.say_active(not follow))
        panels.player.again_wanted.connect(self.open_again)
        panels.player.annotation_activated.connect(panels.annotations.edit)
        panels.transcript.timing_wanted.connect(self.retiming.edit)
        panels.annotations.export_wanted.connect(self.exchanging.export)
        self.exchanging.transcript_changed.connect(self.open_again)
        panels.annotations.name_wanted.connect(self.preferences.ask_name)
        panels.annotations.signer.show_actor(self.app.trail.actor)
        panels.annotations.left.connect(panels.transcript.take_focus)
        self.listened.unheard.finished.connect(lambda: panels.messages.done("All of it has been heard."))
        self.app.coverage.failed.connect(lambda error: panels.messages.trouble(error.message, error.next_step))
        self.playback.set_speed(self.app.settings.speed)
        panels.sessions.list.setFocus(Qt.FocusReason.OtherFocusReason)
        self.auditing.look()
        self.tasks.start("poll", self._poll())
        self.ongoing = OngoingSessions(
            self.app.ongoing,
            library=self.app.library,
            playback=self.playback,
            tasks=self.tasks,
            messages=panels.messages,
            open_again=self.open_again,
            renewed=self.show_details,
        )

    # sessions

    def open_session(self, connection: str, session_id: str, at_ms: int | None = None) -> None:
        """Open a session; one that is on its way is given up for it."""
        self.panels.transcript.show_loading()
        self.tasks.start(
            OPEN,
            self.playback.open(
                connection, session_id, at_ms=at_ms, fresh=not self.app.ahead.is_ready(connection, session_id)
            ),
            trouble=lambda error: self._not_opened(error, lambda: self.open_session(connection, session_id, at_ms)),
        )

    def open_again(self) -> None:
        """Open the open session once more, where one is in it: its provider and its storage are asked anew."""
        session = self.playback.session
        if session is not None:
            self.open_session(session.connection.name, session.session_id, round(self.playback.position_ms))

    def _not_opened(self, error: QaPlayerError, again: Callable[[], object]) -> None:
        self.panels.transcript.show_error(error, again)
        self.panels.status.show_state(PlaybackState())

    def _opened(self, session: OpenSession) -> None:
        self.show_details(session)
        self.panels.sessions.show_open(session.connection.name, session.session_id)
        self.panels.messages.settled(OPEN)
        if session.trouble is not None:
            words = f"Shown as it was kept: {session.trouble.message}"
            self.panels.messages.trouble(words, session.trouble.next_step, about=OPEN)
        self.tasks.start("review-load", self.review.load(session))
        self.panels.transcript.take_focus()

    def show_details(self, session: OpenSession) -> None:
        """What is known of the open session, told anew."""
        self.panels.details.show_session(session, self.app.library.time_at(session.connection.name))

    def _placed(self, session: OpenSession) -> None:
        self.review.moved(session)
        if len(session.parts) > 1:
            self.panels.details.show_session(session, self.app.library.time_at(session.connection.name))
        self._annotations_changed()

    def _annotations_changed(self) -> None:
        self.panels.transcript.show_annotations(self.review.annotations)
        self.panels.player.show_annotations(self.review.annotations)
        self.panels.sessions.reload_soon()

    # playing

    def change_speed(self, by: int) -> None:
        """One step faster or slower; 0 is the pace of life."""
        now = self.playback.state.listening.speed
        at = min(range(len(SPEEDS)), key=lambda step: abs(SPEEDS[step] - now))
        self.playback.set_speed(SPEEDS[min(max(at + by, 0), len(SPEEDS) - 1)] if by else 1.0)

    def to_end(self) -> None:
        """The last moment of the recording."""
        if self.playback.state.duration_ms is not None:
            self.playback.seek(self.playback.state.duration_ms)

    # dialogs

    def new_connection(self) -> None:
        """Ask for a provider, an address and a key."""
        dialog = ConnectionDialog(self.app.connections, self.tasks, self.window)
        dialog.added.connect(self._connected)
        dialog.open()

    def _connected(self, connection: Connection) -> None:
        self.panels.messages.done(f"“{connection.name}” is connected.")

    def search_everything(self) -> None:
        """Seek in all sessions; a hit opens its session at the moment."""
        if self._search is None:
            self._search = SearchDialog(self.app.searching, self.tasks, self.window)
            self._search.chosen.connect(self.open_session)
        self._search.seek()

    def back_to_playhead(self) -> None:
        """The turn one hears, followed again, with the focus on the transcript."""
        self.panels.transcript.back_to_playhead()
        self.panels.player.waveform.set_follow(True)
        self.panels.transcript.take_focus()

    def ask_moment(self) -> None:
        """Ask where to go."""
        if self.playback.session is not None:
            dialog = GoToDialog(self.playback.position_ms, self.playback.state.duration_ms, self.window)
            dialog.wanted.connect(self.playback.seek)
            dialog.open()

    # beside what one does

    async def _poll(self) -> None:
        """See what commands beside this window wrote."""
        seen = await self.app.data_version()
        while True:
            await asyncio.sleep(POLL_SECONDS)
            now = await self.app.data_version()
            if now != seen:
                seen = now
                self.panels.sessions.reload_soon()
                self.tagging.read()
                self.queueing.look()
                self.drawing.look()
                await self.calling.look()
                if self.playback.session is not None:
                    await self.review.reload()
                    await self.app.scoring.reload()
                    await self.app.coverage.reload()
                    await self.retiming.follow()
