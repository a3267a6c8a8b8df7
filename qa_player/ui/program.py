"""The program behind the painted window: builds the graph, serves until it is asked to stop, takes everything down."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import os
import signal
from typing import Any

from PySide6.QtCore import Qt, SignalInstance
from PySide6.QtWidgets import QMainWindow

from qa_player.app import App, build
from qa_player.errors import QaPlayerError
from qa_player.model.start import Request, Start
from qa_player.settings import read_settings, write_settings
from qa_player.ui import crash
from qa_player.ui.audio_output import AudioOutput
from qa_player.ui.instance import Instance
from qa_player.ui.main_window import MainWindow
from qa_player.ui.tasks import Tasks

CLOSING_SECONDS = 15.0
COLLECTED_AFTER = (4_000, 20, 100)
"""How many values more than before, how often the young and how often the rest before all of them are gone through."""

_LATER = (
    "qa_player.providers.http",
    "qa_player.media.cache",
    "qa_player.media.engine",
    "qa_player.media.peaks.pyramid",
)
"""Loaded while nobody waits for them: what listing and playing will need."""


def _load(*modules: str) -> None:
    for module in modules:
        importlib.import_module(module)


class Program:
    """Builds the graph behind the painted window, serves until it is asked to stop, and takes everything down."""

    def __init__(self, shell: QMainWindow, closing: SignalInstance, start: Start, instance: Instance) -> None:
        self.shell = shell
        self.window: MainWindow | None = None
        self._start, self._instance = start, instance
        self._stop = asyncio.Event()
        closing.connect(self.close)
        self._again = asyncio.Event()
        self._warned = False
        self._output: AudioOutput | None = None
        self.tasks = Tasks(trouble=self._tell, bug=self._bug)

    async def serve(self) -> int:
        """From the painted shell to the last closed file."""
        loop = asyncio.get_running_loop()
        crash.catch(self._told)
        loop.set_exception_handler(self._loop_failed)
        self._on_signals(loop)
        app: App | None = None
        try:
            app = await self._opened()
            if app is not None:
                await self._stop.wait()
        finally:
            await self._end(app)
        return 0

    async def _opened(self) -> App | None:
        """The furnished window and its graph; null when it is closed before."""
        self.window = MainWindow(self.shell)
        while not self._stop.is_set():
            self._again.clear()
            try:
                return await self._joined(self.window)
            except QaPlayerError as error:
                self.window.panels.sessions.placeholder.tell(
                    error.message, error.next_step, button="Try again", act=self._again.set
                )
                await self._either(self._stop, self._again)
        return None

    async def _joined(self, window: MainWindow) -> App:
        # loading takes longer than a frame, in a thread the window goes on
        await asyncio.to_thread(_load, "qa_player.store.database")
        app = await build(self._start)
        try:
            app.output = self._sound(app.settings.output_device)
            window.attach(app, self.tasks, quit_program=self.close, sound=self._output)
            window.restore_columns(app.settings.window_geometry)
            if self._output is not None:
                self._output.changed.connect(lambda there: app.playback.set_output(self._output if there else None))
            self._instance.listen(self._requested)
        except BaseException:
            await app.aclose()
            raise
        self.tasks.start("load", self._load_later())
        if self._start.request is not None and window.opening is not None:
            window.opening.open_request(self._start.request)
        return app

    async def _load_later(self) -> None:
        await asyncio.to_thread(_load, *_LATER)
        # the collector stops every thread: going through all that was loaded took it up to 80 ms each time
        gc.freeze()
        # going through what came since, as the frames of calls, took it 30 ms every second
        gc.set_threshold(*COLLECTED_AFTER)

    def _sound(self, device_id: str) -> AudioOutput | None:
        if self._output is None:
            self._output = AudioOutput()
        self._output.choose(device_id)
        return self._output if self._output.available else None

    def _requested(self, request: Request | None) -> None:
        """A second start: come forward, and open what it asks for."""
        self.shell.setWindowState(self.shell.windowState() & ~Qt.WindowState.WindowMinimized)
        self.shell.raise_()
        self.shell.activateWindow()
        if request is not None and self.window is not None and self.window.opening is not None:
            self.window.opening.open_request(request)

    def close(self) -> None:
        """Ask for the end; words that were not kept yet are pointed out once."""
        if self.window is not None and self.window.panels.annotations.unsaved() and not self._warned:
            self._warned = True
            self.window.panels.messages.trouble(
                "An annotation is being written and is not kept yet.",
                "Keep it with Ctrl+Enter, or close again: it waits in its session.",
                button="Close without it",
                act=self._stop.set,
            )
            return
        desk = None if self.window is None else self.window.desk
        if desk is None or not desk.calling.leave(self._stop.set):
            self._stop.set()

    async def _end(self, app: App | None) -> None:
        """Quiet first, then what is being saved, then every part in the order in which they need each other."""
        async with contextlib.AsyncExitStack() as ends:
            # the last one given is the first one called, and one that fails stops none of the others
            ends.callback(self.shell.deleteLater)
            if self._output is not None:
                ends.callback(self._output.close)
            if app is not None:
                ends.push_async_callback(self._close_graph, app)
                ends.push_async_callback(self._keep_geometry, app)
            ends.push_async_callback(self.tasks.close)
            if self.window is not None and self.window.desk is not None:
                ends.callback(self.window.desk.settle)
            if app is not None:
                ends.callback(app.playback.pause)
            ends.callback(self.shell.hide)

    async def _close_graph(self, app: App) -> None:
        try:
            await asyncio.wait_for(app.aclose(), CLOSING_SECONDS)
        except TimeoutError as slow:
            crash.write_down(slow)

    async def _keep_geometry(self, app: App) -> None:
        if self.window is not None:
            geometry = {"window_geometry": self.window.geometry()}
            try:
                # what was chosen on the command line meanwhile stays chosen
                kept = (await asyncio.to_thread(read_settings, app.home)).model_copy(update=geometry)
                await asyncio.to_thread(write_settings, app.home, kept)
            except QaPlayerError as error:
                crash.write_down(error)

    # trouble

    def _tell(self, error: QaPlayerError, name: str) -> None:
        if self.window is not None:
            self.window.panels.messages.trouble(error.message, error.next_step, about=name)

    def _bug(self, bug: BaseException, _name: str) -> None:
        crash.write_down(bug)
        self._told(bug)

    def _told(self, _bug: BaseException) -> None:
        if self.window is not None:
            self.window.panels.messages.trouble(
                "Something went wrong that should not have.",
                "What was saved is safe. The place in the program, and nothing of what was said, is in the log.",
            )

    def _loop_failed(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            self._bug(error, "loop")

    def _on_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        if os.name == "posix":
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self._stop.set)

    async def _either(self, *events: asyncio.Event) -> None:
        waiting = [asyncio.ensure_future(event.wait()) for event in events]
        _, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
