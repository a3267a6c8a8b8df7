"""A folder on this machine: each recording in it is a session, with the transcript that lies beside it.

A session's id is the path of its file below the folder. The transcript is the file of the same name with another
ending; how it is read is handed in by the program (`ReadsTranscripts`). There is no key and no network.
"""

from __future__ import annotations

import asyncio
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pydantic import JsonValue

from qa_player.canonical import sha256
from qa_player.errors import NoRecordingError, NotFoundError, QaPlayerError, StorageError, UsageError
from qa_player.model.connection import Connection
from qa_player.model.recording import RecordingMode, RecordingPart, RecordingState
from qa_player.model.secret import Secret
from qa_player.model.session import Session, SessionDetail, SessionState
from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.model.transcript import Turn
from qa_player.providers.base import Ability, ProviderKind, SessionPage, SessionQuery, TranscriptReader
from qa_player.providers.evidence import transcript_digest
from qa_player.providers.local_files import RECORDINGS, Found, find, is_inside, names_in, readable, sessions_of
from qa_player.providers.local_recording import LocalRecording

if TYPE_CHECKING:
    from qa_player.providers.http import Http

PART = "recording"
LARGEST_TRANSCRIPT = 64 * 1024 * 1024

_ABILITIES = frozenset(
    {
        Ability.LIST,
        Ability.DATE_FILTER,
        Ability.TOTAL_COUNT,
        Ability.TRANSCRIPT,
        Ability.TURN_END_TIMES,
        Ability.RECORDING,
        Ability.RECORDING_RANGES,
    }
)


def whole_path(folder: str) -> str:
    """The folder as it is kept, whatever folder the program is started in next time. Raises UsageError."""
    if not folder.strip() or "\0" in folder:
        raise UsageError("The connection does not say which folder it is.", "Name the folder as the address.")
    return str(Path(folder.strip()).expanduser().absolute())


class Local:
    """One folder. Lists sessions, gives details and recordings; fits `ReadsTranscripts` and `HoldsFiles`, too."""

    def __init__(self, connection: Connection, key: Secret, http: Http) -> None:
        del key, http
        self._connection = connection
        self._folder = Path(whole_path(connection.base_url))
        self._read: TranscriptReader | None = None
        self._listed: list[Found] = []

    @property
    def abilities(self) -> frozenset[Ability]:
        """All that files can do."""
        return _ABILITIES

    def read_transcripts_with(self, reader: TranscriptReader) -> None:
        """Use ``reader`` for what lies beside the recordings."""
        self._read = reader

    async def check(self) -> None:
        """See whether the folder can be read. Raises NotFoundError, StorageError."""
        await asyncio.to_thread(readable, self._folder)

    async def aclose(self) -> None:
        """Forget the listing."""
        self._listed = []

    async def list_sessions(self, query: SessionQuery, cursor: str | None, limit: int) -> SessionPage:
        """A page of what the folder held when the first page was asked for, newest first."""
        if cursor is None or not self._listed:
            self._listed = await asyncio.to_thread(find, self._folder)
        if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 12):
            raise UsageError("The place in the list is not one this provider gave.", "List the sessions anew.")
        start = int(cursor or 0)
        wanted = [found for found in self._listed if query.includes(found.changed)]
        page = wanted[start : start + max(limit, 1)]
        following = start + len(page)
        sessions = tuple(self._session(found, ()) for found in page)
        return SessionPage(sessions, str(following) if following < len(wanted) else None, len(wanted))

    async def detail(self, session_id: str) -> SessionDetail:
        """One recording with the transcript beside it. Raises NotFoundError, StorageError, UsageError."""
        return await asyncio.to_thread(self._detail, session_id)

    async def session_of_file(self, name: str) -> str:
        """The session of a recording or a transcript right in the folder. Raises NotFoundError."""
        found = await asyncio.to_thread(lambda: sessions_of(self._folder, names_in(self._folder), self._folder))
        for one in found:
            if one.name == name or (one.transcript is not None and one.transcript.name == name):
                return one.name
        raise UsageError(
            "This file is neither a recording nor a transcript that can be read.",
            f"Recordings end in {', '.join(RECORDINGS)}.",
        )

    async def recording(self, session_id: str, part_id: str) -> LocalRecording:
        """The recording's bytes. Raises NoRecordingError, NotFoundError."""
        found = await asyncio.to_thread(self._found, session_id)
        if found.recording is None:
            raise NoRecordingError("There is no recording beside this transcript.", "It can be read all the same.")
        if part_id != PART:
            raise NotFoundError("The session has no such part of a recording.", "Open the session again.")
        return LocalRecording(found.recording, RECORDINGS[found.recording.suffix.lower()])

    def _detail(self, session_id: str) -> SessionDetail:
        found = self._found(session_id)
        raw = b"" if found.transcript is None else _content(found.transcript)
        turns, problems = self._turns(found, raw)
        told = [_fields(turn) for turn in turns]
        available = RecordingPart(
            part_id=PART,
            sequence=0,
            start_ms=0,
            duration_ms=None,
            mode=RecordingMode.STREAM,
            mime=None if found.recording is None else RECORDINGS[found.recording.suffix.lower()],
            expires_at=None,
            state=RecordingState.AVAILABLE,
        )
        return SessionDetail(
            session=self._session(found, problems, turn_count=len(turns)),
            turns=turns,
            parts=() if found.recording is None else (available,),
            timing=Timing(
                quality=TimingQuality.APPROXIMATE if turns else TimingQuality.UNKNOWN, origin=TimingOrigin.PROVIDER
            ),
            transcript_digest=transcript_digest(told, ("role", "text", "start_ms", "end_ms")),
            raw=raw,
            raw_sha256=sha256(raw),
        )

    def _turns(self, found: Found, raw: bytes) -> tuple[tuple[Turn, ...], tuple[str, ...]]:
        if found.transcript is None or self._read is None:
            return (), ()
        try:
            return self._read(raw, found.transcript.name)
        except QaPlayerError as error:
            if found.recording is None:
                raise
            # the recording can be heard all the same
            return (), (error.message,)

    def _found(self, session_id: str) -> Found:
        path = PurePosixPath(session_id)
        if path.is_absolute() or ".." in path.parts or "\\" in session_id or "\0" in session_id:
            raise _not_there()
        place = self._folder.joinpath(*path.parts)
        if not is_inside(place, self._folder.resolve()):
            raise _not_there()
        for one in sessions_of(place.parent, names_in(place.parent), self._folder):
            if one.name == session_id:
                return one
        raise _not_there()

    def _session(self, found: Found, problems: tuple[str, ...], *, turn_count: int | None = None) -> Session:
        metadata: dict[str, JsonValue] = {"file": found.name[:2_000], "bytes": found.size}
        if found.transcript is not None:
            metadata["transcript file"] = found.transcript.name[:2_000]
        if problems:
            metadata["transcript problems"] = [*problems]
        return Session(
            connection=self._connection.name,
            provider=self._connection.provider,
            session_id=found.name,
            title=PurePosixPath(found.name).stem[:200] or found.name[:200],
            agent=None,
            state=SessionState.READY,
            recording_state=RecordingState.NONE if found.recording is None else RecordingState.AVAILABLE,
            started_at=found.changed,
            ended_at=None,
            duration_ms=None,
            retention_deadline=None,
            turn_count=turn_count,
            interruption_count=None,
            metadata=metadata,
        )


def _content(path: Path) -> bytes:
    error: QaPlayerError
    try:
        if path.stat().st_size <= LARGEST_TRANSCRIPT:
            return path.read_bytes()
        error = UsageError("The transcript's file is larger than 64 MiB.", "Split it.")
    except OSError:
        error = StorageError("The transcript's file cannot be read.", "Check who may read it.")
    raise error


def _fields(turn: Turn) -> dict[str, object]:
    return {"role": turn.raw_role, "text": turn.text, "start_ms": turn.raw_start_ms, "end_ms": turn.raw_end_ms}


def _not_there() -> NotFoundError:
    return NotFoundError("The folder has no such recording or transcript.", "List the folder again.")


PROVIDER = ProviderKind(
    name="local",
    title="Folder on this computer",
    base_url="",
    make=Local,
    needs_key=False,
    tidy_base_url=whole_path,
)
