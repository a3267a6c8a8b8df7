"""Recordings that lie on this machine: ranges of a file, under a validator of its size and the time it was written."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import BinaryIO

from qa_player.errors import NetworkError, NotFoundError, StorageError
from qa_player.providers.base import MediaAnswer

PIECE = 256 * 1024


class LocalRecording:
    """Fits ``media.source.RecordingSource``: one file. The file is opened anew for each answer."""

    def __init__(self, path: Path, mime: str | None) -> None:
        self._path = path
        self._mime = mime

    @property
    def expires_at(self) -> float | None:
        """Never: there is no address."""
        return None

    @property
    def issued_at(self) -> float | None:
        """Nothing was issued."""
        return None

    async def read(self, start: int, end: int | None, validator: str | None) -> MediaAnswer:
        """Bytes ``start`` up to, not including, ``end``; the whole when the file is not the one of ``validator``.

        Raises NotFoundError, StorageError.
        """
        file, size, etag = await asyncio.to_thread(_opened, self._path)
        if validator is not None and validator != etag:
            return self._answer(200, file, (0, size), size=size, etag=etag)
        if start >= size:
            return self._answer(416, file, (size, size), size=size, etag=etag)
        return self._answer(206, file, (start, size if end is None else min(end, size)), size=size, etag=etag)

    async def renew(self) -> None:
        """See whether the file is still there. Raises NotFoundError, StorageError."""
        file, _, _ = await asyncio.to_thread(_opened, self._path)
        file.close()

    def _answer(self, status: int, file: BinaryIO, span: tuple[int, int], *, size: int, etag: str) -> MediaAnswer:
        chunks = _pieces(file, *span)

        async def close() -> None:
            await chunks.aclose()
            file.close()

        start = None if status == 416 else span[0]
        return MediaAnswer(
            status=status,
            start=start,
            total=size,
            etag=etag,
            mime=self._mime,
            encoded=False,
            chunks=chunks,
            close=close,
            first_hand=True,
        )


async def _pieces(file: BinaryIO, start: int, end: int) -> AsyncGenerator[bytes, None]:
    try:
        await asyncio.to_thread(file.seek, start)
        while start < end:
            piece = await asyncio.to_thread(file.read, min(PIECE, end - start))
            if not piece:
                break
            start += len(piece)
            yield piece
    except OSError:
        start = -1
    finally:
        file.close()
    if start < end:
        raise NetworkError("The recording's file could not be read to its end.", "Check the disk it is on.")


def _opened(path: Path) -> tuple[BinaryIO, int, str]:
    error: Exception
    try:
        file = path.open("rb")
        told = os.fstat(file.fileno())
        return file, told.st_size, f'"{told.st_size:x}-{told.st_mtime_ns:x}"'
    except FileNotFoundError:
        error = NotFoundError("The recording's file is no longer there.", "Put it back, or list the folder again.")
    except OSError:
        error = StorageError("The recording's file cannot be read.", "Check who may read it.")
    raise error
