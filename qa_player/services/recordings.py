"""Recordings: a provider's bytes joined to the cache, fetched whole on demand, drawn as peaks that are kept sealed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from qa_player.errors import (
    GoneError,
    KeychainError,
    KeyRefusedError,
    NetworkError,
    NoRecordingError,
    NotFoundError,
    NotReadyError,
    QaPlayerError,
    UsageError,
)
from qa_player.model.recording import MediaFacts, RecordingPart, RecordingState
from qa_player.model.recording_stage import why_silent
from qa_player.model.session import SessionDetail, SessionState
from qa_player.services.audit import Audit
from qa_player.services.connections import Connections
from qa_player.services.fetching import Progress, check_place, fetched_all, write_out
from qa_player.services.library import Library, OpenSession
from qa_player.services.open_part import OpenPart, closing, missing

if TYPE_CHECKING:
    from qa_player.media.cache import CachedRecording, RecordingCache
    from qa_player.providers.base import RecordingDoor


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


def _heard_parts(session: OpenSession) -> list[RecordingPart]:
    """The parts that are heard under the arrangement in force. Where one begins by the length of others alone, whoever
    decodes them knows it to the sample: it has no start here."""
    own = {part.part_id: part.start_ms for part in session.detail.parts}
    one = session.arranged.part_id
    return [
        part.model_copy(update={"start_ms": own[part.part_id] if one is None else 0})
        for part in session.parts
        if one in (None, part.part_id)
    ]


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
        """The first part of a session's recording that can be heard; offline it is what the cache holds.

        Raises NoRecordingError, NotReadyError, GoneError, and the provider's errors.
        """
        return await self._opened(detail, await self._part(detail))

    async def open_parts(self, session: OpenSession) -> tuple[OpenPart, ...]:
        """The parts that are heard under the arrangement in force, their bytes on their way; at least one of them has
        some. Close each. Raises as `open` does when no part has.
        """
        await self._part(session.detail)
        return await self._open_all(session.detail, _heard_parts(session))

    async def kept_parts(self, session: OpenSession) -> tuple[OpenPart, ...] | None:
        """The same parts, where all of them are whole on this computer; else null. No provider is asked and nothing is
        recorded: it is for what the program works out of a recording that somebody opened. Close each.
        """
        cache, place = self._make_cache(), (session.connection.name, session.session_id)
        wanted = _heard_parts(session)
        for part in wanted:
            if not await cache.holds(connection=place[0], session_id=place[1], part_id=part.part_id):
                return None
        opened: list[OpenPart] = []
        try:
            for part in wanted:
                cached = await cache.open(connection=place[0], session_id=place[1], part_id=part.part_id, source=None)
                opened.append(OpenPart(part, cached, None))
        except BaseException:
            async with closing(opened):
                raise
        return tuple(opened) or None

    async def fetch(
        self, connection: str, session_id: str, *, out: Path | None, reason: str, progress: Progress
    ) -> list[tuple[RecordingPart, MediaFacts]]:
        """Bring a recording into the cache, verified, all parts of it; with ``out`` they are also written, each whole:
        a single one to that file, several into that folder. The parts come back in their places.
        """
        if out is not None and not await asyncio.to_thread(out.parent.is_dir):
            raise UsageError("There is no folder to write this file into.", "Name a file in a folder that exists.")
        detail = await self._library.detail(connection, session_id, fresh=True)
        await self._part(detail)
        parts = sorted(detail.parts, key=lambda part: part.sequence)
        if out is not None:
            await asyncio.to_thread(check_place, out, len(parts))
        told: dict[str, JsonValue] = {"reason": reason[:2_000], "written": out is not None}
        opened = await self._open_all(detail, parts, action="recording.fetched", told=told)
        async with closing(opened):
            facts = await fetched_all(opened, progress)
            if out is not None:
                await write_out(opened, facts, out)
        placed = await self._library.placed(await self._connections.named(connection), detail)
        return list(zip(placed.parts, facts, strict=True))

    async def prefetch(self, detail: SessionDetail) -> None:
        """Bring a recording into the cache that nobody opened yet, recorded as that; what is here is left alone.

        Raises as `fetch` does.
        """
        await self._part(detail)
        parts = sorted(detail.parts, key=lambda part: part.sequence)
        wanted = [part for part in parts if not await self._held(detail, part)]
        if wanted:
            opened = await self._open_all(detail, wanted, action="recording.prefetched")
            async with closing(opened):
                await fetched_all(opened, lambda _done, _total: None)

    async def _open_all(
        self,
        detail: SessionDetail,
        parts: Sequence[RecordingPart],
        *,
        action: str = "recording.opened",
        told: dict[str, JsonValue] | None = None,
    ) -> tuple[OpenPart, ...]:
        """Every part, or why it cannot be had; of one part, and when all fail, the reason is raised."""
        opened: list[OpenPart] = []
        try:
            for part in parts:
                try:
                    cached = await self._opened(detail, part, action=action, told=told)
                except QaPlayerError as error:
                    opened.append(OpenPart(part, None, error))
                else:
                    opened.append(OpenPart(part, cached, None))
        except BaseException:
            async with closing(opened):
                raise
        errors = [one.error for one in opened if one.error is not None]
        if errors and len(errors) == len(opened):
            raise errors[0]
        return tuple(opened)

    async def _opened(
        self,
        detail: SessionDetail,
        part: RecordingPart,
        *,
        action: str = "recording.opened",
        told: dict[str, JsonValue] | None = None,
    ) -> CachedRecording:
        """One part, its opening recorded before a byte is asked for."""
        session = detail.session
        if part.state is not RecordingState.AVAILABLE and not await self._held(detail, part):
            raise missing(part)
        await self._audit.record(
            action, connection=session.connection, session_id=session.session_id, subject=part.part_id, detail=told
        )
        return await self._cached(detail, part)

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
