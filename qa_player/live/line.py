"""One carrier's line once it was let in: WebSocket messages out of bytes, under limits that no call ever meets."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

PIECE = 8_192
GOING_AWAY = CloseCode.GOING_AWAY

silent = logging.getLogger("qa_player.live.silent")
silent.addHandler(logging.NullHandler())
silent.propagate = False
silent.setLevel(logging.CRITICAL + 1)
# websockets tells its log of addresses, and an address here is a key


@dataclass(frozen=True)
class Limits:
    """What a line may do. A carrier that was cut off may send the forty seconds it kept in one go."""

    message_bytes: int = 64 * 1024
    messages_per_s: int = 400
    messages_at_once: int = 12_000
    bytes_per_s: int = 512 * 1024
    bytes_at_once: int = 24 * 1024 * 1024
    idle_s: float = 60.0
    head_s: float = 10.0
    send_s: float = 10.0
    waiting: int = 128
    streams: int = 16
    listeners: int = 16

    @property
    def of_listener(self) -> Limits:
        """A listener asks for little and seldom."""
        few = Limits(message_bytes=4_096, messages_per_s=10, messages_at_once=100, bytes_per_s=8_192)
        return replace(few, bytes_at_once=65_536, idle_s=self.idle_s, head_s=self.head_s, send_s=self.send_s)


class Guest(Protocol):
    """Who takes what comes down a line. ``time_limit_s`` is how long it may be open."""

    @property
    def time_limit_s(self) -> float: ...
    def joined(self, line: Line) -> None: ...
    def message(self, message: str | bytes) -> str | None:
        """Take one message in; a reason to hang up, null to go on."""
        ...

    async def ended(self, reason: str) -> None: ...


class Bucket:
    """How much of something may still come now."""

    def __init__(self, per_s: float, at_once: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s, self._most, self._left = per_s, at_once, at_once
        self._clock, self._at = clock, clock()

    def takes(self, amount: float) -> bool:
        """Whether ``amount`` more is within the limit."""
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._at) * self._per_s) - amount
        self._at = now
        return self._left >= 0


class Line:
    """``run`` until the line ends; ``send`` and ``hang_up`` may be called meanwhile.

    All lines of a relay share ``turn``: they are heard one after the other, and the window draws in between.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        guest: Guest,
        *,
        limits: Limits,
        turn: asyncio.Lock,
    ) -> None:
        self._reader, self._writer = reader, writer
        self._guest = guest
        self._limits = limits
        self._turn = turn
        self._protocol = ServerProtocol(max_size=limits.message_bytes, logger=silent)
        self._parts: list[bytes] = []
        self._text = True
        self._messages = Bucket(limits.messages_per_s, limits.messages_at_once)
        self._bytes = Bucket(limits.bytes_per_s, limits.bytes_at_once)
        self._reason = ""
        self._hung_up = False

    async def run(self, head: bytes) -> None:
        """Answer the upgrade in ``head`` and hand on what comes, to the end. Tells the guest why it ended."""
        self._protocol.receive_data(head)
        try:
            for request in self._protocol.events_received():
                if isinstance(request, Request):
                    self._protocol.send_response(self._protocol.accept(request))
            self._guest.joined(self)
            async with asyncio.timeout(self._guest.time_limit_s):
                await self._flush()
                await self._listen()
        except TimeoutError:
            self.hang_up("the time that was asked for is over")
        except (OSError, EOFError):
            self._reason = self._reason or "the line broke"
        finally:
            with contextlib.suppress(OSError, TimeoutError):
                await self._flush()
            await self._guest.ended(self._reason or "the line broke")

    async def send(self, message: str | bytes) -> None:
        """Send one message to the other end. Raises OSError, TimeoutError when it does not go through."""
        if self._protocol.state is State.OPEN:
            if isinstance(message, str):
                self._protocol.send_text(message.encode())
            else:
                self._protocol.send_binary(message)
            await self._flush()

    def hang_up(self, reason: str, code: int = CloseCode.NORMAL_CLOSURE) -> None:
        """Begin to close; ``reason`` is what the guest is told."""
        self._reason = self._reason or reason
        self._hung_up = True
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, "")
        for data in self._protocol.data_to_send():
            if data and not self._writer.is_closing():
                self._writer.write(data)
        self._writer.close()

    async def _listen(self) -> None:
        while self._protocol.state is State.OPEN:
            try:
                async with asyncio.timeout(self._limits.idle_s):
                    data = await self._heard()
            except TimeoutError:
                self.hang_up("nothing came for a minute")
                return
            if not data:
                self._protocol.receive_eof()
                self._reason = self._reason or "the line broke"
            await self._flush()

    async def _heard(self) -> bytes:
        """Read on until a whole message came, or the end."""
        while True:
            data = await self._reader.read(PIECE)
            if not data:
                return data
            async with self._turn:
                whole = self._taken(data)
                # a flood that is always there must not keep the window from drawing
                await asyncio.sleep(0)
            if whole or self._protocol.state is not State.OPEN:
                return data
            await self._flush()

    def _taken(self, data: bytes) -> bool:
        """Hand on the messages that are whole now; whether there were any."""
        if not self._bytes.takes(len(data)):
            self.hang_up("more bytes came than any call has", CloseCode.POLICY_VIOLATION)
            return True
        self._protocol.receive_data(data)
        whole = False
        for event in self._protocol.events_received():
            if not isinstance(event, Frame):
                continue
            if not self._messages.takes(1):
                self.hang_up("more messages came than any call has", CloseCode.POLICY_VIOLATION)
                return True
            whole = self._frame(event) or whole
            if self._hung_up:
                # what came with it in one go is not wanted any more
                return True
        if self._protocol.parser_exc is not None:
            self._reason = self._reason or "the carrier broke the rules of the line, or sent too much in one message"
        return whole

    def _frame(self, frame: Frame) -> bool:
        if frame.opcode is Opcode.CLOSE:
            received = self._protocol.close_rcvd
            self._reason = self._reason or f"the carrier closed the line ({received.code if received else 1005})"
            return True
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return False
        if frame.opcode is not Opcode.CONT:
            self._text = frame.opcode is Opcode.TEXT
        self._parts.append(bytes(frame.data))
        if not frame.fin:
            return False
        whole, self._parts = b"".join(self._parts), []
        refusal = self._guest.message(whole.decode("utf-8", "surrogateescape") if self._text else whole)
        if refusal is not None:
            self.hang_up(refusal, CloseCode.POLICY_VIOLATION)
        return True

    async def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data and not self._writer.is_closing():
                self._writer.write(data)
        try:
            async with asyncio.timeout(self._limits.send_s):
                await self._writer.drain()
        except TimeoutError:
            self._reason = self._reason or "the carrier did not take what was sent"
            self._writer.transport.abort()
            raise
