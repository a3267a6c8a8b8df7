"""Handing many sessions on in one file: what is not kept yet is asked of the provider and kept, so that a run that ends
early has lost nothing; the file is written anew whole, and the same sessions are the same bytes."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pydantic import JsonValue

from qa_player.canonical import sha256
from qa_player.errors import (
    GoneError,
    NotFoundError,
    NotReadyError,
    QaPlayerError,
    StorageError,
    UnexpectedAnswerError,
    UsageError,
)
from qa_player.files import place_to_write, writing_alone
from qa_player.formats.annotation_row import COLUMNS
from qa_player.formats.many_sessions import ManyFormat, Piece, many_format
from qa_player.model.connection import Connection
from qa_player.model.handed_on import What
from qa_player.services.connections import Connections
from qa_player.services.library import Library
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.store.database import Database, Transaction

AT_ONCE = 50
"""So many sessions are read, and their events written, in one transaction."""

OF_ONE_SESSION = (NotFoundError, GoneError, NotReadyError, UnexpectedAnswerError, UsageError)
"""What hides none of the other sessions; anything else ends the run."""

Progress = Callable[[int, int | None], None]
"""Told (sessions done, all)."""


@dataclass(frozen=True)
class Wanted:
    """Which sessions of a connection, and what of them. Instants are inclusive; null is no bound."""

    connection: str
    what: What
    since: datetime | None = None
    until: datetime | None = None


@dataclass
class HandedOn:
    """What became of it: the file's digest and length, how many sessions and lines (turns, annotations, scorecards) are
    in it, sessions that were refused with the reason, and those left out because nobody knows when they were,
    and how many annotations were left out because they are private.

    ``already`` says that the file had the same bytes before.
    """

    path: Path
    sha256: str = ""
    bytes: int = 0
    sessions: int = 0
    lines: int = 0
    already: bool = False
    undated: int = 0
    private: int = 0
    refused: list[tuple[str, QaPlayerError]] = field(default_factory=list)


class HandingOn:
    """No recording is touched. Each session has its event before the file is there, and the file its own with its
    digest."""

    def __init__(self, *, database: Database, connections: Connections, library: Library, trail: Trail) -> None:
        self._database = database
        self._connections = connections
        self._library = library
        self._trail = trail

    async def hand_on(
        self,
        wanted: Wanted,
        *,
        format: str,  # noqa: A002
        path: Path,
        progress: Progress = lambda *_: None,
    ) -> HandedOn:
        """Write ``path`` whole or leave it as it was.

        Raises UsageError, NotFoundError for the connection, StorageError, and the provider's errors where the next
        session would meet them too; what came until then is kept, and the next run goes on from there.
        """
        form = many_format(wanted.what, format)
        await asyncio.to_thread(place_to_write, path)
        described = await self._connections.named(wanted.connection)
        ids, undated = await self._ids(wanted)
        told = HandedOn(path, undated=undated)
        try:
            with writing_alone(path) as file:
                await self._written(file, form, described, ids, told, progress)
                if ids and len(told.refused) == len(ids):
                    raise told.refused[0][1]
                told.already = await asyncio.to_thread(_same, path, told)
                await self._tell_end(wanted, form, told, "sessions.exported")
        except StorageError:
            if told.sha256:
                await self._tell_end(wanted, form, told, "sessions.export_failed")
            raise
        return told

    async def _ids(self, wanted: Wanted) -> tuple[list[str], int]:
        """The sessions of the store once the provider's list is in it; what a person made needs no list."""
        from qa_player.providers.base import SessionQuery
        from qa_player.store import handing_on

        if wanted.what is What.TRANSCRIPTS:
            query = SessionQuery(since=wanted.since, until=wanted.until)
            refreshed = await self._library.refresh(wanted.connection, query)
            if refreshed.errors:
                raise refreshed.errors[0][1]
        return await self._database.read(
            lambda db: handing_on.session_ids(
                db, wanted.connection, wanted.what, since=wanted.since, until=wanted.until
            )
        )

    async def _written(
        self,
        file: BinaryIO,
        form: ManyFormat,
        described: Connection,
        ids: list[str],
        told: HandedOn,
        progress: Progress,
    ) -> None:
        digest = hashlib.sha256()

        def put(data: bytes) -> None:
            file.write(data)
            digest.update(data)
            told.bytes += len(data)

        put(form.head)
        for start in range(0, len(ids), AT_ONCE):
            pieces: list[tuple[Piece, bytes]] = []
            async for piece in self._pieces(form, described, ids[start : start + AT_ONCE], told):
                if piece.count(form.what):
                    pieces.append((piece, await asyncio.to_thread(form.write, piece)))
                    told.sessions += 1
                    told.lines += piece.count(form.what)
            await self._tell(form, described.name, pieces)
            await asyncio.to_thread(put, b"".join(data for _, data in pieces))
            progress(min(start + AT_ONCE, len(ids)), len(ids))
        told.sha256 = digest.hexdigest()

    async def _pieces(
        self, form: ManyFormat, described: Connection, ids: list[str], told: HandedOn
    ) -> AsyncIterator[Piece]:
        what = form.what
        if what is What.ANNOTATIONS:
            told.private += await self._database.read(lambda db: _private(db, described.name, ids))
        if what is not What.TRANSCRIPTS:
            for piece in await self._database.read(lambda db: _judged(db, form, described.name, ids)):
                yield piece
            return
        for session_id in ids:
            try:
                yield await self._conversation(described, session_id)
            except OF_ONE_SESSION as error:
                told.refused.append((session_id, error))

    async def _conversation(self, described: Connection, session_id: str) -> Piece:
        from qa_player.store import handing_on

        opened = await self._library.placed(described, await self._library.detail(described.name, session_id))
        marked = await self._database.read(lambda db: handing_on.annotations_of(db, described.name, [session_id]))
        return Piece(
            session_id,
            opened.detail.session,
            annotations=marked[session_id],
            turns=opened.turns,
            transcript_digest=opened.detail.transcript_digest,
            timing=opened.timing,
        )

    async def _tell(self, form: ManyFormat, connection: str, pieces: list[tuple[Piece, bytes]]) -> None:
        def tell(db: Transaction) -> None:
            for piece, data in pieces:
                detail: dict[str, JsonValue] = {"what": form.what.value, "format": form.name, "sha256": sha256(data)}
                self._trail.append(
                    db, "session.exported", connection=connection, session_id=piece.session_id, detail=detail
                )

        if pieces:
            await self._database.write(tell)

    async def _tell_end(self, wanted: Wanted, form: ManyFormat, told: HandedOn, action: str) -> None:
        detail: dict[str, JsonValue] = {
            "what": form.what.value,
            "format": form.name,
            "sessions": told.sessions,
            "sha256": told.sha256,
            "bytes": told.bytes,
        }
        await self._database.write(
            lambda db: self._trail.append(db, action, connection=wanted.connection, detail=detail)
        )


def _judged(db: Transaction, form: ManyFormat, connection: str, ids: list[str]) -> list[Piece]:
    from qa_player.store import handing_on, spelled

    if (form.what, form.name) == (What.ANNOTATIONS, "jsonl"):
        lines = spelled.annotation_lines(db, connection, ids, COLUMNS)
        others = handing_on.annotations_of(db, connection, [one for one in ids if one not in lines])
        return [Piece(one, annotations=others.get(one, ()), spelled=lines.get(one)) for one in ids]
    sessions = handing_on.listed(db, connection, ids)
    marked = handing_on.annotations_of(db, connection, ids) if form.what is What.ANNOTATIONS else {}
    scored = handing_on.scores_of(db, connection, ids) if form.what is What.SCORES else {}
    return [
        Piece(one, sessions.get(one), annotations=marked.get(one, ()), scorecards=scored.get(one, ())) for one in ids
    ]


def _private(db: Transaction, connection: str, ids: list[str]) -> int:
    from qa_player.store import handing_on

    return handing_on.private_of(db, connection, ids)


def _same(path: Path, told: HandedOn) -> bool:
    try:
        if path.stat().st_size != told.bytes:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == told.sha256
    except OSError:
        return False
