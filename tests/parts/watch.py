"""What no test may do unseen: log a warning, leave a thread or a window behind, reach for the network."""

from __future__ import annotations

import contextlib
import gc
import ipaddress
import logging
import re
import socket
import sys
import threading
import time
from collections.abc import Iterator

_NEVER_REGISTERED = ".invalid"
_far: list[str] = []


class UnexpectedLog(logging.Handler):
    """Keeps every record of WARNING and above that nobody expected."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @contextlib.contextmanager
    def expect(self, pattern: str) -> Iterator[None]:
        """Records of the block whose message has ``pattern`` are expected; there must be one."""
        before = len(self.records)
        yield
        during = self.records[before:]
        expected = [record for record in during if re.search(pattern, record.getMessage())]
        assert expected, f"nothing was logged that has {pattern!r}"
        self.records = [record for record in self.records if record not in expected]

    def complaints(self) -> list[str]:
        """One line for each unexpected record, and for each logger that was switched off and says nothing any more."""
        known = logging.getLogger().manager.loggerDict
        off = [name for name, logger in known.items() if isinstance(logger, logging.Logger) and logger.disabled]
        for name in off:
            logging.getLogger(name).disabled = False
        return [f"switched off a logger: {name}" for name in off] + self._lines()

    def _lines(self) -> list[str]:
        return [f"logged: {record.levelname} {record.name}: {record.getMessage()}" for record in self.records]


@contextlib.contextmanager
def unexpected_log() -> Iterator[UnexpectedLog]:
    """Watch the root logger for the length of the block."""
    handler = UnexpectedLog()
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield handler
    finally:
        root.removeHandler(handler)


def threads() -> set[threading.Thread]:
    """The threads that somebody has to end; those Qt made show up as dummies and belong to it."""
    return {thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)}


def threads_left(before: set[threading.Thread], *, seconds: float = 2.0) -> list[str]:
    """One line for each thread that was not there ``before`` and does not end in time."""
    deadline = time.monotonic() + seconds
    while (left := threads() - before) and time.monotonic() < deadline:
        time.sleep(0.005)
    return [f"left a thread: {thread.name}" for thread in left]


def windows() -> set[object]:
    """The top-level widgets there are; empty while no test has loaded Qt's widgets."""
    if "PySide6.QtWidgets" not in sys.modules:
        return set()
    from PySide6.QtWidgets import QApplication

    return set(QApplication.topLevelWidgets()) if QApplication.instance() else set()


def windows_left(before: set[object]) -> list[str]:
    """One line for each top-level widget that was not there ``before``; they are destroyed for the next test."""
    if not windows() - before:
        return []
    import shiboken6
    from PySide6.QtCore import QCoreApplication, QEvent

    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [widget for widget in windows() - before if shiboken6.isValid(widget)]
    complaints = [f"left a window: {type(widget).__name__} {widget.objectName()!r}" for widget in left]
    for widget in left:
        if shiboken6.isValid(widget):
            shiboken6.delete(widget)
    return complaints


def guard_network() -> None:
    """Refuse, for the rest of this process, every connection that leaves this machine, and remember it.

    Names under ``.invalid`` are answered as a resolver does: no such name. Programs that a test starts are not watched.
    """
    sys.addaudithook(_refuse_far)


def far_connections() -> list[str]:
    """One line for each refused connection since the last call."""
    lines = [f"reached for the network: {host}" for host in _far]
    _far.clear()
    return lines


def _refuse_far(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    name = host.decode(errors="replace") if isinstance(host, bytes) else host
    if not isinstance(name, str) or _is_near(name):
        return
    if name.endswith(_NEVER_REGISTERED):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    _far.append(name)
    raise PermissionError(f"a test may not reach {name}")


def _is_near(host: str) -> bool:
    if host in ("", "localhost") or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
