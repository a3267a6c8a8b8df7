"""A call that a relay elsewhere receives, as it is had here meanwhile: the same entries, in a journal of this home."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from qa_player import sealed
from qa_player.errors import QaPlayerError, UnexpectedAnswerError
from qa_player.files import private_folder
from qa_player.model.live import Capture
from qa_player.services.live.captures import Captures
from qa_player.services.live.summing import summed

if TYPE_CHECKING:
    from qa_player.live.received import Received
    from qa_player.live.wire import Batch

FLUSHED_EVERY_S = 0.5
PASSING = ".heard"
"""How files end that are of no use once their window is closed."""


class Mirror:
    """Takes in what the relay hands on. One that is not ``kept`` is of a call of this home, whose relay keeps it:
    then its file is gone with it. ``place`` is how much was had.
    """

    def __init__(self, capture: Capture, received: Received, captures: Captures, path: Path, *, kept: bool) -> None:
        self.capture = capture
        self.received = received
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done once all of it is here and kept."""
        self._captures = captures
        self._path = path
        self._kept = kept
        self._writing = asyncio.Lock()
        captures.receiving[capture.session_id] = received
        self._flushing = asyncio.create_task(self._flush_on(), name="journal of a call heard elsewhere")

    @classmethod
    async def begun(cls, capture: Capture, captures: Captures, *, kept: bool) -> Mirror:
        """From the start, or from where it was left off. Raises StorageError, DiskFullError, NotFoundError."""
        key = await captures.key(capture.session_id) if kept else sealed.new_key()
        path = captures.path(capture.session_id)
        if not kept:
            path = path.with_name(f"{secrets.token_hex(16)}{PASSING}")
        received = await asyncio.to_thread(_received, path, key, capture)
        received.order = capture.byte_order
        return cls(capture, received, captures, path, kept=kept)

    @property
    def place(self) -> int:
        return self.received.entries

    def take(self, batch: Batch) -> None:
        """Take in what is new of it. Raises UnexpectedAnswerError: something between was left out."""
        if batch.place > self.place:
            raise UnexpectedAnswerError("The relay left something out.", "It is asked for again.")
        for entry in batch.entries[self.place - batch.place :]:
            self.received.take_over(entry)

    async def end(self, told: Capture) -> bool:
        """All was handed on: keep it as ended. Whether it is what the relay sealed. Raises StorageError."""
        self.received.timeline.finish()
        await self._settle()
        if not self._kept:
            same = told.sha256 == self.received.sha256
            await self._gone()
            return same
        whole = summed(self.capture, self.received)
        read_again = await asyncio.to_thread(_received, self._path, await self._captures.key(whole.session_id), whole)
        same = told.sha256 == read_again.sha256
        reason = told.end_reason if same else f"{told.end_reason}; what is here is not what the relay sealed"
        over = {"state": told.state, "ended_at": told.ended_at, "end_reason": reason[:2_000], "lost": told.lost}
        self.capture = whole.model_copy(update=over)
        await self._captures.ended(self.capture)
        if not same:
            await self._captures.differs(self.capture, told.sha256)
        await self._gone()
        return same

    async def aclose(self) -> None:
        """Take in no more; what came is on the disk, and is gone on with another time."""
        with contextlib.suppress(QaPlayerError):
            await self._settle()
        await self._gone()

    async def _gone(self) -> None:
        self._captures.receiving.pop(self.capture.session_id, None)
        if not self._kept:
            # where somebody still plays from it, Windows keeps it: then it goes when the next window opens
            with contextlib.suppress(OSError):
                await asyncio.to_thread(self._path.unlink, missing_ok=True)
        if not self.over.done():
            self.over.set_result(None)

    async def _settle(self) -> None:
        self._flushing.cancel()
        await asyncio.gather(self._flushing, return_exceptions=True)
        await self._flush()

    async def _flush_on(self) -> None:
        while True:
            await asyncio.sleep(FLUSHED_EVERY_S)
            # what the disk does not take now is tried again; it stays in memory until then
            with contextlib.suppress(QaPlayerError):
                await asyncio.shield(self._flush())

    async def _flush(self) -> None:
        # one that was being written when the call ended is waited for
        async with self._writing:
            if self.received.journal.turn():
                await asyncio.to_thread(self.received.journal.flush)


def _received(path: Path, key: bytes, capture: Capture) -> Received:
    from qa_player.live.journal import Journal
    from qa_player.live.received import Received

    private_folder(path.parent)
    fresh = not path.exists()
    received = Received(Journal(path, key, capture.session_id, fresh=fresh), capture.wish.codec, capture.provider)
    if not fresh:
        received.read_again(expected=None, over=False)
    return received
