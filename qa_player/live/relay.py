"""The relay: a port that carriers dial. It lets in whoever was expected and can prove it, and nobody else.

Before a line is upgraded: an address of ours, no ``Origin`` (browsers send one, carriers never), and what the gate says
of token, signature and nonce. Whoever is refused is told 403 and nothing more.
"""

from __future__ import annotations

import asyncio
import contextlib
import urllib.parse
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from qa_player.errors import QaPlayerError
from qa_player.live.certificate import Certificate
from qa_player.live.line import GOING_AWAY, Guest, Limits, Line
from qa_player.live.place import Listening, Outside
from qa_player.live.request_head import LONGEST_HEAD, Door, Head, door_of, read_head
from qa_player.model.live import RelayPlace, SignedRequest

LARGEST_CALLBACK = 65_536
JUDGED_AT_ONCE = 8
STOPPED = "the relay was stopped"
REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
TAKEN = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Asked:
    """A request at one of our doors, and its body."""

    head: Head
    door: Door
    body: bytes = field(repr=False)

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """What a form in the body says; nothing when it is none."""
        try:
            text = self.body.decode()
            return tuple(urllib.parse.parse_qsl(text, keep_blank_values=True, max_num_fields=100))
        except ValueError:
            return ()


class Gate(Protocol):
    """Knows who is expected. All say no with null or false, and are not told of requests that are wrong already."""

    async def admit(self, token: str, asked: SignedRequest) -> Guest | None: ...
    async def told(self, token: str, asked: SignedRequest) -> bool: ...
    @property
    def listener(self) -> Callable[[str], Awaitable[Guest | None]]: ...


class Relay:
    """Made, started, closed. It listens on this machine only unless it is told otherwise and has a certificate."""

    def __init__(
        self,
        gate: Gate,
        listening: Listening,
        *,
        certificate: Certificate | None = None,
        public_url: str | None = None,
        limits: Limits | None = None,
    ) -> None:
        listening.allows(encrypted=certificate is not None)
        self.limits = limits or Limits()
        self._gate = gate
        self._listening = listening
        self._certificate = certificate
        self._named = None if public_url is None else Outside.named(public_url)
        self._outside = self._named or Outside("", "")
        self._server: asyncio.Server | None = None
        self._hosts: frozenset[str] = frozenset()
        self._waiting: dict[asyncio.Task[None], None] = {}
        self._lines: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._judging = asyncio.Semaphore(JUDGED_AT_ONCE)
        self._streams = self._listeners = 0
        self._open: set[Line] = set()
        self._closing = False

    async def start(self) -> RelayPlace:
        """Open the port. Raises UsageError when it cannot be had."""
        tls = None if self._certificate is None else self._certificate.context
        self._server = await self._listening.open(self._met, tls=tls, limit=LONGEST_HEAD)
        port = self._server.sockets[0].getsockname()[1]
        place = self._listening.text(port)
        scheme = "http" if tls is None else "https"
        self._outside = self._named or Outside.named(f"{scheme}://{place}")
        self._hosts = self._outside.hosts | self._listening.hosts(port)
        if self._certificate is None:
            return RelayPlace(place, self._outside.url)
        return RelayPlace(place, self._outside.url, self._certificate.ends_at, self._certificate.pem)

    async def aclose(self) -> None:
        """Close the port and hang up on everybody; returns when all is kept."""
        if self._server is not None:
            self._server.close()
        self._closing = True
        for task in self._waiting:
            task.cancel()
        # whoever is let in is not cut off: what came is being kept, and that takes its moment
        for line in list(self._open):
            line.hang_up(STOPPED, GOING_AWAY)
        await asyncio.gather(*self._waiting, *self._lines, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None

    def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._served(reader, writer))
        task.set_name("live line")
        self._waiting[task] = None
        task.add_done_callback(self._gone)
        while len(self._waiting) > self.limits.waiting:
            # whoever dawdles longest makes room: a carrier is let in while somebody holds a thousand lines open
            oldest = next(iter(self._waiting))
            del self._waiting[oldest]
            oldest.cancel()

    def _gone(self, task: asyncio.Task[None]) -> None:
        self._waiting.pop(task, None)
        self._lines.discard(task)
        if not task.cancelled() and task.exception() is not None:
            asyncio.get_running_loop().call_exception_handler(
                {"message": "a line of the relay failed", "exception": task.exception()}
            )

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(self.limits.head_s):
                asked = await self._heard(reader)
            if asked is None:
                writer.write(REFUSED)
            else:
                async with self._judging:
                    # from here on nobody makes room: what is let in is let in whole
                    task = asyncio.current_task()
                    self._waiting.pop(task, None)  # type: ignore[arg-type]
                    self._lines.add(task)  # type: ignore[arg-type]
                    guest = await self._judged_or_refused(asked, writer)
                if guest is not None:
                    await self._received(reader, writer, guest, asked)
            async with asyncio.timeout(self.limits.send_s):
                await writer.drain()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await writer.wait_closed()

    async def _heard(self, reader: asyncio.StreamReader) -> Asked | None:
        """The request that came, null when it is wrong before anybody is asked."""
        head = read_head(await reader.readuntil(b"\r\n\r\n"))
        door = None if head is None else self._door(head)
        if head is None or door is None:
            return None
        return Asked(head, door, await reader.readexactly(head.length or 0))

    async def _judged_or_refused(self, asked: Asked, writer: asyncio.StreamWriter) -> Guest | None:
        try:
            return await self._judged(asked, writer)
        except QaPlayerError:
            # whoever cannot be judged, or received, is not let in; the carrier tells of it in its own way
            writer.write(REFUSED)
            return None

    async def _judged(self, asked: Asked, writer: asyncio.StreamWriter) -> Guest | None:
        """Ask the gate; whoever is no guest has his answer."""
        request = self._signed(asked)
        if asked.door.is_listeners:
            return await self._listener(asked, writer)
        if asked.door.is_status:
            writer.write(TAKEN if await self._gate.told(asked.door.token, request) else REFUSED)
            return None
        guest = None
        if self._streams < self.limits.streams:
            self._streams += 1
            try:
                guest = await self._gate.admit(asked.door.token, request)
            finally:
                self._streams -= guest is None
        if guest is None:
            writer.write(REFUSED)
        return guest

    async def _listener(self, asked: Asked, writer: asyncio.StreamWriter) -> Guest | None:
        """Whoever may listen; they have places of their own, and take none of a carrier's."""
        guest = None
        if self._listeners < self.limits.listeners:
            self._listeners += 1
            try:
                guest = await self._gate.listener(asked.door.token)
            finally:
                self._listeners -= guest is None
        if guest is None:
            writer.write(REFUSED)
        return guest

    async def _received(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, guest: Guest, asked: Asked
    ) -> None:
        limits = self.limits.of_listener if asked.door.is_listeners else self.limits
        line = Line(reader, writer, guest, limits=limits, turn=self._turn)
        self._open.add(line)
        try:
            if self._closing:
                line.hang_up(STOPPED, GOING_AWAY)
            await line.run(asked.head.raw)
        finally:
            self._open.discard(line)
            self._listeners -= asked.door.is_listeners
            self._streams -= not asked.door.is_listeners

    def _door(self, head: Head) -> Door | None:
        """The door that a request is at, null when it is wrong before anybody is asked."""
        if "origin" in head.headers or head.headers.get("host", "").lower() not in self._hosts:
            return None
        door = door_of(head)
        largest = LARGEST_CALLBACK if door is not None and door.is_status else 0
        if door is None or head.length is None or head.length > largest:
            return None
        return door if door.is_status or head.upgrades else None

    def _signed(self, asked: Asked) -> SignedRequest:
        query = f"?{asked.door.query}" if asked.door.query else ""
        path = f"/live/{asked.door.token}{'/status' if asked.door.is_status else ''}"
        return SignedRequest(asked.head.method, f"{self._outside.url}{path}{query}", asked.head.headers, asked.fields)
