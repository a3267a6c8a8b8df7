"""What is kept of recordings on this computer, read again from first byte to last and held against its digest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa_player.errors import IntegrityError, StorageError
from qa_player.model.cache import CacheRecord
from qa_player.services.audit import Audit

if TYPE_CHECKING:
    from qa_player.media.cache import RecordingCache


@dataclass(frozen=True)
class Reread:
    """The verified recordings that passed, those that did not, and how many ``bytes`` they are together."""

    whole: tuple[CacheRecord, ...]
    damaged: tuple[CacheRecord, ...]
    bytes: int


class Kept:
    """Looks after the recordings that are here. It mends nothing: damage is fetched again when one is opened."""

    def __init__(self, *, audit: Audit, make_cache: Callable[[], RecordingCache]) -> None:
        self._audit = audit
        self._make_cache = make_cache

    async def of_session(self, connection: str, session_id: str) -> tuple[CacheRecord, ...]:
        """The verified recordings of one session, its parts in no order. Raises what reading the index raises."""
        place = (connection, session_id)
        return tuple(one for one in await self._make_cache().verified() if (one.connection, one.session_id) == place)

    async def verify(self, progress: Callable[[int, int | None], None]) -> Reread:
        """Read every verified recording again; ``progress`` is told (done, all) in bytes, in a thread.

        The result goes into the audit trail. Raises what reading the index raises.
        """
        cache = self._make_cache()
        records = await cache.verified()
        whole, damaged, done, size = [], [], 0, sum(record.total or 0 for record in records)
        for record in records:
            before = done
            try:
                await cache.verify(record, lambda read, before=before: progress(before + read, size))  # type: ignore[misc]
            except (IntegrityError, StorageError):
                damaged.append(record)
            else:
                whole.append(record)
            done += record.total or 0
        await self._audit.record("cache.verified", detail={"whole": len(whole), "damaged": len(damaged)})
        for record in damaged:
            await self._audit.record(
                "recording.damaged",
                connection=record.connection,
                session_id=record.session_id,
                subject=record.part_id,
            )
        return Reread(tuple(whole), tuple(damaged), done)
