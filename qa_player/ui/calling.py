"""Calls in progress in the window: they ring in as rows, are listened to, and become ordinary sessions in place."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from qa_player.app import App
from qa_player.errors import QaPlayerError, UsageError
from qa_player.model.live import Capture, StreamInfo, StreamState, StreamWish
from qa_player.model.session import Session
from qa_player.services.live.captures import CONNECTION
from qa_player.ui.actions import Command
from qa_player.ui.dialogs.quitting import QuitDialog
from qa_player.ui.dialogs.relay import RelayDialog
from qa_player.ui.dialogs.relays import RelaysDialog
from qa_player.ui.dialogs.stream import StreamDialog
from qa_player.ui.dialogs.streams import StreamsDialog
from qa_player.ui.panels.live_call import LiveCallPanel
from qa_player.ui.panels.sessions import SessionsPanel
from qa_player.ui.panels.status import StatusBar
from qa_player.ui.preferences import Preferences
from qa_player.ui.speaking import PushToTalk
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.message_bar import MessageBar
from qa_player.ui.widgets.text import one_line

ROWS = "live-rows"
RUNNING = "running-streams"
CARRIER_S = 3.0
"""So long a carrier may take to say what still runs, before one is asked whether it may."""
STOP_AGAIN_S = 5.0
DEMO_RELAY = "127.0.0.1:0"


class Calling:
    """Joins what is received here to the panels of one window."""

    def __init__(
        self,
        window: QWidget,
        app: App,
        tasks: Tasks,
        *,
        panel: LiveCallPanel,
        sessions: SessionsPanel,
        status: StatusBar,
        messages: MessageBar,
        preferences: Preferences,
    ) -> None:
        self._window, self._app, self._tasks, self._panel = window, app, tasks, panel
        self._sessions, self._status, self._messages, self._preferences = sessions, status, messages, preferences
        self._live = app.live
        self._known: dict[str, Capture] = {}
        self._running: tuple[StreamInfo, ...] = ()
        self._elapsing = QTimer(window)
        self._elapsing.setInterval(1_000)
        self._elapsing.timeout.connect(sessions.list.viewport().update)
        sessions.list.sessions.lasts_ms = self._lasts_ms
        panel.attach(app.live, app.playback, catch_up=self.catch_up)
        app.live.calls_changed.connect(self._calls_changed)
        app.live.relay_changed.connect(self._show_relay)
        app.live.relays.trouble.connect(lambda message, advice: messages.trouble(one_line(message), advice))
        app.live.relays.kept.connect(lambda call: tasks.then(ROWS, self._over(call)))
        app.live.streams.streams_changed.connect(lambda _connection: tasks.start(RUNNING, self._look_at_streams()))
        panel.streams_wanted.connect(self.show_streams)
        # whoever listens need not be told that one could
        panel.shown.connect(lambda call: messages.settled(call.session_id) if call is not None else None)
        self.speaking = PushToTalk(window, app.live, tasks, panel=panel, messages=messages)
        tasks.start(RUNNING, self._look_at_streams())
        tasks.start("stream-stops", self._stop_again())
        tasks.start("relays-elsewhere", app.live.relays.attend())

    def edit_relay(self) -> None:
        """Start the relay, or stop it."""
        dialog = RelayDialog(self._live, self._tasks, self._app.settings, self._window)
        dialog.used.connect(lambda told: self._preferences.keep(**told))
        dialog.elsewhere.connect(self.edit_relays)
        dialog.open()

    def edit_relays(self) -> None:
        """See which relays elsewhere are listened to, add one, remove one."""
        RelaysDialog(self._live, self._tasks, self._window).open()

    def catch_up(self) -> None:
        """Hear the open call as it comes."""
        playback = self._app.playback
        if playback.state.live and playback.state.duration_ms is not None:
            playback.seek(playback.state.duration_ms)
            playback.play()

    def ring(self) -> None:
        """In the demo: one of its carriers sends a call."""
        self._tasks.start("ring", self._ring())

    async def _ring(self) -> None:
        carriers = await self._live.carriers()
        busy = {call.call_id for call in self._live.calls}
        free = [call_id for call_id in self._app.ringing if call_id not in busy]
        if not carriers or not free:
            return
        if self._live.place is None:
            await self._live.serve(DEMO_RELAY)
        await self._live.start(carriers[0], free[0], StreamWish())

    # streams

    def start_stream(self) -> None:
        """Ask which call is to be sent here."""
        self._tasks.start("ask-stream", self._ask_stream())

    async def _ask_stream(self) -> None:
        carriers = await self._live.carriers()
        if not carriers:
            raise UsageError("No connection streams calls.", "Connect Vobiz or Plivo first.")
        dialog = StreamDialog(self._live, self._tasks, carriers, self._window)
        dialog.started.connect(lambda call_id: self._messages.done(f"The carrier sends {one_line(call_id)} here."))
        dialog.open()

    def show_streams(self) -> None:
        """The streams of the open call, or all that may run."""
        call = self._panel.call
        # a call of a relay elsewhere is its own carrier's business there
        of_call = None if call is None or call.relay else (call.connection, call.call_id)
        StreamsDialog(self._live, self._tasks, of_call, self._window).open()

    def leave(self, quit_program: Callable[[], object]) -> bool:
        """Whether something is to be settled before the program ends; then ``quit_program`` is called once it is."""
        if self._running:
            self._tasks.start("leave", self._leave(quit_program))
        return bool(self._running)

    async def _leave(self, quit_program: Callable[[], object]) -> None:
        # a stream whose call has ended has ended with it, whether the carrier said so or not
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CARRIER_S):
                for connection, call_id in {(one.connection, one.call_id): None for one in self._running}:
                    with contextlib.suppress(QaPlayerError):
                        await self._live.streams.of_call(connection, call_id)
        running = await self._live.streams.running()
        if running:
            dialog = QuitDialog(self._live, self._tasks, running, self._window)
            dialog.settled.connect(quit_program)
            dialog.open()
        else:
            quit_program()

    async def _look_at_streams(self) -> None:
        self._running = await self._live.streams.running()

    async def _stop_again(self) -> None:
        """Stops that did not get through are tried again also while the relay is off."""
        while True:
            await asyncio.sleep(STOP_AGAIN_S)
            if self._live.place is None and any(one.state is StreamState.UNKNOWN for one in self._running):
                await self._live.streams.retry()

    # what comes

    async def look(self) -> None:
        """Another process wrote: it may receive calls, too."""
        await self._look_at_streams()
        if any(one.name == CONNECTION for one in await self._app.connections.all()):
            self._know_connection()
            await self._app.library.refresh(CONNECTION)

    def _calls_changed(self) -> None:
        now = {call.session_id: call for call in self._live.calls}
        came = [call for session_id, call in now.items() if session_id not in self._known]
        over = [call for session_id, call in self._known.items() if session_id not in now]
        self._known = now
        (self._elapsing.start if now else self._elapsing.stop)()
        self._show_relay()
        for call in came:
            self._tasks.then(ROWS, self._came(call))
        for call in over:
            self._tasks.then(ROWS, self._over(call))

    async def _came(self, call: Capture) -> None:
        """A row of its own, and word of it wherever one is."""
        await self._app.library.detail(CONNECTION, call.session_id, fresh=True)
        self._know_connection()
        self._messages.done(
            f"A call has come in: {one_line(call.call_id)} of {one_line(call.connection)}.",
            about=call.session_id,
            button="Listen",
            act=lambda: self._sessions.session_chosen.emit(CONNECTION, call.session_id),
        )

    def _know_connection(self) -> None:
        """The first call of a home brings the connection that its sessions are of."""
        if self._sessions.connection.findData(CONNECTION) < 0:
            self._app.connections.connections_changed.emit()

    async def _over(self, call: Capture) -> None:
        """The row says how long it was; where it is open, its recording takes the place of the line."""
        detail = await self._app.library.detail(CONNECTION, call.session_id, fresh=True)
        self._messages.settled(call.session_id)
        self._app.ongoing.changed.emit(detail)

    def _lasts_ms(self, session: Session) -> int | None:
        call = self._known.get(session.session_id) if session.connection == CONNECTION else None
        return None if call is None else round((datetime.now(UTC) - call.began_at).total_seconds() * 1_000)

    def _show_relay(self) -> None:
        place = self._live.place
        self._status.show_relay("" if place is None else place.listening, len(self._live.calls_here))

    # commands

    def commands(self, menu: str) -> list[Command]:
        """All that can be done about calls."""
        own = [
            Command("calls.catch_up", "Catch up with the call", self.catch_up, menu, bare_keys=("E",)),
            Command("calls.speak", "Speak while V is held, or no longer", self.speaking.ask, menu),
            Command("calls.stream", "Listen to a call…", self.start_stream, menu, keys=("Ctrl+Shift+L",)),
            Command("calls.streams", "Streams…", self.show_streams, menu, keys=("Ctrl+Shift+S",)),
            Command("calls.relay", "Relay…", self.edit_relay, menu, begins_group=True),
            Command("calls.relays", "Relays elsewhere…", self.edit_relays, menu),
        ]
        if self._app.ringing:
            ring = "Let a sample call ring in"
            own.append(Command("calls.ring", ring, self.ring, menu, keys=("Ctrl+Shift+R",), begins_group=True))
        return own
