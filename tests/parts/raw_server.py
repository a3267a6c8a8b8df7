"""A server that says exactly what a test tells it to, byte for byte, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass
class Asked:
    """One request as it came over the wire."""

    target: str
    headers: dict[str, str]
    method: str = "GET"
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


Answering = Callable[[Asked], "bytes | Awaitable[bytes]"]


def answer(status: int = 200, body: bytes = b"{}", **headers: str) -> bytes:
    """A whole answer; ``headers`` with underscores for hyphens override the usual ones, empty ones are left out."""
    stated = {"Content-Length": str(len(body)), "Content-Type": "application/json", "Connection": "close"}
    stated |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in stated.items() if value)
    return f"HTTP/1.1 {status} Something\r\n{lines}\r\n".encode() + body


def as_json(data: object, status: int = 200, **headers: str) -> bytes:
    return answer(status, json.dumps(data).encode(), **headers)


@dataclass
class Site:
    """A server on ``host``; ``asked`` grows, ``connections`` counts."""

    host: str
    says: Answering = field(default=lambda asked: answer())
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    tls: ssl.SSLContext | None = None
    _server: asyncio.Server | None = None
    _talks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"{'https' if self.tls else 'http'}://{self.host}:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._talk, self.host, 0, ssl=self.tls)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for talk in tuple(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        self.connections += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.strip().split("\r\n")
            pairs = (line.partition(":") for line in lines)
            headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            asked = Asked(first.split()[1], headers, first.split()[0], body)
            self.asked.append(asked)
            said = self.says(asked)
            writer.write(said if isinstance(said, bytes) else await said)
            await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            self._talks.discard(task)
            writer.close()
