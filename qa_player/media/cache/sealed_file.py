"""A whole recording read straight from its sealed chunks: for a process beside ours that is given that one key."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path

from qa_player.media.cache.chunk_file import CHUNK, ChunkFile


@dataclass(frozen=True)
class SealedPlace:
    """Where the chunks of a verified recording lie, the key that opens them, and how many bytes they hold."""

    path: Path
    cache_id: str
    key: bytes
    size: int

    def __repr__(self) -> str:
        return "SealedPlace(…)"

    def to_json(self) -> bytes:
        """One line for a pipe, and for nothing else: it holds the key."""
        told = {"path": str(self.path), "cache_id": self.cache_id, "key": self.key.hex(), "size": self.size}
        return json.dumps(told).encode()

    @classmethod
    def from_json(cls, line: bytes) -> SealedPlace:
        """What `to_json` gave."""
        told = json.loads(line)
        return cls(Path(told["path"]), told["cache_id"], bytes.fromhex(told["key"]), told["size"])


class SealedFile(io.RawIOBase):
    """Fits `headers.MediaFile`. Raises IntegrityError for a chunk that is not what was written, StorageError."""

    def __init__(self, place: SealedPlace) -> None:
        super().__init__()
        self.size: int | None = place.size
        self._key = place.key
        self._file = ChunkFile(place.path, place.cache_id)
        self._position = 0
        self._chunk: tuple[int, bytes] = -1, b""

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = 0, /) -> int:
        base = (0, self._position, self.size or 0)[whence]
        self._position = max(base + offset, 0)
        return self._position

    def read(self, count: int = -1, /) -> bytes:
        size = self.size or 0
        left = size - self._position
        if left <= 0 or count == 0:
            return b""
        number, offset = divmod(self._position, CHUNK)
        if self._chunk[0] != number:
            self._chunk = number, self._file.read(self._key, number, min(CHUNK, size - number * CHUNK))
        piece = self._chunk[1][offset : offset + (left if count < 0 else count)]
        self._position += len(piece)
        return piece

    def close(self) -> None:
        self._file.close()
        super().close()
