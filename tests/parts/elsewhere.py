"""A relay that is listened to from elsewhere: two homes, or two processes of one, and a line that can be cut."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from parts.desk import Desk
from parts.loop import wait_until
from parts.stored import KEY
from qa_player.credentials import MemoryKeychain
from qa_player.files import Home
from qa_player.model.live import RelayLine
from qa_player.model.secret import Secret
from qa_player.store.database import Database


class Wire:
    """Passes bytes between a listener and a relay's port; it can be cut, counted and held up."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._mine = 0
        self.dialled = 0
        self.refusing = False
        self.flows = asyncio.Event()
        self.flows.set()

    async def start(self) -> int:
        """The port to be dialled instead."""
        self._server = await asyncio.start_server(self._met, "127.0.0.1", 0)
        self._mine = int(self._server.sockets[0].getsockname()[1])
        return self._mine

    def cut(self) -> None:
        """Break every line that is open."""
        for writer in list(self._open):
            writer.transport.abort()

    async def aclose(self) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.dialled += 1
        if self.refusing:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        self._open |= {writer, back}
        try:
            await asyncio.gather(self._pass(reader, back, self._addressed), self._pass(there, writer, bytes))
        finally:
            self._open -= {writer, back}

    def _addressed(self, data: bytes) -> bytes:
        """The relay is told its own name."""
        return data.replace(b"127.0.0.1:%d" % self._mine, b"127.0.0.1:%d" % self.port, 1)

    async def _pass(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, change: Callable[[bytes], bytes]
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65_536):
                await self.flows.wait()
                sink.write(change(data))
                await sink.drain()
        sink.close()


@contextlib.asynccontextmanager
async def another_home(folder: Path) -> AsyncIterator[Desk]:
    """A listener's own home."""
    home = Home(folder)
    home.make()
    desk = Desk(home, await Database.open(home.database, KEY), MemoryKeychain(), actor="lena")
    try:
        yield desk
    finally:
        await desk.aclose()


async def attended(desk: Desk, url: str, key: Secret, name: str = "office") -> None:
    """Have ``desk`` listen to a relay elsewhere."""
    await desk.live.relays.add(name, url, key)
    await desk.live.relays.attend()
    await wait_until(lambda: desk.live.relays.line_of(name) is RelayLine.OPEN)


MakeDesk = Callable[..., Awaitable[Desk]]
