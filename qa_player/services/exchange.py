"""Handing a review on: everything of a session gathered, written by a format, kept whole, its digest in the trail."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydantic import JsonValue

from qa_player import __version__
from qa_player.canonical import sha256
from qa_player.errors import QaPlayerError, UsageError
from qa_player.files import place_to_write, write_whole
from qa_player.formats.losses import losses
from qa_player.formats.registry import FORMATS, Format, format_named
from qa_player.model.note import KeptNote
from qa_player.model.review import Review
from qa_player.model.statement import Attestation, Verdict
from qa_player.services.audit import Audit
from qa_player.services.connections import Connections
from qa_player.services.delays import worked_out
from qa_player.services.library import Library
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.store.database import Database

TOOL = f"QA Player {__version__}"


@dataclass(frozen=True)
class Exported:
    """A file that was handed on: where it lies, its digest, its length in bytes, and what its format cannot carry."""

    path: Path
    sha256: str
    bytes: int
    lost: tuple[str, ...] = ()


class PrintsPdf(Protocol):
    """Makes a PDF of an HTML page; called from a thread of its own."""

    def __call__(self, page: str, title: str) -> bytes:
        """The bytes of the document."""
        ...


class Exchange:
    """Exports of the window and of the command line are the same bytes; ``print_pdf`` is null where nothing prints."""

    print_pdf: PrintsPdf | None = None

    formats: tuple[Format, ...] = tuple(FORMATS.values())

    def __init__(
        self, *, database: Database, connections: Connections, library: Library, audit: Audit, trail: Trail
    ) -> None:
        self._database = database
        self._connections = connections
        self._library = library
        self._audit = audit
        self._trail = trail

    async def export(self, connection: str, session_id: str, *, format: str, path: Path) -> Exported:  # noqa: A002
        """Write ``path`` whole or not at all; the event with its digest comes first.

        Raises UsageError for an unknown format or a folder that is none, StorageError, DiskFullError.
        """
        writer = format_named(format)
        await asyncio.to_thread(place_to_write, path)
        review = await self.gathered(connection, session_id)
        data = await asyncio.to_thread(self._written, writer, review)
        exported = Exported(path, sha256(data), len(data), losses(review, writer.carries))
        detail: dict[str, JsonValue] = {"format": writer.name, "sha256": exported.sha256, "bytes": exported.bytes}
        await self._audit.record("review.exported", connection=connection, session_id=session_id, detail=detail)
        try:
            await asyncio.to_thread(write_whole, path, data)
        except QaPlayerError as error:
            await self._audit.record(
                "review.export_failed",
                connection=connection,
                session_id=session_id,
                detail=detail | {"kind": error.kind},
            )
            raise
        return exported

    def _written(self, writer: Format, review: Review) -> bytes:
        page = writer.write(review)
        if not writer.printed:
            return page
        if self.print_pdf is None:
            raise UsageError("Nothing here can print a PDF.", "Choose html, and print it where there is a screen.")
        return self.print_pdf(page.decode(), review.session.title or review.session.session_id)

    async def gathered(self, connection: str, session_id: str) -> Review:
        """Everything of one session that an export may carry, as it is kept now."""
        from qa_player.store import annotations, coverage, notes, scorecards, speech

        described = await self._connections.named(connection)
        detail = await self._library.detail(connection, session_id)
        session = await self._library.placed(described, detail)
        kept, note, heard, cards, spoken = await self._database.read(
            lambda transaction: (
                annotations.of_session(transaction, connection, session_id),
                notes.latest(transaction, connection, session_id),
                coverage.of_session(transaction, connection, session_id),
                scorecards.of_session(transaction, connection, session_id),
                speech.load(transaction, connection, session_id),
            )
        )
        verdicts, attestation = await self._judged(note)
        return Review(
            session=detail.session,
            recordings=session.parts,
            arranged=session.arranged,
            turns=session.turns,
            transcript_digest=detail.transcript_digest,
            timing=session.timing,
            annotations=tuple(one for one in kept if not one.private),
            private_left_out=sum(one.private for one in kept),
            note=note,
            note_verdicts=verdicts,
            note_attestation=attestation,
            scorecards=cards,
            coverage=heard,
            delays=await asyncio.to_thread(worked_out, session, spoken),
            exported_at=self._trail.now(),
            exported_by=self._trail.actor.shown,
            tool=TOOL,
        )

    async def _judged(self, note: KeptNote | None) -> tuple[tuple[Verdict, ...], Attestation | None]:
        from qa_player.store import notes

        if note is None:
            return (), None
        place = note.connection, note.note.session_id, note.note.digest
        verdicts, attestation = await self._database.read(lambda transaction: notes.judged(transaction, *place))
        return tuple(verdicts.values()), attestation
