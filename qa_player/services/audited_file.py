"""A file that is no export of a session: the trail tells of it and its digest first, then it is written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from qa_player.canonical import sha256
from qa_player.errors import QaPlayerError
from qa_player.files import place_to_write, write_whole
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.store.database import Database, Transaction


@dataclass(frozen=True)
class AuditedFile:
    """A file that was written: where it lies, its digest, its length in bytes."""

    path: Path
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Act:
    """What the trail says of it, once for each session that it tells of."""

    action: str
    subject: str
    connection: str | None = None
    session_id: str | None = None
    detail: dict[str, JsonValue] = field(default_factory=dict)
    content: bytes | None = None


async def write_audited(
    path: Path,
    data: bytes,
    acts: Sequence[Act],
    *,
    database: Database,
    trail: Trail,
    effect: Callable[[Transaction], None] = lambda _transaction: None,
) -> AuditedFile:
    """Record ``acts`` with their ``effect`` in one transaction, then write ``path`` whole or not at all; a write that
    fails is recorded, too.

    Raises UsageError where there is no folder to write into, StorageError, DiskFullError.
    """
    await asyncio.to_thread(place_to_write, path)
    file = AuditedFile(path, sha256(data), len(data))

    def begin(transaction: Transaction) -> None:
        effect(transaction)
        _record(transaction, trail, acts, file)

    await database.write(begin)
    try:
        await asyncio.to_thread(write_whole, path, data)
    except QaPlayerError as error:
        kind = error.kind
        await database.write(lambda transaction: _record(transaction, trail, acts, file, failed=kind))
        raise
    return file


def _record(
    transaction: Transaction, trail: Trail, acts: Sequence[Act], file: AuditedFile, failed: str | None = None
) -> None:
    for act in acts:
        told: dict[str, JsonValue] = {"sha256": file.sha256, "bytes": file.bytes}
        trail.append(
            transaction,
            act.action if failed is None else f"{act.action}_failed",
            connection=act.connection,
            session_id=act.session_id,
            subject=act.subject,
            detail=act.detail | told | ({} if failed is None else {"kind": failed}),
            content=act.content if failed is None else None,
        )
