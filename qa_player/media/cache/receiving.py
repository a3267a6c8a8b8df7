"""From an answer's body to chunks on disk: watched for slowness, compared with what is held, sealed when full."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Protocol, TypeVar

from qa_player.errors import IntegrityError, MediaError, NetworkError, RateLimitedError
from qa_player.media.cache.chunk_file import CHUNK
from qa_player.media.cache.holdings import Holdings
from qa_player.media.cache.judging import MAX_BYTES, broke_off, no_sound
from qa_player.media.cache.patience import Clock, Patience, Setback
from qa_player.media.container.sniff import HEAD_BYTES, container_of

Outcome = TypeVar("Outcome")


class InThread(Protocol):
    """Runs work that touches the disk or seals bytes in a thread, and waits for it."""

    async def __call__(self, work: Callable[[], Outcome]) -> Outcome: ...


class Replaced(Exception):  # noqa: N818 - told to the fetch alone, which begins a new generation
    """The bytes that came are not those that are held at the same place."""


class Jumped(Exception):  # noqa: N818 - told to the fetch alone, which asks for other bytes
    """Somebody waits for bytes that lie elsewhere."""


class Stream:
    """An answer's body, cut when it is slower than the floor, and interrupted only while it waits for the network."""

    def __init__(self, clock: Clock, patience: Patience) -> None:
        self._clock = clock
        self._patience = patience
        self._waiting: asyncio.Task[object] | None = None
        self._jump = False

    def interrupt(self) -> None:
        """Stop at the next wait for the network, or now if it waits already. On the loop."""
        if self._jump:
            return  # a second cancellation would not be known for ours, and end the fetch for good
        self._jump = True
        if self._waiting is not None:
            self._waiting.cancel()

    def _is_interrupted(self) -> bool:
        return self._jump

    async def answer(self, asking: Awaitable[Outcome]) -> Outcome:
        """Await the beginning of an answer."""
        return await self._wait_for(asking, self._patience.answer_s)

    async def _wait_for(self, waiting: Awaitable[Outcome], seconds: float) -> Outcome:
        """Await something of the network within the patience; raises Jumped when it was interrupted."""
        if self._is_interrupted():
            if hasattr(waiting, "close"):
                waiting.close()
            raise Jumped
        self._waiting = asyncio.current_task()
        try:
            async with asyncio.timeout(seconds):
                return await waiting
        except TimeoutError:
            raise broke_off() from None
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._is_interrupted() and task is not None and task.uncancel() == 0:
                raise Jumped from None
            raise
        except RateLimitedError as error:
            raise Setback(error, pause_s=error.pause_s) from error
        except NetworkError as error:
            raise Setback(error, broken=True) from error
        finally:
            self._waiting = None

    async def pieces(self, chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
        """The body as it comes; raises Setback when it breaks off or drips."""
        since, count = self._clock.monotonic(), 0
        while True:
            piece = await self._wait_for(anext(chunks, None), self._patience.window_s)
            if piece is None:
                return
            count += len(piece)
            spent = self._clock.monotonic() - since
            if spent >= self._patience.window_s:
                if count < self._patience.floor_bytes_s * spent:
                    raise broke_off()
                since, count = self._clock.monotonic(), 0
            yield piece


async def first_bytes(pieces: AsyncIterator[bytes], *, first_hand: bool = False) -> bytes:
    """The first bytes of a body once they are enough to tell; raises as `no_sound` when they are none."""
    head = b""
    async for piece in pieces:
        head += piece
        if len(head) >= HEAD_BYTES:
            break
    if container_of(head) is None:
        raise no_sound(head, first_hand=first_hand)
    return head


class Receiver:
    """Puts the bytes of one answer where they belong.

    ``proven`` says that a strong validator ties them to what is held: then held bytes are skipped. Without one they are
    compared, so two versions of a recording are never joined at a place where both are known.
    """

    def __init__(self, holdings: Holdings, in_thread: InThread, *, position: int, proven: bool) -> None:
        self._holdings = holdings
        self._in_thread = in_thread
        self._proven = proven
        self.position = position
        self.gained = 0

    async def take(self, piece: bytes) -> int:
        """Place ``piece``: how many bytes of it were news. Raises Replaced, Setback, MediaError, StorageError."""
        total = self._holdings.total
        room = (MAX_BYTES if total is None else total) - self.position
        view = memoryview(piece)[: max(0, room)]
        before = self.gained
        while view:
            number, offset = divmod(self.position, CHUNK)
            part = view[: CHUNK - offset]
            await self._place(number, offset, part)
            self.position += len(part)
            view = view[len(part) :]
        if len(piece) > room and total is None:
            raise MediaError("The recording is larger than 4 GiB.", "Ask the provider for it in parts.")
        if len(piece) > room:
            raise Setback(broke_off().error)
        return self.gained - before

    async def _place(self, number: int, offset: int, part: memoryview) -> None:
        holdings = self._holdings
        if holdings.on_disk.end_of(self.position) > self.position:
            if not self._proven:
                await self._compare_on_disk(part)
            return
        tail = holdings.tails.get(number, b"")
        held = len(tail) - offset
        if held < 0:
            raise Setback(broke_off().error)  # the memory of this chunk was given up meanwhile
        if held and not self._proven and bytes(tail[offset : offset + len(part)]) != part[:held]:
            raise Replaced
        if held >= len(part) and len(tail) < holdings.length_of(number):
            return
        full = holdings.append(number, part[held:])
        self.gained += max(0, len(part) - held)
        if full:
            await self.flush(number)

    async def flush(self, number: int) -> None:
        """Seal a chunk that is whole in memory and write it to disk."""
        holdings = self._holdings
        plain, key, generation = bytes(holdings.tails[number]), holdings.key, holdings.generation
        await self._in_thread(lambda: holdings.file.write(key, number, plain))
        if generation == holdings.generation:
            holdings.commit(number, len(plain))

    async def _compare_on_disk(self, part: memoryview) -> None:
        holdings, position = self._holdings, self.position
        try:
            held = await self._in_thread(lambda: holdings.read_at(position, len(part)))
        except IntegrityError:
            raise Setback(broke_off().error) from None  # it was dropped and will be fetched again
        if held != part:
            raise Replaced
