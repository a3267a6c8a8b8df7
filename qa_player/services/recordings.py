"""Recordings: a provider's bytes joined to the cache, fetched whole on demand, drawn as peaks that are kept sealed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from qa_player.errors import (
    GoneError,
    KeychainError,
    KeyRefusedError,
    MediaError,
    NetworkError,
    NoRecordingError,
    NotFoundError,
    NotReadyError,
    UsageError,
)
from qa_player.model.recording import MediaFacts, RecordingPart, RecordingState
from qa_player.model.recording_stage import why_silent
from qa_player.model.session import SessionDetail, SessionState
from qa_player.services.audit import Audit
from qa_player.services.connections import Connections
from qa_player.services.library import Library

if TYPE_CHECKING:
    from qa_player.media.cache import CachedRecording, RecordingCache
    from qa_player.providers.base import RecordingDoor

Progress = Callable[[int, int | None], None]


def playable_part(detail: SessionDetail) -> RecordingPart:
    """The part to hear; raises NoRecordingError, NotReadyError or GoneError with the reason there is none."""
    states = {part.state for part in detail.parts}
    for part in sorted(detail.parts, key=lambda part: part.sequence):
        if part.state is RecordingState.AVAILABLE:
            return part
    silent = why_silent(detail.session.recording_stage, detail.session.recording_state)
    if silent is not None:
        raise silent
    if RecordingState.GONE in states:
        raise GoneError("The recording of this session is gone for good.", "Its transcript can still be reviewed.")
    if detail.session.state is SessionState.IN_PROGRESS:
        raise NotReadyError("This conversation is still going on.", "Its recording comes after it has ended.")
    if RecordingState.PROCESSING in states or detail.session.recording_state is RecordingState.PROCESSING:
        raise NotReadyError("The recording of this session is still being made.", "Try again in a few minutes.")
    raise NoRecordingError("This session has no recording.", "Its transcript can still be reviewed.")


class Recordings:
    """The only way to a recording: every opening and fetching is recorded before a byte is asked for."""

    def __init__(
        self,
        *,
        connections: Connections,
        library: Library,
        audit: Audit,
        make_cache: Callable[[], RecordingCache],
    ) -> None:
        self._connections = connections
        self._library = library
        self._audit = audit
        self._make_cache = make_cache

    async def open(self, detail: SessionDetail) -> CachedRecording:
        """The recording of a session, its bytes on their way; offline it is what the cache holds.

        Raises NoRecordingError, NotReadyError, GoneError, and the provider's errors.
        """
        part = await self._part(detail)
        session = detail.session
        await self._audit.record(
            "recording.opened", connection=session.connection, session_id=session.session_id, subject=part.part_id
        )
        return await self._cached(detail, part)

    async def fetch(
        self, connection: str, session_id: str, *, out: Path | None, reason: str, progress: Progress
    ) -> list[tuple[RecordingPart, MediaFacts]]:
        """Bring a recording into the cache, verified; with ``out`` its bytes are also written there, whole."""
        if out is not None and await asyncio.to_thread(_is_no_place, out):
            raise UsageError("There is no folder to write this file into.", "Name a file in a folder that exists.")
        detail = await self._library.detail(connection, session_id, fresh=True)
        part = await self._part(detail)
        told: dict[str, JsonValue] = {"reason": reason[:2_000], "written": out is not None}
        await self._audit.record(
            "recording.fetched", connection=connection, session_id=session_id, subject=part.part_id, detail=told
        )
        cached = await self._cached(detail, part)
        try:
            record = await cached.fetch_all(progress)
            if record.facts is None:
                raise MediaError(
                    "The recording is not sound in a form that can be played.",
                    "Fetch it again; if that does not help, ask the provider for the file.",
                )
            if out is not None:
                await cached.export_to(out)
            return [(part, record.facts)]
        finally:
            await cached.aclose()

    async def _part(self, detail: SessionDetail) -> RecordingPart:
        """The part to hear. What the provider deleted after it was fetched whole is still here; raises as
        `playable_part`."""
        try:
            return playable_part(detail)
        except GoneError:
            for part in sorted(detail.parts, key=lambda part: part.sequence):
                if await self._held(detail, part):
                    return part
            raise

    async def _held(self, detail: SessionDetail, part: RecordingPart) -> bool:
        session = detail.session
        return await self._make_cache().holds(
            connection=session.connection, session_id=session.session_id, part_id=part.part_id
        )

    async def _cached(self, detail: SessionDetail, part: RecordingPart) -> CachedRecording:
        session = detail.session
        source: RecordingDoor | None
        try:
            source = await self._door(session.connection, session.session_id, part.part_id)
        except NetworkError:
            source = None  # offline: what is held can still be heard, and the cache says what is missing
        except (GoneError, KeyRefusedError, NotFoundError, KeychainError):
            if not await self._held(detail, part):
                raise
            source = None
        return await self._make_cache().open(
            connection=session.connection, session_id=session.session_id, part_id=part.part_id, source=source
        )

    async def _door(self, connection: str, session_id: str, part_id: str) -> RecordingDoor:
        from qa_player.providers.base import GivesRecording

        provider = await self._connections.provider(connection)
        if not isinstance(provider, GivesRecording):
            raise NoRecordingError("This provider has no recordings.", "The transcript can still be reviewed.")
        return await provider.recording(session_id, part_id)


def _is_no_place(path: Path) -> bool:
    return not path.parent.is_dir() or path.is_dir()
