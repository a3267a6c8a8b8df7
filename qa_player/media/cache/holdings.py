"""What is held of one recording just now, shared by the loop that fetches it and the threads that read it.

Bytes are in one of two places: in sealed chunks on disk, or in the memory of a chunk that is still being received. Only
the loop changes what is held; readers look, wait, and say what they wait for.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from qa_player.errors import IntegrityError, QaPlayerError
from qa_player.media.cache.chunk_file import CHUNK, ChunkFile
from qa_player.media.cache.intervals import Intervals
from qa_player.media.cache.judging import Identity

_TAILS = 8
"""How many half-received chunks are kept in memory: one per place that was jumped away from."""


@dataclass(frozen=True)
class Sealed:
    """A chunk on disk: what it takes to open it, and the generation it belongs to."""

    number: int
    length: int
    key: bytes
    generation: int


@dataclass(frozen=True)
class Want:
    """A byte that a reader waits for; ``order`` counts up."""

    position: int
    urgent: bool
    order: int


class Holdings:
    """Everything below ``condition`` is read and changed while holding it; waiters are told of every change."""

    def __init__(self, file: ChunkFile, key: bytes) -> None:
        self.file = file
        self.condition = threading.Condition()
        self.key = key
        self.generation = 0
        self.identity = Identity()
        self.mime: str | None = None
        self.known = False  # whether an answer was seen, so that a null length means "nobody says"
        self.on_disk = Intervals()
        self.resumes_at: float | None = None  # seconds since the epoch, while the provider wants to be left alone
        self.tails: dict[int, bytearray] = {}
        self.wants: dict[object, Want] = {}
        self.trouble: QaPlayerError | None = None
        self.failures = 0
        self.final = False  # whether asking again is useless
        self.repairable = False  # whether a damaged chunk can be fetched again
        self.closed = False
        self._order = 0

    @property
    def total(self) -> int | None:
        """The whole length in bytes, null while unknown."""
        return self.identity.total

    @property
    def complete(self) -> bool:
        """Whether every byte is on disk."""
        return self.total is not None and self.on_disk.end_of(0) >= self.total

    @property
    def held_bytes(self) -> int:
        """Bytes on disk and in memory."""
        return self.on_disk.size + sum(map(len, tuple(self.tails.values())))

    def length_of(self, number: int) -> int:
        """How many plain bytes chunk ``number`` has when it is full."""
        return CHUNK if self.total is None else max(0, min(CHUNK, self.total - number * CHUNK))

    def at(self, position: int) -> bytes | Sealed | None:
        """The bytes in memory from ``position`` on, the chunk on disk that has it, or null."""
        number, offset = divmod(position, CHUNK)
        if self.on_disk.end_of(position) > position:
            return Sealed(number, self.length_of(number), self.key, self.generation)
        tail = self.tails.get(number)
        return bytes(memoryview(tail)[offset:]) if tail is not None and len(tail) > offset else None

    def open(self, chunk: Sealed) -> bytes:
        """The plain bytes of a chunk; one that does not open is no longer held, and IntegrityError is raised."""
        try:
            return self.file.read(chunk.key, chunk.number, chunk.length)
        except IntegrityError:
            with self.condition:
                if chunk.generation == self.generation and self.repairable:
                    self.on_disk.remove(chunk.number * CHUNK, (chunk.number + 1) * CHUNK)
                    self.condition.notify_all()
            raise

    def read_at(self, position: int, count: int) -> bytes:
        """Held bytes without waiting, fewer than ``count`` where they end; any thread. Raises IntegrityError."""
        out = bytearray()
        while len(out) < count:
            with self.condition:
                found = self.at(position + len(out))
            if found is None:
                break
            if isinstance(found, Sealed):
                found = self.open(found)[(position + len(out)) % CHUNK :]
            out += found[: count - len(out)]
        return bytes(out)

    def gap(self, position: int) -> tuple[int, int | None] | None:
        """The first [start, end) to ask for at or after ``position``; null end: to the end. Null: nothing is missing.

        It begins at a chunk's first byte, or behind what memory has of that chunk.
        """
        start, end = self.on_disk.gap(position // CHUNK * CHUNK)
        if self.total is not None and start >= self.total:
            return None
        return start // CHUNK * CHUNK + len(self.tails.get(start // CHUNK, b"")), end

    def waits_for(self) -> int | None:
        """The byte that a person waits for: of the urgent wants that are not held, the latest."""
        end = 2**62 if self.total is None else self.total
        waiting = [
            want
            for want in self.wants.values()
            if want.urgent and want.position < end and self.at(want.position) is None
        ]
        return max(waiting, key=lambda want: want.order).position if waiting else None

    def want(self, who: object, position: int, *, urgent: bool) -> bool:
        """Note what a reader waits for; whether that was news."""
        old = self.wants.get(who)
        if old is not None and old.position == position:
            return False
        self._order += 1
        self.wants[who] = Want(position, urgent, self._order)
        return True

    def append(self, number: int, data: memoryview) -> bool:
        """Add received bytes to the memory of a chunk; whether it is full now."""
        with self.condition:
            tail = self.tails.setdefault(number, bytearray())
            tail += data
            while len(self.tails) > _TAILS:
                del self.tails[next(other for other in self.tails if other != number)]
            self.condition.notify_all()
            return len(tail) >= self.length_of(number)

    def commit(self, number: int, length: int) -> None:
        """A chunk was written: its bytes are on disk and leave memory."""
        with self.condition:
            self.on_disk.add(number * CHUNK, number * CHUNK + length)
            self.tails.pop(number, None)
            self.condition.notify_all()

    def learn(self, identity: Identity) -> None:
        """Take ``identity``; chunks whose length it changes are no longer held."""
        with self.condition:
            old, self.identity, self.known = self.identity, identity, True
            if old.total != identity.total and (old.total is not None or identity.total is not None):
                self._fit(min(old.total or 2**62, identity.total or 2**62))
            self.condition.notify_all()

    def _fit(self, shorter: int) -> None:
        self.on_disk.remove(shorter // CHUNK * CHUNK, None)
        for other in [other for other, tail in self.tails.items() if len(tail) > self.length_of(other)]:
            del self.tails[other]

    def renew(self, key: bytes, identity: Identity) -> None:
        """Begin a new generation: nothing is held, and nothing old can be opened."""
        with self.condition:
            self.generation += 1
            self.key = key
            self.identity = identity
            self.on_disk = Intervals()
            self.tails.clear()
            self.condition.notify_all()

    def fail(self, error: QaPlayerError, *, final: bool) -> None:
        """No more comes for now; those who wait are told ``error``."""
        with self.condition:
            self.trouble, self.final = error, final
            self.failures += 1
            self.condition.notify_all()

    def retry(self) -> None:
        """Another round begins."""
        with self.condition:
            self.trouble, self.final = None, False

    def close(self) -> None:
        """Let everybody go."""
        with self.condition:
            self.closed = True
            self.condition.notify_all()
