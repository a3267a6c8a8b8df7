"""The whole window over real services and the stand-in providers, and hands to work it with."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from parts.loop import wait_until
from qa_player.app import App, build
from qa_player.demo.streaming import LIVE_CALLS
from qa_player.errors import QaPlayerError
from qa_player.files import Home
from qa_player.model.start import Demo, Start
from qa_player.ui.desk import Desk
from qa_player.ui.main import Shell
from qa_player.ui.main_window import MainWindow
from qa_player.ui.panels.furniture import Panels
from qa_player.ui.tasks import Tasks


@dataclass
class Room:
    """A furnished window. ``bugs`` and ``troubles`` are what reached the last resort; tests say which they expect."""

    shell: Shell
    window: MainWindow
    app: App
    tasks: Tasks
    bugs: list[BaseException] = field(default_factory=list)
    troubles: list[QaPlayerError] = field(default_factory=list)

    @property
    def desk(self) -> Desk:
        assert self.window.desk is not None
        return self.window.desk

    @property
    def panels(self) -> Panels:
        return self.window.panels

    async def until(self, condition: Callable[[], object], timeout: float = 30.0) -> None:
        """Let the window work until ``condition`` holds."""
        try:
            await wait_until(condition, timeout)
        except AssertionError as late:
            shown = (
                self.panels.messages.text(),
                self.panels.sessions.notice.text(),
                self.panels.transcript.placeholder.text(),
            )
            raise AssertionError(f"{late}; bugs {self.bugs}; troubles {self.troubles}; shown {shown}") from None

    async def open(self, subject: str, *, loaded: bool = True) -> None:
        """Open the session whose row bears ``subject``, as a click on it does."""
        rows = self.panels.sessions.list.sessions
        await self.until(lambda: any(subject in rows.row_text(at) for at in range(rows.rowCount())))
        at = next(at for at in range(rows.rowCount()) if subject in rows.row_text(at))
        self.panels.sessions.list.row_chosen.emit(rows.index(at, 0))
        if loaded:
            await self.until(lambda: self.panels.player.title.text() == subject)
            await self.until(lambda: not self.tasks.running("open-session") and not self.tasks.running("review-load"))

    async def press(
        self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier, on: QWidget | None = None
    ) -> None:
        """Press a key where the focus is, or on a widget that is given it first."""
        if on is not None:
            on.setFocus()
            await self.until(on.hasFocus)
        target = QApplication.focusWidget() or self.shell
        QTest.keyClick(target, key, modifiers)
        await asyncio.sleep(0)

    async def type(self, text: str, on: QWidget) -> None:
        """Type into a field."""
        on.setFocus()
        await self.until(on.hasFocus)
        QTest.keyClicks(on, text)
        await asyncio.sleep(0)

    async def close(self) -> None:
        """As the program does it."""
        self.shell.hide()
        self.desk.settle()
        await self.tasks.close()
        await self.app.aclose()


async def furnish(home: Home, demo: Demo | None, application: QApplication) -> Room:
    """The window as the program furnishes it, on a silent clock, with a keychain that lives here only."""
    from qa_player.ui import theme

    theme.apply(application, "light")
    shell = Shell({})
    window = MainWindow(shell)
    bugs: list[BaseException] = []
    troubles: list[QaPlayerError] = []

    def trouble(error: QaPlayerError, name: str) -> None:
        troubles.append(error)
        window.panels.messages.trouble(error.message, error.next_step, about=name)

    tasks = Tasks(trouble=trouble, bug=lambda bug, _name: bugs.append(bug))
    app = await build(Start(home, demo=demo, ringing=() if demo is None else LIVE_CALLS))
    window.attach(app, tasks, quit_program=lambda: None)
    shell.show()
    shell.activateWindow()
    room = Room(shell, window, app, tasks, bugs, troubles)
    await room.until(lambda: QApplication.activeWindow() is shell)
    return room


class StallWatch:
    """How long the loop was ever kept from its next turn, in seconds, while the watch was on."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> StallWatch:
        self._task = asyncio.create_task(self._watch(), name="stall watch")
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _watch(self) -> None:
        before = time.perf_counter()
        while True:
            await asyncio.sleep(0.005)
            now = time.perf_counter()
            self.longest = max(self.longest, now - before)
            before = now
