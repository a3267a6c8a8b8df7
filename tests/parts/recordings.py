"""What tests of cached recordings stand on: true bytes, an index in memory, a clock that is turned by hand."""

from __future__ import annotations

import asyncio
import random
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from qa_player.media.cache import CachedRecording, RecordingCache
from qa_player.media.cache.patience import Clock, Patience
from qa_player.media.source import RecordingSource
from qa_player.model.cache import CacheRecord
from qa_player.model.recording import MediaFacts

KEY = bytes(range(32))
PART = {"connection": "clinic", "session_id": "visit-1", "part_id": "0"}
QUICK = Patience(attempts=12, backoff_s=0.001, backoff_cap_s=0.002, window_s=0.4, answer_s=0.4, progress_bytes=2048)


def wav(size: int, *, seed: int = 1) -> bytes:
    """``size`` bytes that begin like a WAV file and say truly how long they are; the rest is noise."""
    noise = random.Random(seed).randbytes(size - 44)
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", size - 8, b"WAVE", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16, b"data", size - 44
    )
    return head + noise


def mp3(size: int, *, seed: int = 1) -> bytes:
    """``size`` bytes that begin like an MPEG stream, which says nowhere how long it is."""
    return b"\xff\xfb\x90\x64" + random.Random(seed).randbytes(size - 4)


class MemoryIndex:
    """Fits ``media.cache.CacheIndex``; ``saved`` counts."""

    def __init__(self) -> None:
        self.records: dict[str, CacheRecord] = {}
        self.saved = 0

    async def load(self, cache_id: str) -> CacheRecord | None:
        return self.records.get(cache_id)

    async def save(self, record: CacheRecord) -> None:
        self.saved += 1
        self.records[record.cache_id] = CacheRecord.model_validate(record.model_dump())

    async def delete(self, cache_id: str) -> None:
        self.records.pop(cache_id, None)

    async def all(self) -> tuple[CacheRecord, ...]:
        return tuple(self.records.values())


class HandClock:
    """A clock that moves only when somebody sleeps or turns it; ``slept`` keeps the pauses."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0
        self.slept: list[float] = []
        self.on_sleep: Callable[[], object] = lambda: None
        """Called when somebody goes to sleep."""

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.on_sleep()
        self.seconds += seconds
        await asyncio.sleep(0)

    def turn(self, seconds: float) -> None:
        """So much time has passed."""
        self.seconds += seconds

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.seconds, monotonic=lambda: self.seconds, sleep=self.sleep, jitter=lambda: 0.5)


@dataclass
class Shelf:
    """A folder and an index that outlive the caches opened on them."""

    folder: Path
    index: MemoryIndex
    limit_bytes: int = 2**40
    patience: Patience = QUICK
    clock: Clock | None = None
    probe: Callable[..., MediaFacts] | None = None
    held: frozenset[tuple[str, str]] = frozenset()

    @asynccontextmanager
    async def cache(self) -> AsyncIterator[RecordingCache]:
        """A cache on this shelf, closed in the end."""
        cache = RecordingCache(
            self.folder,
            self.index,
            KEY,
            self.limit_bytes,
            probe=self.probe,
            on_hold=self._on_hold,
            clock=self.clock,
            patience=self.patience,
        )
        try:
            yield cache
        finally:
            await cache.aclose()

    async def _on_hold(self) -> frozenset[tuple[str, str]]:
        return self.held

    @asynccontextmanager
    async def part(self, source: RecordingSource | None, **names: str) -> AsyncIterator[CachedRecording]:
        """The part of `PART`, opened in a cache of its own."""
        async with self.cache() as cache:
            cached = await cache.open(**(PART | names), source=source)
            yield cached
            await cached.aclose()
