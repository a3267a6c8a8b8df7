"""One window per home: the first start keeps a lock and listens, a second hands over what it was asked for and ends."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from PySide6.QtCore import QLockFile

from qa_player.errors import StorageError
from qa_player.model.start import Request

LONGEST_PATH = 90
"""Sockets have short names on every system; a home that lies deeper is named by its digest."""

LONGEST_REQUEST = 32_768
LONGEST_NAME = 4_096
ANSWER_MS = 3_000


class Instance:
    """The claim of this process to a home. ``first`` says whether it holds; it ends with `release`."""

    def __init__(self, folder: Path) -> None:
        self._name = socket_name(folder)
        self._lock = QLockFile(str(folder / "window.lock"))
        self._lock.setStaleLockTime(0)
        self.first = self._lock.tryLock(0)
        self._server: object | None = None
        if self.first and os.name == "posix":
            with contextlib.suppress(OSError):
                (folder / "window.lock").chmod(0o600)

    def hand_over(self, request: Request | None) -> None:
        """Give ``request`` to the window that is open; raises StorageError when it does not answer."""
        from PySide6.QtNetwork import QLocalSocket

        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if socket.waitForConnected(ANSWER_MS):
            socket.write(json.dumps(asdict(request) if request else None).encode() + b"\n")
            if socket.waitForBytesWritten(ANSWER_MS) and socket.waitForReadyRead(ANSWER_MS):
                return
        raise StorageError(
            "Another window of QA Player has this folder open and does not answer.",
            "Bring it to the front or end it, then try again.",
        )

    def listen(self, wanted: Callable[[Request | None], object]) -> None:
        """Call ``wanted`` with what later starts ask for."""
        from PySide6.QtNetwork import QLocalServer

        server = QLocalServer()
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        QLocalServer.removeServer(self._name)
        if not server.listen(self._name):
            raise StorageError("A second start could not be listened for.", "Check the permissions of the folder.")
        server.newConnection.connect(lambda: _answer(server.nextPendingConnection(), wanted))
        self._server = server

    def release(self) -> None:
        """Let the next start be the first."""
        if self._server is not None:
            self._server.close()  # type: ignore[attr-defined]
            self._server = None
        if self.first:
            self._lock.unlock()
            self.first = False


def socket_name(folder: Path) -> str:
    """Where the window of ``folder`` listens: inside it, or, too deep for a socket, under its digest."""
    inside = folder / "window.socket"
    if os.name == "posix" and len(os.fsencode(inside)) <= LONGEST_PATH:
        return str(inside)
    return f"qa-player-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:24]}"


def read_request(line: bytes) -> Request | None:
    """A request as it came in, or null for the window alone and for anything that is none."""
    try:
        told = json.loads(line)
        connection, session_id, at_ms = told["connection"], told["session_id"], told["at_ms"]
        path = told.get("path")
    except (ValueError, TypeError, KeyError):
        return None
    named = (connection, session_id) if path is None else (path,)
    texts = all(isinstance(part, str) and 0 < len(part) <= LONGEST_NAME for part in named)
    whole = at_ms is None or (isinstance(at_ms, int) and 0 <= at_ms < 2**53)
    if not texts or not whole:
        return None
    return Request(connection, session_id, at_ms) if path is None else Request("", "", at_ms, path)


def _answer(socket, wanted: Callable[[Request | None], object]) -> None:  # type: ignore[no-untyped-def]
    def read() -> None:
        if socket.bytesAvailable() > LONGEST_REQUEST:
            socket.abort()
        elif socket.canReadLine():
            request = read_request(bytes(socket.readLine().data()))
            socket.write(b"ok\n")
            socket.flush()
            socket.disconnectFromServer()
            wanted(request)

    socket.readyRead.connect(read)
    socket.disconnected.connect(socket.deleteLater)
    read()
