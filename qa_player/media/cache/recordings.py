"""The recordings on this computer: sealed, byte for byte what the provider has, bounded, each fetched once.

A recording is fetched only because a person opened it, and then to its end. Two processes may use one home: the first
to open a part fetches it, the other reads what the first has noted and takes over when it leaves.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from qa_player import sealed
from qa_player.errors import IntegrityError
from qa_player.files import private_folder, safe_name
from qa_player.media.cache.cached import CachedRecording
from qa_player.media.cache.chunk_file import CHUNK, ChunkFile, picture_bytes
from qa_player.media.cache.hashing import digest_of
from qa_player.media.cache.keeping import CacheIndex, Probe, Surroundings, damaged, new_record
from qa_player.media.cache.patience import Clock, Patience
from qa_player.media.cache.receiving import Outcome
from qa_player.media.source import RecordingSource
from qa_player.model.cache import CacheRecord, CacheState

_THREADS = 4

OnHold = Callable[[], Awaitable[Collection[tuple[str, str]]]]
"""Tells which sessions, as (connection, session id), must be kept whatever the rules say."""


class RecordingCache:
    """Opens recordings and keeps all of them together under ``limit_bytes``, but never at the cost of one in use.

    ``folder`` holds one sealed file per part; ``key`` is the home's recordings key (32 bytes); ``probe`` reads the
    facts of a recording that is whole, in a thread. What ``on_hold`` names is never dropped to make room.
    """

    def __init__(
        self,
        folder: Path,
        index: CacheIndex,
        key: bytes,
        limit_bytes: int,
        *,
        probe: Probe | None = None,
        on_hold: OnHold | None = None,
        clock: Clock | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._on_hold = on_hold
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="recording-cache")
        self._around = Surroundings(index, key, clock or Clock(), patience or Patience(), _InPool(self._threads), probe)
        self._open: dict[str, CachedRecording] = {}
        self._turn = asyncio.Lock()

    async def open(
        self, *, connection: str, session_id: str, part_id: str, source: RecordingSource | None
    ) -> CachedRecording:
        """The part, its missing bytes being fetched from ``source``; null source: only what is on this computer.

        Close it with ``aclose`` as often as it was opened. Raises StorageError, DatabaseError.
        """
        cache_id = safe_name(connection, session_id, part_id)
        async with self._turn:
            cached = self._open.get(cache_id)
            if cached is None or not cached.users:
                await self._make_room(spare=cache_id)
                file = await self._around.in_thread(lambda: self._file(cache_id))
                cached = await self._opened(
                    new_record(
                        cache_id, connection=connection, session_id=session_id, part_id=part_id, around=self._around
                    ),
                    file,
                    source,
                )
                self._open[cache_id] = cached
            cached.users += 1
            cached.lend(source)
            return cached

    async def _opened(self, new: CacheRecord, file: ChunkFile, source: RecordingSource | None) -> CachedRecording:
        try:
            file.try_lock()
            known = await self._around.index.load(new.cache_id)
            used = {"used_at": self._around.now()}
            try:
                return CachedRecording((known or new).model_copy(update=used), file, source, self._around)
            except IntegrityError:
                if source is None:
                    raise
                return CachedRecording(new, file, source, self._around)  # its key does not open: as if never fetched
        except BaseException:
            file.close()
            raise

    async def holds(self, *, connection: str, session_id: str, part_id: str) -> bool:
        """Whether the whole of a part is on this computer, its digest known: it needs no provider any more."""
        record = await self._around.index.load(safe_name(connection, session_id, part_id))
        return record is not None and record.state is CacheState.VERIFIED

    async def verified(self) -> tuple[CacheRecord, ...]:
        """The records of all that is here whole, under its digest."""
        return tuple(record for record in await self._around.index.all() if record.state is CacheState.VERIFIED)

    async def verify(self, record: CacheRecord, progress: Callable[[int], None] | None = None) -> None:
        """Read all of a VERIFIED recording and compare its digest; raises IntegrityError.

        ``progress`` is told the bytes that are done, in the thread that reads them.
        """
        if record.state is not CacheState.VERIFIED or record.wrapped_key is None or record.total is None:
            raise damaged()
        key, total = sealed.unwrap_key(self._around.key, record.wrapped_key, name=record.cache_id), record.total

        def work() -> str:
            file = self._file(record.cache_id)
            try:
                starts = enumerate(range(0, total, CHUNK))
                chunks = (file.read(key, number, min(CHUNK, total - start)) for number, start in starts)
                return digest_of(chunks, progress or (lambda _done: None))
            finally:
                file.close()

        if await self._around.in_thread(work) != record.sha256:
            raise damaged()

    async def remove(self, cache_id: str) -> bool:
        """Drop a recording, its key first; whether it could be: not while any process has it open."""
        cached = self._open.get(cache_id)
        if cached is not None and cached.users:
            return False
        file = await self._around.in_thread(lambda: self._file(cache_id))
        try:
            if not file.try_lock():
                return False
            await self._around.index.delete(cache_id)
            await self._around.in_thread(file.remove)
            return True
        finally:
            file.close()

    async def aclose(self) -> None:
        """Close every recording, whoever still has it open, and the threads."""
        try:
            async with contextlib.AsyncExitStack() as closing:
                for cached in self._open.values():
                    cached.users = min(cached.users, 1)
                    closing.push_async_callback(cached.aclose)
        finally:
            self._open.clear()
            await asyncio.to_thread(self._threads.shutdown)

    async def _make_room(self, *, spare: str) -> None:
        """Drop what was not used for longest until the rest fits; tombstones cost nothing and stay."""
        records = [record for record in await self._around.index.all() if record.ranges]
        pictures = await self._around.in_thread(lambda: picture_bytes(self._folder))
        bytes_of = {record.cache_id: _bytes_of(record) + pictures.get(record.cache_id, 0) for record in records}
        over = sum(bytes_of.values()) - self._limit
        if over <= 0:
            return
        held = () if self._on_hold is None else await self._on_hold()
        for record in sorted(records, key=lambda record: record.used_at):
            if over <= 0:
                return
            spared = record.cache_id == spare or (record.connection, record.session_id) in held
            if not spared and record.state is not CacheState.GONE and await self.remove(record.cache_id):
                over -= bytes_of[record.cache_id]

    def _file(self, cache_id: str) -> ChunkFile:
        return ChunkFile(private_folder(self._folder) / f"{cache_id}.part", cache_id)


class _InPool:
    """Runs work in the cache's own threads, so that nobody else's work keeps playback waiting."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self._threads = threads

    async def __call__(self, work: Callable[[], Outcome]) -> Outcome:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _bytes_of(record: CacheRecord) -> int:
    return sum(end - start for start, end in record.ranges)
