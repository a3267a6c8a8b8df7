"""A recording source on plain asyncio streams: what a provider does with an address, without a provider.

It reads answers as strictly as an HTTP library does and no more strictly: a body shorter than its stated length, or in
chunks without their end, breaks off; one that states nothing ends when the line does.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from parts.lying_server import LyingServer
from qa_player.errors import NetworkError, QaPlayerError


def _broken() -> NetworkError:
    return NetworkError("The line broke.", "Try again.")


@dataclass
class WireAnswer:
    """Fits ``media.source.Answer``."""

    status: int
    start: int | None
    total: int | None
    etag: str | None
    mime: str | None
    encoded: bool
    retry_after: float | None
    chunks: AsyncGenerator[bytes, None]
    writer: asyncio.StreamWriter = field(repr=False)
    first_hand: bool = False

    async def aclose(self) -> None:
        await self.chunks.aclose()
        self.writer.close()


class WireSource:
    """Fits ``media.source.RecordingSource``: bytes of what a `LyingServer` serves, at an address it signs."""

    def __init__(self, server: LyingServer, *, states_life: bool = False) -> None:
        self._server = server
        self._states_life = states_life
        self.each: list[int] = []
        self.renewals = 0
        self.reads = 0
        self.renewing = 0
        self.most_renewing = 0
        self.refuses: list[QaPlayerError] = []
        """Raised by `renew`, one after the other; ``refuses_reading`` by `read`."""
        self.refuses_reading: list[QaPlayerError] = []
        self.renewal_takes = 0.0
        self._sign()

    @property
    def received(self) -> int:
        """Bytes of bodies that were read off the line; ``each`` has them by request."""
        return sum(self.each)

    @property
    def expires_at(self) -> float | None:
        lives = self._server.address_lives
        return self._signed_at + lives if self._states_life and lives is not None else None

    @property
    def issued_at(self) -> float | None:
        return self._signed_at if self._states_life else None

    def _sign(self) -> None:
        self._path = self._server.sign()
        self._signed_at = time.time()

    async def renew(self) -> None:
        self.renewals += 1
        self.renewing += 1
        self.most_renewing = max(self.most_renewing, self.renewing)
        await asyncio.sleep(self.renewal_takes)
        self.renewing -= 1
        if self.refuses:
            raise self.refuses.pop(0)
        self._sign()

    async def read(self, start: int, end: int | None, validator: str | None) -> WireAnswer:
        self.reads += 1
        if self.refuses_reading:
            raise self.refuses_reading.pop(0)
        self.each.append(0)
        number = len(self.each) - 1
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._server.port)
        except OSError as error:
            raise _broken() from error
        try:
            last = "" if end is None else end - 1
            rows = [
                f"GET {self._path} HTTP/1.1",
                "Host: x",
                "Accept-Encoding: identity",
                f"Range: bytes={start}-{last}",
                f"X-Request: {number}",  # on a busy machine the server may never see one that was given up
            ]
            rows += [f"If-Range: {validator}"] if validator is not None else []
            writer.write(("\r\n".join(rows) + "\r\n\r\n").encode())
            text = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (OSError, asyncio.IncompleteReadError) as error:
            writer.close()
            raise _broken() from error
        except asyncio.CancelledError:
            writer.close()
            raise
        return self._answer(text, reader, writer, number)

    def _answer(self, text: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> WireAnswer:
        first, *rows = text.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (row.partition(":") for row in rows)}
        status = int(first.split(" ")[1])
        length = int(headers["content-length"]) if "content-length" in headers else None
        placed = re.fullmatch(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)", headers.get("content-range", ""))
        start, total = (0, length) if status == 200 else (None, None)
        if placed is not None:
            start = int(placed[1]) if placed[1] else None
            total = int(placed[2]) if placed[2] != "*" else None
        body = self._in_chunks(reader) if "transfer-encoding" in headers else self._plain(reader, length)
        body = self._counted(body, number)
        pause = headers.get("retry-after")
        return WireAnswer(
            status=status,
            start=start,
            total=total,
            etag=headers.get("etag"),
            mime=headers.get("content-type"),
            encoded="content-encoding" in headers,
            retry_after=None if pause is None else float(pause),
            chunks=body,
            writer=writer,
        )

    async def _counted(self, body: AsyncGenerator[bytes, None], number: int) -> AsyncGenerator[bytes, None]:
        async with contextlib.aclosing(body):
            async for piece in body:
                self.each[number] += len(piece)
                yield piece

    async def _plain(self, reader: asyncio.StreamReader, length: int | None) -> AsyncGenerator[bytes, None]:
        left = length
        while left is None or left > 0:
            try:
                piece = await reader.read(65_536 if left is None else min(left, 65_536))
            except OSError as error:
                raise _broken() from error
            if not piece:
                if left is not None:
                    raise _broken()
                return
            left = None if left is None else left - len(piece)
            yield piece

    async def _in_chunks(self, reader: asyncio.StreamReader) -> AsyncGenerator[bytes, None]:
        while True:
            try:
                count = int((await reader.readuntil(b"\r\n")).strip(), 16)
                piece = (await reader.readexactly(count + 2))[:-2]
            except (OSError, ValueError, asyncio.IncompleteReadError) as error:
                raise _broken() from error
            if not count:
                return
            yield piece
