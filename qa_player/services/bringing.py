"""Sessions that no provider lists: brought by their ids, from what a person pastes, a file, or a folder of messages."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qa_player.errors import (
    KeyRefusedError,
    QaPlayerError,
    QuotaError,
    RateLimitedError,
    StorageError,
    UsageError,
)
from qa_player.files import storage_errors
from qa_player.formats.session_ids import MOST_BYTES, MOST_SESSIONS, read_session_ids
from qa_player.model.listing import NamedSession
from qa_player.model.session import Session
from qa_player.services.connections import Connections
from qa_player.services.library import Library
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.store.database import Database, Transaction

USELESS_TO_GO_ON = (KeyRefusedError, RateLimitedError, QuotaError, StorageError)
"""What the next id would meet as well."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Brought:
    """Sessions that are listed now, ids that were refused with the reason, and how many entries named no session."""

    sessions: tuple[Session, ...]
    refused: tuple[tuple[str, QaPlayerError], ...]
    nameless: int


class Bringing:
    """Rows come from the provider by their ids; no recording is touched."""

    def __init__(self, *, database: Database, connections: Connections, library: Library, trail: Trail) -> None:
        self._database = database
        self._connections = connections
        self._library = library
        self._trail = trail

    async def takers(self) -> list[str]:
        """The connections whose sessions can be brought by id; one whose key is missing is left out."""
        from qa_player.providers.base import KnowsById

        names: list[str] = []
        for connection in await self._connections.all():
            with contextlib.suppress(QaPlayerError):
                if isinstance(await self._connections.provider(connection.name), KnowsById):
                    names.append(connection.name)
        return names

    async def bring_path(self, connection: str, path: Path, progress: Progress | None = None) -> Brought:
        """The sessions of a file, or of every ``.json``, ``.csv`` and ``.txt`` of a folder. Raises as `bring`."""
        named, nameless = await asyncio.to_thread(sessions_named_in, path)
        return await self._bring(connection, named, nameless, progress)

    async def bring(self, connection: str, text: str, progress: Progress | None = None) -> Brought:
        """The sessions that ``text`` names: ids or links one a line, a CSV, or JSON.

        Raises NotFoundError for the connection, UsageError when nothing is named or the provider lists its sessions
        itself. An id that is refused hides no other.
        """
        named, nameless = await asyncio.to_thread(_named_in, [text.encode()])
        return await self._bring(connection, named, nameless, progress)

    async def _bring(
        self, connection: str, named: Sequence[NamedSession], nameless: int, progress: Progress | None
    ) -> Brought:
        await self._connections.named(connection)
        if not named:
            raise UsageError("No session is named there.", "Give ids or links one a line, a CSV, or webhook bodies.")
        found: list[Session] = []
        refused: list[tuple[str, QaPlayerError]] = []
        for done, one in enumerate(named, 1):
            try:
                found.append(await self._session(connection, one))
            except QaPlayerError as error:
                refused.append((one.session_id, error))
                if isinstance(error, USELESS_TO_GO_ON) or type(error) is UsageError:
                    break
            if progress is not None:
                progress(done, len(named))
        await self._keep(connection, found)
        if not found and refused:
            raise refused[0][1]
        return Brought(tuple(found), tuple(refused), nameless)

    async def _session(self, connection: str, named: NamedSession) -> Session:
        from qa_player.providers.base import KnowsById

        provider = await self._connections.provider(connection)
        if not isinstance(provider, KnowsById):
            raise UsageError("This connection lists its sessions itself.", "Choose the session in the list.")
        return await provider.session_named(named)

    async def _keep(self, connection: str, found: Sequence[Session]) -> None:
        from qa_player.store import sessions

        if not found:
            return

        def keep(transaction: Transaction) -> None:
            sessions.save_page(transaction, found)
            self._trail.append(transaction, "sessions.brought", connection=connection, detail={"sessions": len(found)})

        await self._database.write(keep)
        self._library.sessions_changed.emit(connection)


def sessions_named_in(path: Path) -> tuple[tuple[NamedSession, ...], int]:
    """The sessions that a file names, or the files of a folder, and how many entries name none.

    Raises UsageError, StorageError.
    """
    return _named_in(_read(path))


def _named_in(pieces: Sequence[bytes]) -> tuple[tuple[NamedSession, ...], int]:
    found: dict[str, NamedSession] = {}
    nameless = 0
    for piece in pieces:
        try:
            named, without = read_session_ids(piece)
        except UsageError:
            if len(pieces) == 1:
                raise
            named, without = (), 1
        nameless += without
        for one in named:
            found.setdefault(one.session_id, one)
    return tuple(found.values())[:MOST_SESSIONS], nameless


def _read(path: Path) -> list[bytes]:
    """The bytes of a file, or of a folder's files by name. Raises UsageError, StorageError."""
    with storage_errors():
        if path.is_dir():
            files = sorted(one for one in path.iterdir() if one.suffix.lower() in (".json", ".csv", ".txt", ".jsonl"))
            if not files:
                raise UsageError("This folder holds no webhook bodies.", "They are files that end in .json.")
            return [_head(one) for one in files[:MOST_SESSIONS]]
        if not path.is_file():
            raise UsageError("The file of ids cannot be read.", "Give a text file with one session id a line.")
        return [_head(path)]


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES)
