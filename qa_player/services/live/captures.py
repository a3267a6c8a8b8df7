"""Captures as they are kept: rows in the database, sealed journals in a folder of the home."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from qa_player import sealed
from qa_player.errors import NotFoundError, QaPlayerError, UsageError
from qa_player.files import private_folder, safe_name, storage_errors
from qa_player.model.connection import Connection, Sides
from qa_player.model.live import CAPTURED, ByteOrder, Capture, CaptureState
from qa_player.services.live.relay_lock import RelayLock
from qa_player.services.live.summing import summed
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.live.journal import Journal
    from qa_player.live.received import Received
    from qa_player.store.database import Database, Transaction

CONNECTION = CAPTURED
REMEMBERED = 2


class Captures:
    """All captures of a home. ``key`` is the home's key for them; each journal has one of its own, wrapped by it."""

    def __init__(self, database: Database, folder: Path, key: bytes, trail: Trail) -> None:
        self.database = database
        self.trail = trail
        self._folder = folder
        self._key = key
        self.receiving: dict[str, Received] = {}
        """Those that are received in this process just now."""
        self.fetch: Callable[[Capture], Awaitable[None]] | None = None
        """Has a call that is kept by a relay elsewhere from there."""
        self._read: OrderedDict[str, Received] = OrderedDict()
        self._reading = asyncio.Lock()

    def connection(self) -> Connection:
        """The built-in connection."""
        return Connection(
            name=CONNECTION,
            provider=CONNECTION,
            base_url="",
            sides=Sides(agent="Agent", user="Caller"),
            created_at=self.trail.now(),
        )

    def path(self, session_id: str) -> Path:
        """The file of a capture's journal."""
        return self._folder / f"{safe_name(session_id)}.call"

    async def all(self) -> tuple[Capture, ...]:
        """Every capture, newest first."""
        from qa_player.store import live

        return await self.database.read(live.captures)

    async def named(self, session_id: str) -> Capture:
        """The capture of a session. Raises NotFoundError."""
        return (await self._row(session_id))[0]

    def begun(self, transaction: Transaction, capture: Capture, action: str) -> bytes:
        """Keep a new capture with its own key, in the caller's transaction; returns that key."""
        from qa_player.store import connections, live

        known = connections.load(transaction, CONNECTION)
        if known is None:
            connections.save(transaction, self.connection())
        elif known.provider != CONNECTION:
            raise UsageError(
                f"A connection called “{CONNECTION}” is in the way of captured calls.", "Remove it, then try again."
            )
        key = sealed.new_key()
        live.begin_capture(transaction, capture, sealed.wrap_key(self._key, key, name=capture.session_id))
        self.trail.append(
            transaction,
            action,
            connection=CONNECTION,
            session_id=capture.session_id,
            subject=capture.call_id,
            detail={"carrier": capture.connection, "codec": capture.wish.codec.value},
        )
        return key

    async def key(self, session_id: str) -> bytes:
        """The key of a capture's journal. Raises NotFoundError."""
        return sealed.unwrap_key(self._key, (await self._row(session_id))[1], name=session_id)

    def sweep(self, ending: str) -> None:
        """Remove the files that end so; blocks. Raises StorageError."""
        with storage_errors():
            for path in self._folder.glob(f"*{ending}"):
                path.unlink(missing_ok=True)

    async def journal(self, capture: Capture, key: bytes) -> Journal:
        """A fresh journal for a capture that was begun. Raises StorageError, DiskFullError."""
        from qa_player.live.journal import Journal

        def make() -> Journal:
            private_folder(self._folder)
            return Journal(self.path(capture.session_id), key, capture.session_id, fresh=True)

        return await asyncio.to_thread(make)

    async def name_stream(self, session_id: str, stream_id: str) -> None:
        """Keep which stream a capture is of, for whoever wants to stop it from another process."""
        from qa_player.store import live

        await self.database.write(lambda transaction: live.name_stream(transaction, session_id, stream_id[:2_000]))

    async def ended(self, capture: Capture) -> None:
        """Keep how a capture ended."""
        from qa_player.store import live

        def keep(transaction: Transaction) -> None:
            live.save_capture(transaction, capture)
            told: dict[str, JsonValue] = {
                "frames": capture.frames,
                "lost": capture.lost,
                "reason": capture.end_reason,
            }
            self.trail.append(
                transaction, "live.ended", connection=CONNECTION, session_id=capture.session_id, detail=told
            )

        await self.database.write(keep)

    async def differs(self, capture: Capture, sealed_sha256: str) -> None:
        """What is kept of a call is not what its relay sealed: the trail holds both digests."""
        told: dict[str, JsonValue] = {"relay": capture.relay, "sealed": sealed_sha256, "here": capture.sha256}
        await self.database.write(
            lambda transaction: self.trail.append(
                transaction, "live.differs", connection=CONNECTION, session_id=capture.session_id, detail=told
            )
        )

    async def received(self, session_id: str) -> tuple[Capture, Received]:
        """A capture and what was received of it, also while it goes on. Raises NotFoundError, StorageError."""
        from qa_player.live.received import opened

        capture, wrapped = await self._row(session_id)
        living = self.receiving.get(session_id)
        if living is not None:
            return capture, living
        async with self._reading:
            known = self._read.get(session_id)
            if known is None or known.order is not capture.byte_order:
                key = sealed.unwrap_key(self._key, wrapped, name=session_id)
                known = await asyncio.to_thread(
                    opened,
                    self.path(session_id),
                    key,
                    session_id,
                    codec=capture.wish.codec,
                    provider=capture.provider,
                    records=capture.records,
                )
                known.order = capture.byte_order
                if capture.state is not CaptureState.RECEIVING:
                    # what another process receives just now is more the next time
                    self._remember(session_id, known)
            return capture, known

    async def read_bytes_as(self, session_id: str, order: ByteOrder) -> None:
        """Say which byte order a capture has, where what was detected is wrong. Raises NotFoundError."""
        from qa_player.store import live

        # which order was heard is found out anew when it is shown the next time
        capture = (await self.named(session_id)).model_copy(update={"byte_order": order, "sum": None})

        def keep(transaction: Transaction) -> None:
            live.save_capture(transaction, capture)
            detail = {"byte_order": order.value}
            self.trail.append(
                transaction, "live.byte_order_set", connection=CONNECTION, session_id=session_id, detail={**detail}
            )

        await self.database.write(keep)
        if session_id in self.receiving:
            self.receiving[session_id].order = order

    async def recover(self) -> None:
        """Captures whose relay ended before them: what came is theirs, and they are over."""
        if not await asyncio.to_thread(self.relay_is_running):
            await self.recover_held()

    async def recover_held(self) -> None:
        """`recover` by the process that holds the lock, or knows that nobody does."""
        for capture in await self.all():
            if capture.state is not CaptureState.RECEIVING or capture.relay or capture.session_id in self.receiving:
                continue
            try:
                _, received = await self.received(capture.session_id)
            except QaPlayerError:
                # the journal itself was never made, or is gone: nothing came that could be heard
                over = {"state": CaptureState.INTERRUPTED, "records": 0, "end_reason": "nothing of it is on the disk"}
                await self.ended(capture.model_copy(update=over))
                continue
            whole = summed(capture, received)
            ended_at = capture.began_at + timedelta(milliseconds=whole.duration_ms or 0)
            over = {
                "state": CaptureState.INTERRUPTED,
                "end_reason": "the relay ended before the call",
                "ended_at": ended_at,
            }
            await self.ended(whole.model_copy(update=over))

    async def damage_found(self, capture: Capture, received: Received) -> None:
        """What was read of a capture is less than was written: from now on it says so, wherever it is shown."""
        from qa_player.store import live

        less = summed(capture, received).model_copy(update={"records": capture.records})

        def keep(transaction: Transaction) -> None:
            live.save_capture(transaction, less)
            self.trail.append(transaction, "live.damage_found", connection=CONNECTION, session_id=capture.session_id)

        await self.database.write(keep)

    async def unread(self, session_id: str) -> Capture | None:
        """A capture that can be shown as it was summed up; null where its journal must be read.

        Raises NotFoundError.
        """
        capture = await self.named(session_id)
        if capture.sum is None or capture.state is CaptureState.RECEIVING:
            return None
        try:
            size = (await asyncio.to_thread(self.path(session_id).stat)).st_size
        except OSError:
            return None
        return capture if size == capture.sum.journal_bytes else None

    async def destroy(self, session_id: str) -> None:
        """Forget a capture: its key first, so that nothing of its journal can be read, wherever a copy may be."""
        from qa_player.store import live

        await self.named(session_id)
        await self.database.write(lambda transaction: live.forget_capture(transaction, session_id))
        self._read.pop(session_id, None)
        with storage_errors():
            await asyncio.to_thread(self.path(session_id).unlink, missing_ok=True)

    def relay_is_running(self) -> bool:
        """Whether some process is the relay of this home; blocks a moment."""
        return self._folder.exists() and not self.lock.is_free()

    @property
    def lock(self) -> RelayLock:
        """The lock that only the relay of this home holds."""
        return RelayLock(self._folder)

    def _remember(self, session_id: str, received: Received) -> None:
        self._read.pop(session_id, None)
        self._read[session_id] = received
        while len(self._read) > REMEMBERED:
            self._read.popitem(last=False)

    async def _row(self, session_id: str) -> tuple[Capture, bytes]:
        from qa_player.store import live

        found = await self.database.read(lambda transaction: live.capture(transaction, session_id))
        if found is None:
            raise NotFoundError("There is no captured call of that id.", "See `qa-player sessions live`.")
        return found
