"""From nothing to the first paint: one application, one loop; what is slow to load comes after."""

from __future__ import annotations

import os
import sys
import tomllib
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QObject, QSize, Signal
from PySide6.QtGui import QCloseEvent, QIcon
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QMainWindow

from qa_player.errors import NoDisplayError
from qa_player.files import Home, resource
from qa_player.model.start import Start
from qa_player.ui import theme
from qa_player.ui.instance import Instance

FIRST_SIZE = QSize(1440, 900)
CLOSING_SECONDS = 15.0
SWITCH_SECONDS = 0.001


class Shell(QMainWindow):
    """The window before there is anything in it; ``closing`` asks for the end, which is not the window's to make."""

    closing = Signal()

    def __init__(self, kept: dict[str, Any]) -> None:
        super().__init__()
        self.setWindowTitle("QA Player")
        self.resize(FIRST_SIZE.boundedTo(self.screen().availableSize()))
        geometry = str(kept.get("window_geometry", "")).partition(";")[0]
        if geometry:
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode("ascii", "replace")))
        self.painted = False
        body = QFrame()
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(_column(290))
        row.addStretch(1)
        row.addWidget(_column(310))
        self.setCentralWidget(body)
        self.menuBar()
        body.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.painted = True
        return super().eventFilter(watched, event)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()
        self.closing.emit()


def _column(width: int) -> QFrame:
    column = QFrame()
    column.setProperty("kind", "panel")
    column.setFixedWidth(width)
    return column


def run(start: Start) -> int:
    """Open the window of ``start.home`` and stay until it is closed; returns the process status.

    A second start for the same home hands over what it was asked for and returns 0. Raises StorageError and
    UsageError when the home cannot be used at all, NoDisplayError where there is no screen.
    """
    _need_display()
    start.home.claim()
    instance = Instance(start.home.folder)
    try:
        if not instance.first:
            instance.hand_over(start.request)
            return 0
        return _first(start, instance)
    finally:
        instance.release()


def _need_display() -> None:
    """Qt ends the process where there is no screen; a sentence is better."""
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in named):
        raise NoDisplayError(
            "There is no display here to open a window on.",
            "Start it from a desktop, or on a virtual display: xvfb-run -a qa-player. "
            "The sample sessions are served without a window by `qa-player demo --headless`.",
        )


def _first(start: Start, instance: Instance) -> int:
    os.environ.setdefault("QT_API", "pyside6")
    # numpy's threads would take the cores from the sound
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    app = application()
    kept = glance_at_settings(start.home)
    scheme = kept.get("theme")
    theme.apply(app, scheme if scheme in ("light", "dark") else "system")
    shell = Shell(kept)
    shell.show()
    while not shell.painted and shell.isVisible():
        app.processEvents()
    return _served(app, shell, start, instance)


def application() -> QApplication:
    """The one application of the process."""
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("qa-player")
    app.setDesktopFileName("qa-player")
    app.setQuitOnLastWindowClosed(False)
    app.setWindowIcon(QIcon(str(resource("icons", "app.svg"))))
    return app


def glance_at_settings(home: Home) -> dict[str, Any]:
    """What the first paint needs of the settings; whatever is wrong with them is told later, in words."""
    try:
        return tomllib.loads(home.settings_file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def _served(app: QApplication, shell: Shell, start: Start, instance: Instance) -> int:
    import asyncio

    import qasync

    from qa_player.ui import crash
    from qa_player.ui.program import Program

    crash.keep_log(start.home.log_file)
    # a thread that works in Python keeps the window waiting so long at every call into Qt; there are many in a frame
    sys.setswitchinterval(SWITCH_SECONDS)
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    program = Program(shell, shell.closing, start, instance)
    try:
        return int(loop.run_until_complete(program.serve()))
    finally:
        left = [task for task in asyncio.all_tasks(loop) if not task.done()]
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=CLOSING_SECONDS))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        asyncio.set_event_loop(None)
        loop.close()
