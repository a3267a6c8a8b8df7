"""Which process is the relay of a home: the one that holds a lock, for as long as it lives."""

from __future__ import annotations

import os
from pathlib import Path

from qa_player.files import PRIVATE_FILE, private_folder, storage_errors, take_lock


class RelayLock:
    """Held by the one process that is the relay of a home, for as long as it lives."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "relay.lock"
        self._handle = -1

    def take(self) -> bool:
        """Whether it is ours now; blocks a moment. Raises StorageError."""
        private_folder(self._path.parent)
        with storage_errors():
            self._handle = os.open(self._path, os.O_CREAT | os.O_RDWR, PRIVATE_FILE)
        if take_lock(self._handle):
            return True
        self.release()
        return False

    def is_free(self) -> bool:
        """Whether nobody holds it."""
        free = self.take()
        self.release()
        return free

    def release(self) -> None:
        """Give it back; safe to call twice."""
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = -1
