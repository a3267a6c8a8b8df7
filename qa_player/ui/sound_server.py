"""Whether the sound server that this process is connected to still lives (PulseAudio, or PipeWire in its place).

Qt (6.11.3) holds one connection for the whole process, tells nobody when the server dies, tries once more some three
seconds later, and never again; a sink that is started without the connection aborts the process inside libpulse. So a
plain connection of ours stands beside Qt's: when it ends, no sink may be started until Qt's attempt can have worked.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import time
from pathlib import Path

_QT_TRIES_AGAIN_S = 2.0
"""A server that is back within this time (Qt waits some 3 s) is found by Qt's one attempt."""

_QT_HAS_TRIED_S = 5.0

_PATIENCE_S = 50.0
"""The server ends connections that say nothing after a minute: an end after this time is no death."""


class SoundServer:
    """Asked often from one thread; where no such server is found (other systems, other sound) it is always there."""

    def __init__(self, address: Path | None = None) -> None:
        self._address = address or _address()
        self._socket = self._connect()
        self._since = time.monotonic()
        self._lost_at: float | None = None
        self._back_in_time = False

    def alive(self) -> bool:
        """Whether a sink may be started now."""
        if self._lost_at is None and self._ended():
            self._renew()
        if self._lost_at is None:
            return True
        after = time.monotonic() - self._lost_at
        if not self._back_in_time and after < _QT_TRIES_AGAIN_S:
            self._socket = self._connect()
            self._back_in_time = self._socket is not None
        if self._back_in_time and after > _QT_HAS_TRIED_S:
            self._since, self._lost_at, self._back_in_time = time.monotonic(), None, False
        return self._lost_at is None

    def close(self) -> None:
        """Let the connection go."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _ended(self) -> bool:
        if self._socket is None:
            return False
        try:
            return self._socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def _renew(self) -> None:
        """Our connection has ended: by the server's impatience, or because the server died."""
        before = _peer(self._socket)
        now = time.monotonic()
        self.close()
        self._socket = self._connect()
        same = self._socket is not None and _peer(self._socket) == before
        if same and now - self._since > _PATIENCE_S:
            self._since = now
            return
        self._lost_at = now
        self._back_in_time = self._socket is not None

    def _connect(self) -> socket.socket | None:
        if self._address is None:
            return None
        connection = socket.socket(socket.AF_UNIX)
        with contextlib.suppress(OSError):
            connection.settimeout(0.2)
            connection.connect(str(self._address))
            connection.setblocking(False)
            return connection
        connection.close()
        return None


def _peer(connection: socket.socket | None) -> int | None:
    """The process at the other end."""
    if connection is None or not hasattr(socket, "SO_PEERCRED"):
        return None
    with contextlib.suppress(OSError):
        process: int = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
        return process
    return None


def _address() -> Path | None:
    """Where the server listens, as libpulse looks for it; null when it is not a socket of this machine."""
    if not hasattr(socket, "AF_UNIX"):
        return None
    named = os.environ.get("PULSE_SERVER", "")
    if named:
        path = named.rpartition("unix:")[2]
        return Path(path) if path.startswith("/") else None
    for variable, below in (("PULSE_RUNTIME_PATH", "native"), ("XDG_RUNTIME_DIR", "pulse/native")):
        folder = os.environ.get(variable)
        if folder and Path(folder, below).exists():
            return Path(folder, below)
    return None
