"""What is known of a cached recording: its state, what of it is held, and the wrapped key that seals it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from qa_player.model.recording import MediaFacts
from qa_player.model.value import Instant, Name, OpaqueId, Sha256, ShortText, Value

ByteCount = Annotated[int, Field(ge=0, le=2**62)]


class CacheState(StrEnum):
    """ABSENT → PARTIAL → VERIFIED, or GONE (for good) or FAILED (for a reason)."""

    ABSENT = "absent"
    PARTIAL = "partial"
    VERIFIED = "verified"
    GONE = "gone"
    FAILED = "failed"


class CacheRecord(Value):
    """One recording part in the cache. ``ranges`` are [start, end) bytes held on disk, sorted and apart.

    ``wrapped_key`` is the key of this recording alone under the home's recordings key; null once it was destroyed.
    ``etag`` is the strong validator its bytes belong to; ``total`` their whole number, null while unknown.
    ``facts`` are set with VERIFIED. ``used_at`` orders eviction.
    """

    cache_id: OpaqueId
    connection: Name
    session_id: OpaqueId
    part_id: OpaqueId
    state: CacheState
    total: ByteCount | None = None
    etag: ShortText | None = None
    mime: ShortText | None = None
    ranges: tuple[tuple[ByteCount, ByteCount], ...] = ()
    sha256: Sha256 | None = None
    wrapped_key: bytes | None = None
    facts: MediaFacts | None = None
    reason: ShortText | None = None
    fetched_at: Instant | None = None
    used_at: Instant
