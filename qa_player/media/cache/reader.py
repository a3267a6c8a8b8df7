"""A recording as a file that waits: what decoders read, in any thread but the loop's.

It blocks until the bytes are here, the fetch has failed, or its owner no longer wants them.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from qa_player.errors import IntegrityError, RecordingReplacedError, StorageError
from qa_player.media.cache.chunk_file import CHUNK
from qa_player.media.cache.holdings import Holdings, Sealed
from qa_player.media.container.headers import ReadCancelled

__all__ = ["ReadCancelled", "RecordingReader"]

_LOOK_S = 0.02
"""How often a waiting reader asks whether it is still wanted."""


class RecordingReader:
    """A file-like view with a position of its own; one thread at a time uses one reader.

    It belongs to the generation of the first byte it read: when the provider replaces the recording, later reads raise
    RecordingReplacedError and a new reader must be made. Other errors are the fetch's own (NetworkError,
    GoneError, IntegrityError, DiskFullError …). Reads may be short; empty means the end.
    """

    def __init__(
        self,
        holdings: Holdings,
        cancelled: Callable[[], bool],
        wake: Callable[[], None],
        *,
        urgent: bool,
    ) -> None:
        self._holdings = holdings
        self._cancelled = cancelled
        self._wake = wake
        self._urgent = urgent
        self._position = 0
        self._generation: int | None = None
        self._chunk: tuple[Sealed, bytes] | None = None

    @property
    def size(self) -> int | None:
        """The length in bytes; waits until an answer says it, null when none did."""
        with self._holdings.condition:
            self._await(lambda: b"" if self._holdings.known else None, 0)
            return self._holdings.total

    def seekable(self) -> bool:
        """Whether any byte can be reached: the length is known. Waits like ``size``."""
        return self.size is not None

    def readable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The place of the next byte."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to another place, past the end too; from the end only when the length is known (else StorageError)."""
        if whence == os.SEEK_CUR:
            offset += self._position
        elif whence == os.SEEK_END:
            size = self.size
            if size is None:
                raise StorageError("The recording's length is not known yet.", "Wait until all of it is here.")
            offset += size
        if offset < 0:
            raise ValueError("a recording has no bytes before its first")
        self._position = offset
        return offset

    def read(self, count: int = -1) -> bytes:
        """Up to ``count`` bytes, at least one unless the recording ends here; negative: all to the end."""
        if count < 0:
            return self._read_all()
        if count == 0:
            return b""
        piece = self._piece(count)
        self._position += len(piece)
        return piece

    def _read_all(self) -> bytes:
        out = bytearray()
        while piece := self.read(CHUNK):
            out += piece
        return bytes(out)

    def _piece(self, count: int) -> bytes:
        while True:
            with self._holdings.condition:
                found = self._await(self._look, self._position)
            if not isinstance(found, Sealed):
                return found[:count]
            offset = self._position % CHUNK
            if self._chunk is None or self._chunk[0] != found:
                try:
                    self._chunk = found, self._holdings.open(found)
                except IntegrityError:
                    with self._holdings.condition:
                        if found.generation == self._holdings.generation and not self._holdings.repairable:
                            raise
                    continue  # dropped, and fetched again
                except StorageError:
                    if self._holdings.closed:
                        raise ReadCancelled from None
                    raise
            return self._chunk[1][offset : offset + count]

    def _look(self) -> bytes | Sealed | None:
        holdings = self._holdings
        if self._generation not in (None, holdings.generation):
            raise RecordingReplacedError(
                "The provider replaced the recording while it was open.", "Open the session again."
            )
        if holdings.total is not None and self._position >= holdings.total:
            return b""
        found = holdings.at(self._position)
        if found is not None:
            self._generation = holdings.generation
        return found

    def _await(self, look: Callable[[], bytes | Sealed | None], position: int) -> bytes | Sealed:
        holdings = self._holdings
        failures = holdings.failures
        try:
            while True:
                if holdings.closed or self._cancelled():
                    raise ReadCancelled
                found = look()
                if found is not None:
                    return found
                stale = holdings.failures == failures and self._urgent and not holdings.final
                if holdings.trouble is not None and not stale:
                    raise holdings.trouble
                if holdings.want(self, position, urgent=self._urgent):
                    self._wake()
                holdings.condition.wait(_LOOK_S)
        finally:
            holdings.wants.pop(self, None)
