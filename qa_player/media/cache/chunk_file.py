"""One recording part on disk: plain chunks of 64 KiB, each sealed whole, at a fixed stride in a sparse file.

Each chunk has its own nonce, and its recording and number as associated data, so a chunk that is moved, exchanged, cut
or flipped does not open. A new generation of the recording gets a new key: what was sealed under the old one is gone.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from pathlib import Path

from qa_player import sealed
from qa_player.errors import IntegrityError
from qa_player.files import PRIVATE_FILE, storage_errors, sync_folder

CHUNK = 64 * 1024
"""Plain bytes in one chunk; the last one of a recording is shorter."""

STRIDE = CHUNK + sealed.OVERHEAD
_LOCK_PLACE = 2**40
_PICTURE = ".peaks"
"""A byte past every chunk: Windows locks ranges, and a locked range cannot be read by others."""


class ChunkFile:
    """Sealed chunks by number, from any thread. One process at a time may hold the lock; only it may write."""

    def __init__(self, path: Path, cache_id: str) -> None:
        self._path = path
        self._place = b"chunk:" + cache_id.encode() + b":"
        self._turn = threading.Lock()
        self._locked = False
        self._handle = self._open()

    def _open(self) -> int:
        with storage_errors():
            return os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), PRIVATE_FILE)

    @property
    def locked(self) -> bool:
        """Whether this process is the one that may write."""
        return self._locked

    def try_lock(self) -> bool:
        """Become the writer if nobody else is; a file that was removed meanwhile is made anew."""
        while not self._locked:
            if not _lock(self._handle):
                return False
            with storage_errors(), contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(self._handle), os.stat(self._path)):
                    self._locked = True
                    break
            os.close(self._handle)
            self._handle = self._open()
        return True

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self._path

    @property
    def picture(self) -> Path:
        """The file beside it that holds the recording's peaks."""
        return self._path.with_suffix(_PICTURE)

    def write(self, key: bytes, number: int, plain: bytes) -> None:
        """Seal ``plain`` as chunk ``number``. Raises DiskFullError or StorageError; the chunk is then not there."""
        piece = sealed.seal(key, plain, place=self._place_of(number))
        with self._turn, storage_errors():
            os.lseek(self._handle, number * STRIDE, os.SEEK_SET)
            view = memoryview(piece)
            while view:
                view = view[os.write(self._handle, view) :]

    def read(self, key: bytes, number: int, length: int) -> bytes:
        """The ``length`` plain bytes of chunk ``number``; raises IntegrityError when they are not what was written."""
        with self._turn, storage_errors():
            os.lseek(self._handle, number * STRIDE, os.SEEK_SET)
            piece = os.read(self._handle, length + sealed.OVERHEAD)
        plain = sealed.unseal(key, piece, place=self._place_of(number))
        if len(plain) != length:
            raise IntegrityError("A recording on this disk is shorter than it was.", "Fetch the recording again.")
        return plain

    def clear(self) -> None:
        """Drop every chunk."""
        with self._turn, storage_errors():
            os.ftruncate(self._handle, 0)

    def sync(self) -> None:
        """Make all chunks last through a power cut."""
        with storage_errors():
            os.fsync(self._handle)
            sync_folder(self._path.parent)

    def remove(self) -> None:
        """Drop the file itself; only the writer may."""
        self.clear()
        if sys.platform == "win32":
            self.close()
        with storage_errors():
            self._path.unlink(missing_ok=True)
            self.picture.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Give the lock and the file back; safe to call twice."""
        with self._turn:
            if self._handle >= 0:
                os.close(self._handle)
            self._handle = -1
            self._locked = False

    def _place_of(self, number: int) -> bytes:
        return self._place + str(number).encode()


def picture_bytes(folder: Path) -> dict[str, int]:
    """How large the picture of each recording in ``folder`` is, by cache id; none where there is no folder yet."""
    with storage_errors():
        return {path.stem: path.stat().st_size for path in folder.glob(f"*{_PICTURE}")}


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> bool:
        os.lseek(handle, _LOCK_PLACE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
