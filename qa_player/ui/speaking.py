"""Push to talk: a voice goes into a call only while a key is held, after it was switched on for that one call."""

from __future__ import annotations

import asyncio
import time

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from qa_player.errors import QaPlayerError
from qa_player.model.live import Capture
from qa_player.services.live import Live
from qa_player.ui.microphone import Microphone
from qa_player.ui.panels.live_call import LiveCallPanel
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.message_bar import MessageBar

KEY = Qt.Key.Key_V
GRACE_MS = 60
"""A key that repeats goes up and down, and X11 does not always say that this is what it does."""

_TYPED_IN = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox)
_ABOUT = "speaking"


class PushToTalk(QObject):
    """While it is off for the open call no event passes here and the microphone is closed."""

    def __init__(
        self, window: QWidget, live: Live, tasks: Tasks, *, panel: LiveCallPanel, messages: MessageBar
    ) -> None:
        super().__init__(window)
        self._window, self._live, self._tasks, self._panel, self._messages = window, live, tasks, panel, messages
        self._call: Capture | None = None
        self._on = False
        self._held_since: float | None = None
        self._said: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._microphone = Microphone(self._heard, self)
        self._release = QTimer(self)
        self._release.setSingleShot(True)
        self._release.setInterval(GRACE_MS)
        self._release.timeout.connect(self.end)
        panel.shown.connect(self._shown)
        panel.speak.clicked.connect(self.switch)
        panel.hold.pressed.connect(self.begin)
        panel.hold.released.connect(self.end)

    def _heard(self, data: bytes) -> None:
        self._said.put_nowait(data)

    def ask(self) -> None:
        """The other way than it is, where the open call can carry a voice."""
        elsewhere = self._call is not None and self._live.relays.at(self._call.session_id) is not None
        if self._call is None or elsewhere or not self._call.wish.bidirectional:
            words = "Open a call in progress first." if self._call is None else "Start its stream with sound both ways."
            words = "It is received by a relay elsewhere; speak from the window there." if elsewhere else words
            self._messages.trouble("Nothing that is open carries your voice.", words, about=_ABOUT)
        else:
            self.switch(not self._on)

    def switch(self, on: bool) -> None:
        """Let one speak into the open call, or no longer."""
        self.end()
        if self._call is not None:
            self._tasks.then("speaking-switch", self._switch(self._call.session_id, on=on), trouble=self._refused)

    async def _switch(self, session_id: str, *, on: bool) -> None:
        await self._live.speaking.switch(session_id, on=on)
        if self._call is not None and self._call.session_id == session_id:
            self._become(on)

    def begin(self) -> None:
        """From now on one is heard in the call."""
        self._release.stop()
        if self._call is None or not self._on or self._held_since is not None:
            return
        try:
            self._microphone.open()
        except QaPlayerError as error:
            self._refused(error)
            return
        self._held_since = time.monotonic()
        self._said = asyncio.Queue()
        self._panel.show_speaking(on=True, held=True)
        self._tasks.then("speaking", self._say(self._call.session_id, self._said), trouble=self._refused)

    def end(self) -> None:
        """One is not heard any more; not having been is no error."""
        self._release.stop()
        since, self._held_since = self._held_since, None
        if since is None:
            return
        self._microphone.close()
        self._said.put_nowait(None)
        self._panel.show_speaking(on=self._on, held=False)
        if self._call is not None:
            lasted_ms = round((time.monotonic() - since) * 1_000)
            self._tasks.then("speaking", self._live.speaking.spoke(self._call.session_id, lasted_ms))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The key goes down and up; when another window gets the keys, nobody will tell us of it."""
        if event.type() == QEvent.Type.ApplicationDeactivate or (
            event.type() == QEvent.Type.WindowDeactivate and watched is self._window
        ):
            self.end()
        elif isinstance(event, QKeyEvent) and event.key() == KEY and event.type() in _KEY_EVENTS:
            return self._key(event)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        """Whether the event was ours."""
        if event.type() == QEvent.Type.KeyRelease:
            if not event.isAutoRepeat() and self._held_since is not None:
                self._release.start()
            return self._held_since is not None
        typed = isinstance(QApplication.focusWidget(), _TYPED_IN) or QApplication.activeModalWidget() is not None
        if typed or event.modifiers():
            return False
        if self._held_since is None:
            self.begin()
        self._release.stop()
        return True

    async def _say(self, session_id: str, said: asyncio.Queue[bytes | None]) -> None:
        import numpy as np

        while (data := await said.get()) is not None:
            await self._live.speaking.say(session_id, np.frombuffer(data, np.int16))

    def _shown(self, call: Capture | None) -> None:
        """Another call, or none: nobody goes on being heard in the one before."""
        self.end()
        self._call = call
        self._become(call is not None and self._live.speaking.is_on(call.session_id))

    def _become(self, on: bool) -> None:
        application = QApplication.instance()
        if application is not None and on != self._on:
            (application.installEventFilter if on else application.removeEventFilter)(self)
        self._on = on
        self._panel.show_speaking(on=on, held=False)

    def _refused(self, error: QaPlayerError) -> None:
        self.end()
        self._panel.show_speaking(on=self._on, held=False)
        self._messages.trouble(error.message, error.next_step, about=_ABOUT)


_KEY_EVENTS = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
