"""The library: sessions of all connections, paged in from providers, kept in the store, found again offline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from qa_player.errors import NetworkError, NotFoundError, QaPlayerError, RequestRefusedError, UsageError
from qa_player.model.arrangement import ALONE, Arranged, guessed, guessed_again, laid_out, whole_ms, with_lengths
from qa_player.model.connection import Connection
from qa_player.model.listing import SessionChip, SessionFilter, SessionRow
from qa_player.model.recording import RecordingPart, RecordingState
from qa_player.model.session import Session, SessionDetail, SessionState
from qa_player.model.timing import Timing
from qa_player.model.transcript import Turn, place
from qa_player.services.connections import Connections
from qa_player.services.trail import Trail
from qa_player.signal import Signal

if TYPE_CHECKING:
    from qa_player.providers.base import Provider, SessionQuery
    from qa_player.store.database import Database, Transaction

PAGE = 50

MOST_BARREN_PAGES = 10
"""So many pages in a row without a session not seen before: the provider is counting, not listing."""


@dataclass(frozen=True)
class Refreshed:
    """What a refresh brought: sessions seen, items nobody could read, which connections failed and why, and which
    cannot list at all."""

    count: int
    unreadable: int
    errors: tuple[tuple[str, QaPlayerError], ...]
    unlistable: frozenset[str] = frozenset()


@dataclass(frozen=True)
class OpenSession:
    """A session as it is worked on: its turns placed in audio time under the timing in force.

    ``recording_ms`` is the recording's own length, null until it was decoded once. ``parts`` lie as ``arranged`` says,
    as far as their lengths are known.
    """

    connection: Connection
    detail: SessionDetail
    turns: tuple[Turn, ...]
    timing: Timing
    recording_ms: int | None = None
    trouble: QaPlayerError | None = None
    """Why it is shown as it was kept and not as the provider has it now; null where it is what the provider told."""
    parts: tuple[RecordingPart, ...] = ()
    arranged: Arranged = ALONE

    @property
    def session_id(self) -> str:
        return self.detail.session.session_id

    def measured(self, recording_ms: int, lengths: Mapping[str, int] = MappingProxyType({})) -> OpenSession:
        """The same session once its recording's own length is known, and those of its parts by their ids."""
        turns = place(self.detail.turns, self.timing, recording_ms)
        known = {part.part_id: part.duration_ms for part in self.parts if part.duration_ms is not None}
        parts = with_lengths(self.detail.parts, {**known, **lengths})
        arranged = guessed_again(self.arranged, parts, self.detail.spoken_ms)
        parts = laid_out(parts, arranged)
        return replace(self, turns=turns, recording_ms=recording_ms, parts=parts, arranged=arranged)

    def under(self, timing: Timing) -> OpenSession:
        """The same session with its turns placed by another clock; takes long for ten thousand turns."""
        turns = place(self.detail.turns, timing, self.detail.session.length_ms(self.recording_ms))
        return replace(self, turns=turns, timing=timing)


def _named_still(detail: SessionDetail, kept: SessionDetail) -> SessionDetail:
    """Once a recording is gone its provider names no parts of it; what was fetched before lies under their names."""
    if detail.session.recording_state is not RecordingState.GONE or not kept.parts:
        return detail
    gone = {"state": RecordingState.GONE, "expires_at": None}
    return detail.model_copy(update={"parts": tuple(part.model_copy(update=gone) for part in kept.parts)})


class Library:
    """``sessions_changed`` names the connection whose rows changed; ``progressed`` tells (connection, seen, total)."""

    def __init__(self, *, database: Database, connections: Connections, trail: Trail) -> None:
        self.sessions_changed: Signal[str] = Signal()
        self.progressed: Signal[str, int, int | None] = Signal()
        self._database = database
        self._connections = connections
        self._trail = trail

    async def refresh(self, connection: str | None, query: SessionQuery | None = None) -> Refreshed:
        """List one connection again, or all that can list; a connection that fails does not stop the others."""
        names = [connection] if connection else [entry.name for entry in await self._connections.all()]
        count = unreadable = 0
        errors: list[tuple[str, QaPlayerError]] = []
        unlistable: set[str] = set()
        for name in names:
            try:
                if not await self._can_list(name):
                    unlistable.add(name)
                    continue
                async for page, bad in self._pages(name, query):
                    count += len(page)
                    unreadable += bad
            except QaPlayerError as error:
                errors.append((name, error))
        return Refreshed(count, unreadable, tuple(errors), frozenset(unlistable))

    async def _can_list(self, connection: str) -> bool:
        from qa_player.providers.base import ListsSessions

        return isinstance(await self._connections.provider(connection), ListsSessions)

    async def listing(self, connection: str, query: SessionQuery, *, text: str = "", limit: int) -> list[Session]:
        """The provider's own listing, newest first, up to ``limit`` sessions whose title, agent or id has ``text``."""
        wanted = text.casefold()
        found: dict[str, Session] = {}
        async for page, _ in self._pages(connection, query):
            for session in page:
                searched = f"{session.title}\n{session.agent or ''}\n{session.session_id}".casefold()
                if wanted in searched:
                    found.setdefault(session.session_id, session)
            if len(found) >= limit:
                break
        newest = sorted(
            found.values(),
            key=lambda session: session.started_at.timestamp() if session.started_at else float("-inf"),
            reverse=True,
        )
        return newest[:limit]

    def time_at(self, connection: str) -> datetime | None:
        """The present moment by the provider's own clock; null while it has not told its time."""
        from qa_player.providers.base import TellsTime

        living = self._connections.living(connection)
        now = living.server_time if isinstance(living, TellsTime) else None
        return None if now is None else datetime.fromtimestamp(now, UTC)

    async def numbers(self, wanted: SessionFilter) -> Sequence[int]:
        """The store's row numbers of the sessions that fit, in order."""
        from qa_player.store import sessions

        return await self._database.read(lambda transaction: sessions.numbers(transaction, wanted))

    async def agents(self, connection: str) -> Sequence[str]:
        """The agents of a connection's sessions, by name."""
        from qa_player.store import sessions

        return await self._database.read(lambda transaction: sessions.agents(transaction, connection))

    async def rows(self, numbers: Sequence[int]) -> Sequence[SessionRow]:
        """The rows of these numbers, in their order; numbers that are gone are left out."""
        from qa_player.store import sessions

        return await self._database.read(lambda transaction: sessions.rows(transaction, numbers))

    async def counts(self, wanted: SessionFilter) -> Mapping[SessionChip, int]:
        """How many sessions each chip would show."""
        from qa_player.store import sessions

        return await self._database.read(lambda transaction: sessions.counts(transaction, wanted))

    async def detail(self, connection: str, session_id: str, *, fresh: bool = False) -> SessionDetail:
        """One session whole. What is stored serves when the conversation has ended and ``fresh`` is not asked for,
        when its recording is gone for good, and when the network fails; else the provider is asked.
        Raises the provider's errors."""
        kept = await self._kept(connection, session_id)
        if kept is not None and kept.session.recording_state is RecordingState.GONE:
            return kept  # nothing about it changes any more, and some providers log whoever asks
        if kept is not None and not fresh and kept.session.state is SessionState.READY:
            return kept
        from qa_player.providers.base import GivesBeside, GivesDetail

        try:
            provider = await self._connections.provider(connection)
            if not isinstance(provider, GivesDetail):
                raise UsageError("This connection cannot show single sessions.", "Use another connection.")
            detail = await provider.detail(session_id)
            if isinstance(provider, GivesBeside):
                detail = await provider.beside(detail)
        except RequestRefusedError:
            # the id is all that was asked with: some providers say so of one they never gave out
            raise NotFoundError(
                "The provider has no session with this id.", "Check the id, and whose key the connection uses."
            ) from None
        except NetworkError:
            if kept is None:
                raise
            return kept
        if kept is not None:
            detail = _named_still(detail, kept)
        return await self._keep_detail(detail)

    async def open(
        self, connection: str, session_id: str, *, fresh: bool = False, or_kept: bool = False
    ) -> OpenSession:
        """A session to work on, its opening recorded before anything of it is shown.

        ``or_kept``: one that was opened before and that the provider refuses now is opened as it was kept, with the
        trouble. Raises the provider's errors.
        """
        described = await self._connections.named(connection)
        trouble: QaPlayerError | None = None
        try:
            detail = await self.detail(connection, session_id, fresh=fresh)
        except QaPlayerError as error:
            kept = await self._kept(connection, session_id) if or_kept else None
            if kept is None:
                raise
            detail, trouble = kept, error
        await self._database.write(
            lambda transaction: self._trail.append(
                transaction,
                "session.opened",
                connection=connection,
                session_id=session_id,
                detail={"transcript_digest": detail.transcript_digest},
            )
        )
        return replace(await self.placed(described, detail), trouble=trouble)

    async def placed(
        self, connection: Connection, detail: SessionDetail, *, recording_ms: int | None = None
    ) -> OpenSession:
        """``detail`` under the timing in force; ``recording_ms`` is the recording's own length where it is known."""
        from qa_player.store import arrangements, cache_index, timings

        session = detail.session
        place_of = (connection.name, session.session_id)

        def read(transaction: Transaction) -> tuple[Timing | None, Arranged | None, dict[str, int]]:
            lengths = cache_index.lengths_ms(transaction, *place_of)
            return timings.load(transaction, *place_of), arrangements.load(transaction, *place_of), lengths

        timing, choice, lengths = await self._database.read(read)
        in_force = timing or detail.timing
        parts = with_lengths(detail.parts, lengths)
        known = {None, *(part.part_id for part in parts)}
        arranged = choice if choice is not None and choice.part_id in known else guessed(parts, detail.spoken_ms)
        parts = laid_out(parts, arranged)
        heard = [part for part in parts if arranged.part_id in (None, part.part_id)]
        if recording_ms is None and all(part.part_id in lengths for part in heard):
            recording_ms = whole_ms(parts, arranged)
        # ten thousand turns take longer to place than the window may wait
        placed = await asyncio.to_thread(place, detail.turns, in_force, session.length_ms(recording_ms))
        return OpenSession(connection, detail, placed, in_force, recording_ms, parts=parts, arranged=arranged)

    async def _kept(self, connection: str, session_id: str) -> SessionDetail | None:
        from qa_player.store import sessions

        return await self._database.read(lambda transaction: sessions.detail(transaction, connection, session_id))

    async def _keep_detail(self, detail: SessionDetail) -> SessionDetail:
        from qa_player.store import sessions

        in_force = await self._database.write(lambda transaction: sessions.save_detail(transaction, detail))
        self.sessions_changed.emit(detail.session.connection)
        return in_force

    async def _keep_page(self, page: Sequence[Session]) -> None:
        from qa_player.store import sessions

        if page:
            await self._database.write(lambda transaction: sessions.save_page(transaction, page))

    async def _pages(
        self, connection: str, query: SessionQuery | None
    ) -> AsyncIterator[tuple[tuple[Session, ...], int]]:
        """Pages of a listing, each kept before it is handed on; pages shift, and a session comes only once."""
        from qa_player.providers.base import ListsSessions, SessionQuery

        provider: Provider = await self._connections.provider(connection)
        if not isinstance(provider, ListsSessions):
            raise UsageError("This provider cannot list its sessions.", "Name the sessions with `--ids FILE`.")
        cursor: str | None = None
        seen: set[str] = set()
        barren = 0
        while barren < MOST_BARREN_PAGES:
            page = await provider.list_sessions(query or SessionQuery(), cursor, PAGE)
            new = tuple(session for session in page.sessions if session.session_id not in seen)
            await self._keep_page(new)
            seen.update(session.session_id for session in new)
            self.sessions_changed.emit(connection)
            self.progressed.emit(connection, len(seen), page.total)
            yield new, page.unreadable
            barren = 0 if new else barren + 1
            cursor = page.cursor
            if cursor is None:
                return
