"""One recording part as the program sees it: its state, what is held, and ways to read, complete and export it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from qa_player.errors import IntegrityError, NetworkError, NotReadyError, QaPlayerError
from qa_player.files import writing_whole
from qa_player.media.cache.chunk_file import CHUNK, ChunkFile
from qa_player.media.cache.fetching import Fetch
from qa_player.media.cache.hashing import digest_of
from qa_player.media.cache.keeping import Keeping, Surroundings, damaged
from qa_player.media.cache.reader import ReadCancelled, RecordingReader
from qa_player.media.cache.sealed_file import SealedPlace
from qa_player.media.source import RecordingSource
from qa_player.model.cache import CacheRecord, CacheState
from qa_player.signal import Signal

_TELL_S = 0.05
_FOLLOW_S = 0.5


class CachedRecording:
    """One per part and process; made by `RecordingCache.open`, shared by all who open the part, closed by each.

    All but ``reader`` belongs to the loop. ``changed`` tells, at most every 50 ms, that anything of it changed.
    """

    def __init__(
        self, record: CacheRecord, file: ChunkFile, source: RecordingSource | None, around: Surroundings
    ) -> None:
        self.changed: Signal[()] = Signal()
        self.users = 0
        self._around = around
        self._file = file
        self._source = source
        self._loop = asyncio.get_running_loop()
        self._keeping = Keeping(record, file, around, self._touched)
        self._holdings = self._keeping.holdings
        self._holdings.repairable = source is not None and file.locked
        self._fetch: Fetch | None = None
        self._wake = asyncio.Event()
        self._demanded = False
        self._confirm = False  # whether somebody asked for certainty at the price of a second fetch
        self._followed: tuple[CacheRecord, float] = record, around.clock.monotonic()
        self._waiters: list[asyncio.Future[None]] = []
        self._telling: asyncio.TimerHandle | None = None
        self._task = asyncio.create_task(self._serve(), name="fetch a recording")

    @property
    def state(self) -> CacheState:
        """ABSENT → PARTIAL → VERIFIED, or GONE, or FAILED until it is tried again."""
        return self._keeping.state

    @property
    def size(self) -> int | None:
        """The length in bytes, null while nobody has stated it."""
        return self._holdings.total

    @property
    def held_bytes(self) -> int:
        """How many bytes can be read without the network."""
        return self._holdings.held_bytes

    @property
    def hashed_bytes(self) -> int:
        """How far certifying has come, once all bytes are held."""
        return self._keeping.hashed_bytes

    @property
    def error(self) -> QaPlayerError | None:
        """Why nothing more comes just now, or why a verified recording has no facts."""
        return self._holdings.trouble

    @property
    def resumes_at(self) -> datetime | None:
        """Until when nothing is asked for, because the provider wants to be left alone; null while it does not."""
        resumes_at = self._holdings.resumes_at
        return None if resumes_at is None else datetime.fromtimestamp(resumes_at, UTC)

    @property
    def record(self) -> CacheRecord:
        """The recording as the index would hold it now."""
        return self._keeping.record

    @property
    def verified(self) -> bool:
        """Whether all bytes are here and stand under their digest."""
        return self.state is CacheState.VERIFIED

    @property
    def sealed_place(self) -> SealedPlace | None:
        """What another process of ours needs to read it, null while it is not VERIFIED."""
        size = self.size
        if not self.verified or size is None:
            return None
        return SealedPlace(self._file.path, self.record.cache_id, self._holdings.key, size)

    @property
    def peaks_place(self) -> tuple[Path, bytes]:
        """Where its picture is kept and the key that seals it: the recording's own, so that both vanish together."""
        return self._file.picture, self._holdings.key

    def reader(self, cancelled: Callable[[], bool], *, urgent: bool = True) -> RecordingReader:
        """A view for one thread that is not the loop's. One that is not urgent waits until bytes come by themselves."""
        return RecordingReader(self._holdings, cancelled, self._wake_from_thread, urgent=urgent)

    async def fetch_all(self, progress: Callable[[int, int | None], None] | None = None) -> CacheRecord:
        """Wait until it is VERIFIED; ``progress`` is told (held, total) on the loop. Raises why it cannot be.

        What was so before is read again, and what is damaged of it fetched again. Trouble of an earlier attempt is
        forgotten; a length that nobody stated is confirmed by a second fetch.
        """
        if self.state is CacheState.VERIFIED:
            await self._around.in_thread(self._reread)
        failures = self._holdings.failures
        self._demand()
        while self.state is not CacheState.VERIFIED:
            trouble = self._holdings.trouble
            if trouble is not None and (self._holdings.failures > failures or self.state is CacheState.GONE):
                raise trouble
            if self._holdings.closed:
                raise ReadCancelled
            waiter: asyncio.Future[None] = self._loop.create_future()
            self._waiters.append(waiter)
            await waiter
            if progress is not None:
                progress(self.held_bytes, self.size)
        return self.record

    def _reread(self) -> None:
        for start in range(0, self._holdings.total or 0, CHUNK):
            self._still_open(start)
            try:
                self._holdings.read_at(start, CHUNK)
            except IntegrityError:
                if not self._holdings.repairable:
                    raise

    async def export_to(self, path: Path) -> None:
        """Write the plain bytes to ``path``, whole or not at all. Raises NotReadyError, IntegrityError …"""
        if self.state is not CacheState.VERIFIED:
            raise NotReadyError("The recording is not completely here.", "Fetch it first, then export it.")
        await self._around.in_thread(lambda: self._export(path))

    def _export(self, path: Path) -> None:
        with writing_whole(path) as out:

            def written() -> Iterator[bytes]:
                for start in range(0, self._holdings.total or 0, CHUNK):
                    chunk = self._holdings.read_at(start, CHUNK)
                    out.write(chunk)
                    yield chunk

            if digest_of(written(), self._still_open) != self.record.sha256:
                raise damaged()

    def _still_open(self, _done: int) -> None:
        if self._holdings.closed:
            raise ReadCancelled

    def lend(self, source: RecordingSource | None) -> None:
        """Give a recording that was opened offline a source."""
        if self._source is None and source is not None:
            self._source = source
            self._holdings.repairable = self._file.locked
            self._demanded = True
            self._wake.set()

    async def aclose(self) -> None:
        """Take leave; the last who does stops the fetch and lets waiting readers go."""
        self.users -= 1
        if self.users > 0 or self._holdings.closed:
            return
        self._holdings.close()
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        if self._fetch is not None:
            await self._fetch.aclose()
        if self._telling is not None:
            self._telling.cancel()
        self._release_waiters()
        try:
            if self._file.locked and self.state is not CacheState.ABSENT:
                await self._keeping.save()
        finally:
            self._file.close()

    async def _serve(self) -> None:
        while not self._file.locked and self.state is not CacheState.VERIFIED:
            await asyncio.sleep(_FOLLOW_S)
            await self._follow()
        while self._file.locked:
            self._wake.clear()
            if self._has_work():
                await self._work()
            await self._wake.wait()

    async def _follow(self) -> None:
        """Another process fetches this part: read what it has noted, and go on where it stops."""
        mine = self._file.try_lock()
        record = await self._around.index.load(self.record.cache_id)
        if record is not None:
            self._keeping.take_over(record)
        self._holdings.repairable = mine and self._source is not None
        now = self._around.clock.monotonic()
        if mine or record != self._followed[0]:
            self._followed = self._keeping.record if record is None else record, now
            if self.state is not CacheState.GONE:
                self._holdings.retry()
        elif now - self._followed[1] > self._around.patience.follow_s and self._holdings.trouble is None:
            self._holdings.fail(
                NotReadyError("Another window is fetching this recording.", "Wait, or close it there."), final=False
            )
        self._touched()

    def _has_work(self) -> bool:
        holdings = self._holdings
        if self.state in (CacheState.VERIFIED, CacheState.GONE):
            return False
        if self._demanded or (holdings.trouble is None and not (holdings.complete and self._keeping.unstated)):
            return True
        return holdings.trouble is not None and not holdings.final and holdings.waits_for() is not None

    async def _work(self) -> None:
        self._demanded = False
        self._keeping.forget_failure()
        try:
            await self._round()
        except QaPlayerError as error:
            await self._keeping.fail(error, final=self._source is None)
        except Exception as bug:
            self._loop.call_exception_handler({"message": "the fetch of a recording failed", "exception": bug})
            await self._keeping.fail(
                QaPlayerError("The recording could not be fetched.", "Please report this."), final=True
            )
        self._touched()

    async def _round(self) -> None:
        if self._source is None:
            if not self._holdings.complete:
                raise NetworkError(
                    "This part of the recording is not on this computer.", "Connect to the provider and open it again."
                )
            if not self._keeping.unstated:
                await self._keeping.certify()
            return
        if self._fetch is None:
            self._fetch = Fetch(
                self._holdings,
                self._source,
                self._keeping,
                in_thread=self._around.in_thread,
                clock=self._around.clock,
                patience=self._around.patience,
            )
            self._fetch.unstated = self._keeping.unstated
        self._fetch.confirm = self._confirm
        await self._fetch.round()

    def _demand(self) -> None:
        self._demanded = self._confirm = True
        if self._fetch is not None:
            self._fetch.confirm = True
        self._wake.set()

    def _wake_from_thread(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and the reader will be told
            self._loop.call_soon_threadsafe(self._look)

    def _look(self) -> None:
        if self._fetch is not None:
            self._fetch.look()
        self._wake.set()

    def _touched(self) -> None:
        self._release_waiters()
        if self._telling is None and not self._holdings.closed:
            self._telling = self._loop.call_later(_TELL_S, self._tell)

    def _release_waiters(self) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()

    def _tell(self) -> None:
        self._telling = None
        self.changed.emit()
