"""A web server on a raw socket that lies on purpose: for each request the next lie of a script, then only the truth.

It knows the true bytes, keeps what it was asked and what it put on the wire, and signs addresses that die.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import re
import socket
import struct
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

XML_EXPIRED = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>'
SIGN_IN = b"<!DOCTYPE html><html><title>Sign in to this network</title></html>" + b" " * 200


@dataclass
class Exchange:
    """One request and what went over the wire for it: ``body`` is exactly what was sent after the head."""

    method: str
    path: str
    headers: dict[str, str]
    status: int = 0
    head: bytes = b""
    body: bytearray = field(default_factory=bytearray)
    lie: str = "truth"
    misstates: int = 0
    asked: tuple[int, int | None] | None = None

    def __post_init__(self) -> None:
        self.asked = self.range

    @property
    def range(self) -> tuple[int, int | None] | None:
        """The [start, end) that is answered; ``asked`` keeps what was asked for, whatever a lie makes of it."""
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("range", ""))
        return (int(found[1]), int(found[2]) + 1 if found[2] else None) if found else None


class Line:
    """One connection, written to by hand."""

    def __init__(self, exchange: Exchange, writer: asyncio.StreamWriter) -> None:
        self.exchange = exchange
        self._writer = writer

    async def head(self, status: int, **headers: object) -> None:
        """A status line and headers; names are written with ``_`` for ``-``."""
        lines = [f"HTTP/1.1 {status} Whatever", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items() if value is not None]
        self.exchange.status = status
        self.exchange.head = ("\r\n".join(lines) + "\r\n\r\n").encode()
        self._writer.write(self.exchange.head)

    async def send(self, data: bytes) -> None:
        """Bytes of the body."""
        self._writer.write(data)
        await self._writer.drain()
        self.exchange.body += data

    async def reset(self) -> None:
        """End it with RST."""
        await self._writer.drain()
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def hang(self) -> None:
        """Say nothing more until the other side goes."""
        while not self._writer.transport.is_closing():
            await asyncio.sleep(0.01)


Lie = Callable[["LyingServer", Line], Awaitable[None]]


class LyingServer:
    """Serves ``data`` at addresses it signed. ``etag`` is sent as it stands, null: none; ``ranges``: has it any.

    ``turn`` moves the clock of whoever is fetching, for lies that take long. ``versions`` are all the recordings that
    it ever had. ``script`` is used up from its front, one lie for each request that an address admits.
    """

    def __init__(
        self, data: bytes, script: Sequence[Lie] = (), *, etag: str | None = '"v1"', ranges: bool = True
    ) -> None:
        self.data = data
        self.versions = [data]
        self.etag = etag
        self.ranges = ranges
        self.script = list(script)
        self.exchanges: list[Exchange] = []
        self.address_lives: float | None = None
        self.pace: float | None = None
        self.signed = 0
        self.mime = "audio/wav"
        self.turn: Callable[[float], None] = lambda _seconds: None
        self._dies: dict[str, float] = {}
        self._lines: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> LyingServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_raised: object) -> None:
        assert self._server is not None
        self._server.close()
        for line in tuple(self._lines):
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)
        await self._server.wait_closed()

    def sign(self) -> str:
        """A path that is admitted for ``address_lives`` seconds, or until ``kill_addresses``."""
        self.signed += 1
        path = f"/recording?signature={self.signed}"
        lives = self.address_lives
        self._dies[path] = float("inf") if lives is None else asyncio.get_running_loop().time() + lives
        return path

    def kill_addresses(self) -> None:
        """All addresses signed so far are refused from now on."""
        self._dies.clear()

    def dead(self, path: str) -> bool:
        """Whether ``path`` is refused now."""
        return self._dies.get(path, 0.0) <= asyncio.get_running_loop().time()

    @property
    def body_bytes(self) -> int:
        """Bytes of sound that went over the wire."""
        return sum(len(exchange.body) for exchange in self.exchanges if exchange.status in (200, 206))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._lines.add(task)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            text = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *rest = text.split("\r\n")
            method, path, _ = first.split(" ")
            headers = {name.lower(): value.strip() for name, _, value in (row.partition(":") for row in rest if row)}
            exchange = Exchange(method, path, headers)
            self.exchanges.append(exchange)
            await self._answer(Line(exchange, writer))
        writer.close()
        self._lines.discard(task)

    async def _answer(self, line: Line) -> None:
        if self.dead(line.exchange.path):
            line.exchange.lie = "expired"
            await page(403, XML_EXPIRED, "application/xml")(self, line)
        elif self.script:
            lie = self.script.pop(0)
            line.exchange.lie = getattr(lie, "__qualname__", "lie").split(".")[0]
            line.exchange.misstates = misstates(lie)
            await lie(self, line)
        else:
            await truth(self, line)

    def honoured(self, exchange: Exchange) -> tuple[int, int] | None:
        """The [start, end) that an honest server would send as a 206; null: the whole as a 200."""
        asked, validator = exchange.range, exchange.headers.get("if-range")
        if asked is None or not self.ranges or (validator is not None and validator != self.etag):
            return None
        return asked[0], min(len(self.data), asked[1] or len(self.data))


async def truth(server: LyingServer, line: Line, *, most: int | None = None) -> int:
    """The honest answer, of which ``most`` bytes are sent; returns how many were promised."""
    part = server.honoured(line.exchange)
    total = len(server.data)
    if part is not None and part[0] >= total:
        await line.head(416, Content_Range=f"bytes */{total}", Content_Length=0)
        return 0
    start, end = part or (0, total)
    await line.head(
        200 if part is None else 206,
        Content_Type=server.mime,
        ETag=server.etag,
        Content_Length=end - start,
        Content_Range=None if part is None else f"bytes {start}-{end - 1}/{total}",
    )
    await _send(server, line, server.data[start:end][:most])
    return end - start


async def _send(server: LyingServer, line: Line, data: bytes) -> None:
    step = 16 * 1024
    for begin in range(0, len(data), step):
        if server.dead(line.exchange.path):
            return  # storage behind an address that died closes the line in mid-body
        await line.send(data[begin : begin + step])
        if server.pace is not None:
            await asyncio.sleep(step / server.pace)


_misstated: dict[Lie, int] = {}


def _misstating(lie: Lie, off: int) -> Lie:
    _misstated[lie] = off
    return lie


def misstates(lie: Lie) -> int:
    """By how much ``lie`` misstates the length of the whole."""
    return _misstated.get(lie, 0)


def spelled(lie: Lie) -> str:
    """The name of ``lie`` and what it was made with, of long things the length."""
    made_with = zip(lie.__code__.co_freevars, (cell.cell_contents for cell in lie.__closure__ or ()), strict=True)
    told = [f"{name}={len(value) if isinstance(value, bytes) else value!r}" for name, value in made_with]
    return f"{lie.__qualname__.split('.')[0]}({', '.join(told)})"


def honest() -> Lie:
    """No lie: a place in a script."""

    async def tell(server: LyingServer, line: Line) -> None:
        await truth(server, line)

    return tell


def cut(after: int) -> Lie:
    """The line is closed after ``after`` bytes of the body."""

    async def cut(server: LyingServer, line: Line) -> None:
        await truth(server, line, most=after)

    return cut


def reset(after: int) -> Lie:
    """The line is reset after ``after`` bytes of the body."""

    async def reset(server: LyingServer, line: Line) -> None:
        await truth(server, line, most=after)
        await line.reset()

    return reset


def stall(after: int) -> Lie:
    """Nothing comes after ``after`` bytes, and the line stays open."""

    async def stall(server: LyingServer, line: Line) -> None:
        promised = await truth(server, line, most=after)
        if promised > after:
            await line.hang()

    return stall


def drip(after: int) -> Lie:
    """A byte every four seconds after ``after`` bytes: no read ever waits for long."""

    async def drip(server: LyingServer, line: Line) -> None:
        promised = await truth(server, line, most=after)
        start, _ = server.honoured(line.exchange) or (0, 0)
        for place in range(start + after, start + promised):
            await asyncio.sleep(0.005)
            server.turn(4.0)
            await line.send(server.data[place : place + 1])

    return drip


def silence() -> Lie:
    """A connection is taken and never answered."""

    async def silence(_server: LyingServer, line: Line) -> None:
        await line.hang()

    return silence


def whole() -> Lie:
    """A 200 with everything, whatever was asked."""

    async def whole(server: LyingServer, line: Line) -> None:
        line.exchange.headers.pop("range", None)
        await truth(server, line)

    return whole


def part(*, shift: int = 0, grow: int = 0, total: int = 0) -> Lie:
    """A 206 that starts ``shift`` away from what was asked, ends ``grow`` away, or states a length that is off."""

    async def part(server: LyingServer, line: Line) -> None:
        size = len(server.data)
        start, end = server.honoured(line.exchange) or (0, size)
        start = min(max(0, start + shift), size - 1)
        end = max(start + 1, min(size, end + grow))
        if line.exchange.range and line.exchange.range[0] >= size:
            await truth(server, line)
            return
        await line.head(
            206,
            Content_Type=server.mime,
            ETag=server.etag,
            Content_Length=end - start,
            Content_Range=f"bytes {start}-{end - 1}/{size + total}",
        )
        await line.send(server.data[start:end])

    return _misstating(part, total)


def length(off: int | None) -> Lie:
    """A 200 whose length is ``off`` by so much; null: no length at all, and cut in silence after two thirds."""

    async def length(server: LyingServer, line: Line) -> None:
        size = len(server.data)
        stated = None if off is None else max(1, size + off)
        await line.head(200, Content_Type=server.mime, ETag=server.etag, Content_Length=stated)
        await line.send(server.data if stated else server.data[: size * 2 // 3])

    return _misstating(length, off or 0)


def unstated(*, most: int | None = None) -> Lie:
    """A 200 without a length that ends when the line does, after ``most`` bytes."""

    async def unstated(server: LyingServer, line: Line) -> None:
        await line.head(200, Content_Type=server.mime, ETag=server.etag)
        await line.send(server.data[:most])

    return unstated


def chunked(*, ends: bool) -> Lie:
    """A 200 in transfer chunks, with or without the last one."""

    async def chunked(server: LyingServer, line: Line) -> None:
        await line.head(200, Content_Type=server.mime, ETag=server.etag, Transfer_Encoding="chunked")
        data = server.data if ends else server.data[: len(server.data) // 2]
        for begin in range(0, len(data), 10_000):
            piece = data[begin : begin + 10_000]
            await line.send(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        if ends:
            await line.send(b"0\r\n\r\n")

    return chunked


def page(status: int, body: bytes = b"", mime: str = "text/html", **headers: object) -> Lie:
    """Any status with any body."""

    async def page(_server: LyingServer, line: Line) -> None:
        await line.head(status, Content_Type=mime, Content_Length=len(body), **headers)
        await line.send(body)

    return page


def zipped() -> Lie:
    """A gzip encoding that nobody asked for."""

    async def zipped(server: LyingServer, line: Line) -> None:
        body = gzip.compress(server.data)
        await line.head(
            200, Content_Type=server.mime, ETag=server.etag, Content_Encoding="gzip", Content_Length=len(body)
        )
        await line.send(body)

    return zipped


def multipart() -> Lie:
    """A 206 in parts, which says nowhere in its head where it starts."""

    async def multipart(server: LyingServer, line: Line) -> None:
        body = b"--x\r\nContent-Range: bytes 0-9/10\r\n\r\n" + server.data[:10] + b"\r\n--x--\r\n"
        await line.head(206, Content_Type="multipart/byteranges; boundary=x", Content_Length=len(body))
        await line.send(body)

    return multipart


def replaced(data: bytes, etag: str | None) -> Lie:
    """From this answer on the recording is another one."""

    async def replaced(server: LyingServer, line: Line) -> None:
        server.data, server.etag = data, etag
        server.versions.append(data)
        await truth(server, line)

    return replaced


def swapped(data: bytes, etag: str | None) -> Lie:
    """From this answer on the recording is another one, and parts of it are given whatever ``If-Range`` says."""

    async def swapped(server: LyingServer, line: Line) -> None:
        server.data, server.etag = data, etag
        server.versions.append(data)
        line.exchange.headers.pop("if-range", None)
        await truth(server, line)

    return swapped


def expired() -> Lie:
    """The address dies now."""

    async def expired(server: LyingServer, line: Line) -> None:
        server.kill_addresses()
        await page(403, XML_EXPIRED, "application/xml")(server, line)

    return expired
