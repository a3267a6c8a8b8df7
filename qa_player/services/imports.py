"""Taking a peer's annotations in: each held against the session, what fits kept at once, the rest told by line."""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qa_player.canonical import sha256
from qa_player.errors import QaPlayerError, UsageError
from qa_player.files import storage_errors
from qa_player.formats.annotation_file import GivenAnnotation, GivenAnnotations
from qa_player.formats.annotation_readers import read_annotations
from qa_player.formats.transcript_file import LARGEST_FILE
from qa_player.model.annotation import Annotation
from qa_player.services.anchoring import anchored, validated
from qa_player.services.book import told
from qa_player.services.library import Library, OpenSession
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.store.database import Database, Transaction

LONGEST_EXTRA = 50_000
DEEPEST_EXTRA = 32
ROUNDED_MS = 1_000
"""Providers tell lengths in whole seconds."""


@dataclass(frozen=True)
class Imported:
    """What became of a file: how many annotations were added, how many were there already, and a sentence for each
    line that was refused, or taken in otherwise than it stood there. ``not_carried`` names what the file has and an
    annotation has no place for."""

    format: str
    added: int
    already_there: int
    refused: tuple[str, ...]
    not_carried: tuple[str, ...]


class Imports:
    """All that is good in a file is saved in one transaction with its audit events, or nothing of it."""

    def __init__(self, *, database: Database, library: Library, trail: Trail) -> None:
        self._database = database
        self._library = library
        self._trail = trail

    async def annotations(
        self,
        connection: str,
        session_id: str,
        path: Path,
        *,
        format: str | None = None,  # noqa: A002
    ) -> Imported:
        """Read the file and add what it says of the session.

        Raises UsageError for a file that cannot be read, is of another session, or has nothing that could be added.
        """
        data = await asyncio.to_thread(bytes_of, path)
        reader, given = await asyncio.to_thread(read_annotations, data, path.name, format)
        if given.session_id is not None and given.session_id != session_id:
            raise UsageError(
                "The file's annotations are of another session; nothing was taken in.",
                "Open the session that it names.",
            )
        session = await self._library.open(connection, session_id)
        digest = sha256(data)
        return await self._database.write(lambda db: self._kept(db, session, given, reader.name, digest))

    def _kept(self, db: Transaction, session: OpenSession, given: GivenAnnotations, form: str, digest: str) -> Imported:
        from qa_player.store import annotations

        place = (session.connection.name, session.session_id)
        there = annotations.of_session(db, *place)
        known, ids = {_said(one) for one in there}, {one.annotation_id for one in there}
        refused, already = list(given.problems), 0
        added: list[Annotation] = []
        for item in given.items:
            try:
                annotation = self._annotation(session, item)
            except QaPlayerError as error:
                refused.append(f"Line {item.place}: {error.message}")
                continue
            if _said(annotation) in known:
                already += 1
                continue
            if annotation.annotation_id in ids or annotations.exists(db, annotation.annotation_id):
                annotation = annotation.model_copy(update={"annotation_id": uuid.uuid4().hex})
                refused.append(f"Line {item.place}: its id is another annotation's; it was taken in under a new one.")
            if _is_past_told_end(session, annotation):
                refused.append(f"Line {item.place}: it lies past the end that the provider tells; it was taken in.")
            known.add(_said(annotation))
            added.append(annotation)
        if refused and not added and not already:
            raise UsageError(
                f"Nothing of the file could be taken in. {refused[0]}", "Mend the file, or name its format."
            )
        for annotation in added:
            self._add(db, annotation)
        imported = Imported(form, len(added), already, tuple(refused), given.not_carried)
        self._trail.append(
            db,
            "annotations.imported",
            connection=place[0],
            session_id=place[1],
            detail={
                "format": form,
                "sha256": digest,
                "added": len(added),
                "already_there": already,
                "refused": len(refused),
            },
        )
        return imported

    def _annotation(self, session: OpenSession, item: GivenAnnotation) -> Annotation:
        if item.end_ms is not None and session.recording_ms is not None and item.end_ms > session.recording_ms:
            raise UsageError("It ends after the recording does.", "Mend its times.")
        if _depth_passes(item.extra, DEEPEST_EXTRA):
            raise UsageError("Its other fields are nested too deeply.", "Take them out.")
        if len(json.dumps(dict(item.extra))) > LONGEST_EXTRA:
            raise UsageError("It has more of other fields than can be kept.", "Take them out.")
        now = self._trail.now()
        return validated(
            {
                "annotation_id": item.annotation_id or uuid.uuid4().hex,
                "connection": session.connection.name,
                "session_id": session.session_id,
                "author": item.author or self._trail.actor.shown,
                "created_at": item.created_at or now,
                "updated_at": now,
                "tag": item.tag.strip(),
                "severity": item.severity,
                "text": item.text,
                "extra": item.extra,
            }
            | anchored(
                session, start_ms=item.start_ms, end_ms=item.end_ms, turn_index=item.turn_index, corrects=item.corrects
            )
        )

    def _add(self, db: Transaction, annotation: Annotation) -> None:
        from qa_player.store import annotations

        annotations.add(db, annotation)
        self._trail.append(
            db,
            "annotation.added",
            connection=annotation.connection,
            session_id=annotation.session_id,
            subject=annotation.annotation_id,
            detail=told(annotation, exists=True),
            content=annotations.evidence(annotation),
        )


def _said(annotation: Annotation) -> tuple[object, ...]:
    """What makes two annotations the same to a person who takes a file in twice."""
    return (annotation.start_ms, annotation.end_ms, annotation.turn_index, annotation.tag, annotation.text)


def _is_past_told_end(session: OpenSession, annotation: Annotation) -> bool:
    """Whether it ends after the session by its provider's word, which counts while the recording was never measured."""
    told_ms = session.detail.session.duration_ms
    last_ms = annotation.start_ms if annotation.end_ms is None else annotation.end_ms
    return session.recording_ms is None and bool(told_ms) and (last_ms or 0) > (told_ms or 0) + ROUNDED_MS


def _depth_passes(value: object, levels: int) -> bool:
    """Whether objects and lists lie in each other more than ``levels`` deep, asked level by level."""
    level = [value]
    for _ in range(levels):
        level = [
            item
            for one in level
            if isinstance(one, (dict, list))
            for item in (one.values() if isinstance(one, dict) else one)
        ]
    return bool(level)


def bytes_of(path: Path) -> bytes:
    """The bytes of a file that is to be taken in. Raises UsageError, StorageError."""
    if path.is_dir():
        raise UsageError("This is a folder, not a file.", "Name one file in it.")
    if path.exists() and not path.is_file():
        raise UsageError("This is no file but a device or a pipe.", "Save what it holds as a file, and name that.")
    if not path.is_file():
        raise UsageError("There is no such file.", "Name a file that exists.")
    if path.stat().st_size > LARGEST_FILE:
        raise UsageError("The file is larger than 64 MiB.", "Take it in in pieces.")
    with storage_errors():
        return path.read_bytes()
