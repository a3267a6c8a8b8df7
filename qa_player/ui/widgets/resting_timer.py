"""When to do again what changes ask for: soon while it is quick, and seldom while it takes long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QTimer

REST, LONGEST_PAUSE_MS = 8, 2_000
"""It rests so many times as long as it last took: what arrives without end leaves the window to whoever works."""


class RestingTimer(QTimer):
    """``timeout`` once, ``pause_ms`` after `soon` was called, or later."""

    def __init__(self, pause_ms: int, parent: QObject) -> None:
        super().__init__(parent)
        self.setSingleShot(True)
        self._pause_ms = pause_ms
        self._took_ms = 0

    def soon(self) -> None:
        """Many calls make one ``timeout``."""
        if not self.isActive():
            self.start(max(self._pause_ms, min(REST * self._took_ms, LONGEST_PAUSE_MS)))

    @contextmanager
    def measured(self) -> Iterator[None]:
        """What is done inside is what takes long or does not."""
        before = time.monotonic()
        yield
        self._took_ms = round(1_000 * (time.monotonic() - before))
