"""Clips: pieces of audio handed on, each with its digest in the trail."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qa_player.canonical import sha256
from qa_player.errors import UsageError
from qa_player.files import place_to_write, write_whole
from qa_player.model.annotation import Span
from qa_player.services.audit import Audit
from qa_player.services.library import Library, OpenSession
from qa_player.services.open_part import OpenPart, closing
from qa_player.services.recordings import Recordings


@dataclass(frozen=True)
class Clip:
    """What was written: where it lies, its digest, and its length in bytes."""

    path: Path
    sha256: str
    bytes: int


class Clipping:
    """Cuts pieces out of recordings; what is fetched for it goes through the cache like everything else."""

    def __init__(self, *, library: Library, recordings: Recordings, audit: Audit) -> None:
        self._library = library
        self._recordings = recordings
        self._audit = audit

    async def clip(self, connection: str, session_id: str, span: Span, path: Path) -> Clip:
        """Write the samples of ``span`` as a WAV file, whole or not at all; the event with its digest comes first.

        Raises UsageError for a span that is not inside of one recording, a folder that is none, or another ending than
        .wav; and what fetching the recording raises.
        """
        if path.suffix.casefold() != ".wav":
            raise UsageError("A clip is written as WAV, the very samples.", "Name a file that ends in .wav.")
        await asyncio.to_thread(place_to_write, path)
        session = await self._library.open(connection, session_id)
        parts = await self._recordings.open_parts(session)
        async with closing(parts):
            data = await self._cut(session, parts, span)
        made = Clip(path, sha256(data), len(data))
        await self._audit.record(
            "recording.clipped",
            connection=connection,
            session_id=session_id,
            detail={"start_ms": span.start_ms, "end_ms": span.end_ms, "sha256": made.sha256, "bytes": made.bytes},
        )
        await asyncio.to_thread(write_whole, path, data)
        return made

    async def _cut(self, session: OpenSession, parts: Sequence[OpenPart], span: Span) -> bytes:
        from qa_player.media.clip import LONGEST_MS, clip_wav

        if span.end_ms - span.start_ms > LONGEST_MS:
            raise UsageError("A clip is at most four hours long.", "Fetch the whole recording instead.")
        part, start_ms = _holding(session, parts, span)
        cached, error = part.cached, part.error
        if cached is None:
            raise error or UsageError("This part was not recorded.", "Choose a span of another part.")
        stopped = threading.Event()
        working = asyncio.create_task(
            asyncio.to_thread(
                clip_wav,
                cached.reader(stopped.is_set),
                span.start_ms - start_ms,
                span.end_ms - start_ms,
                cancelled=stopped.is_set,
            )
        )
        try:
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            stopped.set()
            await asyncio.wait([working])
            raise


def _holding(session: OpenSession, parts: Sequence[OpenPart], span: Span) -> tuple[OpenPart, int]:
    """The part that the whole span lies in, and where that part begins."""
    if len(parts) == 1:
        return parts[0], parts[0].part.start_ms or 0
    placed = {part.part_id: part for part in session.parts}
    for one in parts:
        known = placed.get(one.part.part_id)
        if known is None or known.start_ms is None or known.duration_ms is None:
            continue
        if known.start_ms <= span.start_ms and span.end_ms <= known.start_ms + known.duration_ms:
            return one, known.start_ms
    raise UsageError(
        "This span does not lie in one part of the recording, or where the parts lie is not known yet.",
        "Fetch the recording first, then clip each part by itself.",
    )
