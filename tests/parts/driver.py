"""The program in a process of its own, worked by lines on standard input: keys go in, what is seen comes out.

Run by `parts.person`. It knows Qt's widgets and no part of the program: what it cannot press or read, nobody can.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSocketNotifier, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QMainWindow, QWidget

from parts import accessible
from qa_player.files import Home
from qa_player.model.start import Request, Start
from qa_player.ui.main import application, run


@dataclass(frozen=True)
class Offered:
    """A sample connection of a stand-in that another process runs."""

    name: str
    provider: str
    base_url: str
    options: dict[str, str]
    key: str


@dataclass(frozen=True)
class Elsewhere:
    """Fits `qa_player.model.start.Demo`."""

    connections: list[Offered]


class PaintWatch(QObject):
    """Notes what is shown each time one of the widgets is painted and something else is shown than before."""

    def __init__(self, shows: Callable[[], object], *widgets: QWidget) -> None:
        super().__init__(widgets[0])
        self.log: list[tuple[int, object]] = []
        self._shows = shows
        for widget in widgets:
            widget.installEventFilter(self)
            widget.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            now = self._shows()
            if not self.log or self.log[-1][1] != now:
                self.log.append((time.monotonic_ns(), now))
        return super().eventFilter(watched, event)


class Stalls(QObject):
    """How long the window's thread was ever kept from a timer of 5 ms."""

    def __init__(self) -> None:
        super().__init__()
        self.longest_ms = 0.0
        self._before = time.perf_counter()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(5)

    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest_ms = max(self.longest_ms, (now - self._before) * 1e3)
        self._before = now


class Driver(QObject):
    """Does what each line asks and answers with a line of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._buffer = b""
        self._watches: dict[str, PaintWatch] = {}
        self._stalls: Stalls | None = None
        self._notifier = QSocketNotifier(0, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._take)

    def _take(self) -> None:
        piece = os.read(0, 65_536)
        if not piece:
            os._exit(70)
        self._buffer += piece
        while b"\n" in self._buffer:
            line, _, self._buffer = self._buffer.partition(b"\n")
            asked = json.loads(line)
            answer = getattr(self, asked.pop("do"))(**asked)
            os.write(1, json.dumps(answer).encode() + b"\n")

    # hands

    def key(self, key: str) -> int:
        """Press a key; when that was, in monotonic nanoseconds."""
        pressed, at_ns = QKeySequence(key)[0], time.monotonic_ns()
        QTest.keyClick(self._focused(), pressed.key(), pressed.keyboardModifiers())
        return at_ns

    def words(self, text: str) -> None:
        QTest.keyClicks(self._focused(), text)

    def copied(self, text: str) -> None:
        """Have ``text`` on the clipboard."""
        QApplication.clipboard().setText(text)

    def forward(self) -> bool:
        """As a window manager would: the window takes the keys."""
        shell = self._shell()
        if shell is not None:
            shell.activateWindow()
        return shell is not None and QApplication.activeWindow() is shell

    def close(self) -> None:
        shell = self._shell()
        if shell is not None:
            QTimer.singleShot(0, shell.close)

    # eyes

    def labels(self) -> list[str]:
        """The words of all labels that are seen."""
        widgets = [widget for widget in QApplication.allWidgets() if isinstance(widget, QLabel)]
        return [label.text().replace("\u200b", "") for label in widgets if label.isVisible() and label.text()]

    def tree(self) -> list[dict[str, str]]:
        """What a screen reader reads of the window that has the keys."""
        window = QApplication.activeModalWidget() or self._shell()
        read = [] if window is None else accessible.walk(window)
        return [
            {"role": one.role.name, "name": one.name, "description": one.description, "value": one.value}
            for one in read
        ]

    def described(self, name: str) -> str | None:
        found = self._named(name)
        return None if found is None else found.accessibleDescription()

    def there(self, name: str) -> bool:
        found = self._named(name)
        return found is not None and found.isVisible() and found.isEnabled()

    def focus(self) -> str:
        focused = QApplication.focusWidget()
        return "" if focused is None else focused.accessibleName()

    def dialog(self) -> str:
        """The title of the dialog that takes the keys; one that has just come up may not yet."""
        modal = QApplication.activeModalWidget()
        return modal.windowTitle() if modal is not None and modal.isActiveWindow() else ""

    def title(self) -> str:
        """The words of the player's largest label: what is open."""
        found = [
            one for one in QApplication.allWidgets() if isinstance(one, QLabel) and one.property("kind") == "title"
        ]
        return found[0].text() if found else ""

    def watch(self) -> None:
        """From now on note when the active turn and the highlight are other ones at a paint.

        Where the highlight is in sight the label says the turn to assistive technology only and is not painted itself.
        """
        label, view = self._named("Active turn"), self._named("Transcript")
        assert label is not None
        assert isinstance(view, QAbstractItemView)
        self._watches = {
            "label": PaintWatch(label.accessibleDescription, label, view.viewport()),
            "highlight": PaintWatch(lambda: list(view.model().active), view.viewport()),  # type: ignore[attr-defined]
        }

    def painted(self) -> dict[str, list[tuple[int, object]]]:
        return {name: watch.log for name, watch in self._watches.items()}

    # the machine

    def stalls(self, on: bool) -> float:
        """Begin to watch for stalls, or end it and say how long the longest was, in milliseconds."""
        if on:
            self._stalls = Stalls()
            return 0.0
        longest, self._stalls = (self._stalls.longest_ms if self._stalls else 0.0), None
        return longest

    def stall(self, seconds: float) -> None:
        time.sleep(seconds)

    def fill(self, folder: str) -> int:
        """Write into ``folder`` until its disk takes no byte more; how many it took."""
        took = 0
        with (Path(folder) / "ballast").open("wb", buffering=0) as ballast:
            for size in (65_536, 4_096, 512, 1):
                with contextlib.suppress(OSError):
                    while True:
                        took += ballast.write(bytes(size))
        return took

    def unfill(self, folder: str) -> None:
        (Path(folder) / "ballast").unlink()

    def _focused(self) -> QWidget:
        target = QApplication.focusWidget() or QApplication.activeModalWidget() or self._shell()
        assert target is not None
        return target

    def _shell(self) -> QMainWindow | None:
        return next((one for one in QApplication.topLevelWidgets() if isinstance(one, QMainWindow)), None)

    def _named(self, name: str) -> QWidget | None:
        found = [widget for widget in QApplication.allWidgets() if widget.accessibleName() == name]
        return next((widget for widget in found if widget.isVisible()), found[0] if found else None)


def _first_line() -> dict[str, Any]:
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(0, 1)
        if not piece:
            raise OSError(errno.EPIPE, "nobody says what to start")
        line += piece
    told: dict[str, Any] = json.loads(line)
    return told


def main() -> int:
    """Start what the first line asks for and stay until it ends."""
    told = _first_line()
    application()
    driver = Driver()
    connections = [Offered(**one) for one in told["connections"]]
    request = Request(*told["request"]) if told["request"] else None
    demo = Elsewhere(connections) if connections else None
    status = run(Start(Home(Path(told["home"])), request, demo, tuple(told["ringing"])))
    del driver
    return status


if __name__ == "__main__":
    sys.exit(main())
