"""What is written down of a recording: its record in the index, brought up to date in an order no crash can hurt.

A chunk is written before the record claims it; a new key is recorded before the old chunks are dropped; the file is
synced before it is called VERIFIED.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from qa_player import sealed
from qa_player.errors import (
    AddressExpiredError,
    GoneError,
    IntegrityError,
    KeyRefusedError,
    MediaError,
    NotFoundError,
    NotReadyError,
    QaPlayerError,
    QuotaError,
    StorageError,
    UsageError,
)
from qa_player.media.cache.chunk_file import CHUNK, ChunkFile
from qa_player.media.cache.hashing import digest_of
from qa_player.media.cache.holdings import Holdings
from qa_player.media.cache.intervals import Intervals
from qa_player.media.cache.judging import Identity
from qa_player.media.cache.patience import Clock, Patience
from qa_player.media.cache.reader import ReadCancelled, RecordingReader
from qa_player.media.cache.receiving import InThread
from qa_player.model.cache import CacheRecord, CacheState
from qa_player.model.recording import MediaFacts

KEEP_S = 2.0
"""How often what is on disk is noted in the index; chunks that a crash leaves unnoted are fetched again."""

LENGTH_UNSTATED = "Nobody stated the recording's length; it may have been cut short."
"""The reason of a PARTIAL record whose bytes are all here as far as anybody can tell."""

_FAILED = (
    AddressExpiredError,
    KeyRefusedError,
    MediaError,
    NotFoundError,
    NotReadyError,
    QuotaError,
    UsageError,
)
"""Trouble that trying again at once would not end; anything else leaves the recording PARTIAL."""

Probe = Callable[[RecordingReader], MediaFacts]
"""Reads the facts of a recording that is whole; called in a thread. Raises MediaError."""


class CacheIndex(Protocol):
    """Where records of the cache are kept; ``store`` fits it."""

    async def load(self, cache_id: str) -> CacheRecord | None: ...
    async def save(self, record: CacheRecord) -> None: ...
    async def delete(self, cache_id: str) -> None: ...
    async def all(self) -> tuple[CacheRecord, ...]: ...


@dataclass(frozen=True)
class Surroundings:
    """What all recordings of one cache share; ``key`` wraps each recording's own."""

    index: CacheIndex
    key: bytes
    clock: Clock
    patience: Patience
    in_thread: InThread
    probe: Probe | None

    def now(self) -> datetime:
        """The present moment in UTC."""
        return datetime.fromtimestamp(self.clock.now(), UTC)


class Keeping:
    """The record of one recording and what the fetch does to it. On the loop."""

    def __init__(self, record: CacheRecord, file: ChunkFile, around: Surroundings, touched: Callable[[], None]) -> None:
        self.holdings = Holdings(file, _key_of(record, around.key))
        self.hashed_bytes = 0
        self.touched = touched
        self._around = around
        self._record = record
        self._kept = float("-inf")
        self._loop = asyncio.get_running_loop()
        self.take_over(record)

    @property
    def state(self) -> CacheState:
        """What the record says, unless what is held says less."""
        state = self._record.state
        if state in (CacheState.GONE, CacheState.FAILED):
            return state
        if state is CacheState.VERIFIED and self.holdings.complete:
            return state
        return CacheState.PARTIAL if self.holdings.held_bytes else CacheState.ABSENT

    @property
    def unstated(self) -> bool:
        """Whether all bytes are here that came, and nobody knows whether more should have."""
        return self._record.reason == LENGTH_UNSTATED

    @property
    def record(self) -> CacheRecord:
        """The recording as the index would hold it now."""
        holdings = self.holdings
        with holdings.condition:
            changes = {
                "state": self.state,
                "total": holdings.total,
                "etag": holdings.identity.etag,
                "mime": None if holdings.mime is None else holdings.mime[:200],
                "ranges": holdings.on_disk.spans,
            }
        return self._record.model_copy(update=changes)

    def take_over(self, record: CacheRecord) -> None:
        """Believe ``record``: at the start, and whenever another process may have written it."""
        holdings, key = self.holdings, _key_of(record, self._around.key)
        with holdings.condition:
            if record.wrapped_key is not None and key != holdings.key:
                holdings.renew(key, Identity())
            holdings.identity = Identity(record.etag, record.total)
            holdings.mime = record.mime
            holdings.on_disk = Intervals(record.ranges)
            holdings.known = holdings.known or record.total is not None
            holdings.condition.notify_all()
        self._record = record
        if record.state is CacheState.GONE:
            holdings.fail(_gone(), final=True)

    async def keep(self) -> None:
        """Note what is on disk, at a sane pace."""
        if self._around.clock.monotonic() - self._kept >= KEEP_S:
            await self.save()

    async def save(self) -> None:
        """Note what is on disk now."""
        self._kept = self._around.clock.monotonic()
        await self._around.index.save(self.record)

    async def begin_again(self, identity: Identity) -> None:
        """The provider has another recording now: a new key, and nothing held."""
        key = sealed.new_key()
        wrapped = sealed.wrap_key(self._around.key, key, name=self._record.cache_id)
        self._record = self._record.model_copy(
            update={"wrapped_key": wrapped, "state": CacheState.PARTIAL, "sha256": None, "facts": None, "reason": None}
        )
        self.holdings.renew(key, identity)
        await self.save()
        await self._around.in_thread(self.holdings.file.clear)
        self.touched()

    async def certify(self) -> None:
        """Hash all that is held, read its facts, and call it VERIFIED. Raises IntegrityError at a damaged chunk."""
        holdings = self.holdings
        total = holdings.total or 0
        chunks = (holdings.read_at(start, CHUNK) for start in range(0, total, CHUNK))
        digest = await self._around.in_thread(lambda: digest_of(chunks, self._hashed))
        await self._around.in_thread(holdings.file.sync)
        facts, reason = await self._facts(digest, total)
        self._record = self._record.model_copy(
            update={
                "state": CacheState.VERIFIED,
                "sha256": digest,
                "facts": facts,
                "reason": reason,
                "fetched_at": self._around.now(),
            }
        )
        await self.save()
        self.touched()

    def _hashed(self, done: int) -> None:
        if self.holdings.closed:
            raise ReadCancelled
        self.hashed_bytes = done
        self._loop.call_soon_threadsafe(self.touched)

    async def _facts(self, digest: str, total: int) -> tuple[MediaFacts | None, str | None]:
        probe, holdings = self._around.probe, self.holdings
        if probe is None:
            return None, None
        reader = RecordingReader(holdings, lambda: holdings.closed, lambda: None, urgent=False)
        try:
            facts = await self._around.in_thread(lambda: probe(reader))
        except MediaError as error:
            holdings.fail(error, final=True)
            return None, error.message
        return facts.model_copy(update={"sha256": digest, "bytes": total, "verified": True}), None

    async def label_unstated(self) -> None:
        """Everything that came is here, and is not certified."""
        self._record = self._record.model_copy(update={"state": CacheState.PARTIAL, "reason": LENGTH_UNSTATED})
        await self.save()
        self.touched()

    def forget_failure(self) -> None:
        """Another attempt begins."""
        if self._record.state is CacheState.FAILED:
            self._record = self._record.model_copy(update={"state": CacheState.PARTIAL, "reason": None})
        self.holdings.retry()

    async def fail(self, error: QaPlayerError, *, final: bool = False) -> None:
        """Nothing more comes for now: GONE for good, FAILED for a reason, or PARTIAL and worth another try."""
        state = None
        if isinstance(error, GoneError):
            state = CacheState.GONE
        elif isinstance(error, _FAILED):
            state = CacheState.FAILED
        if state is not None:
            self._record = self._record.model_copy(update={"state": state, "reason": error.message})
        try:
            if self.holdings.file.locked and self.state is not CacheState.ABSENT:
                await self.save()
        except StorageError as unsaved:
            error = unsaved if state is None else error
        self.holdings.fail(error, final=final or state is not None)
        self.touched()


def new_record(cache_id: str, *, connection: str, session_id: str, part_id: str, around: Surroundings) -> CacheRecord:
    """A recording of which nothing is held yet, with a key of its own."""
    return CacheRecord(
        cache_id=cache_id,
        connection=connection,
        session_id=session_id,
        part_id=part_id,
        state=CacheState.ABSENT,
        wrapped_key=sealed.wrap_key(around.key, sealed.new_key(), name=cache_id),
        used_at=around.now(),
    )


def _key_of(record: CacheRecord, key: bytes) -> bytes:
    if record.wrapped_key is None:
        return sealed.new_key()  # destroyed: what was sealed stays closed
    return sealed.unwrap_key(key, record.wrapped_key, name=record.cache_id)


def _gone() -> GoneError:
    return GoneError("The recording was deleted at the provider.", "What was kept of it here stays as it is.")


def damaged() -> IntegrityError:
    """The sentence for a recording whose digest is not the one that was recorded."""
    return IntegrityError("The recording on this computer is not the one that was verified.", "Fetch it again.")
