"""Transcripts out of files: kept beside the provider's own, never over it unless a person says so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from qa_player.canonical import digest, sha256
from qa_player.errors import NotFoundError, UsageError
from qa_player.files import place_to_write, write_whole
from qa_player.formats.contents import Contents, contents_of, is_either, read_transcript_as
from qa_player.formats.transcript_file import Transcript
from qa_player.model.given_transcript import GivenTranscript, Use
from qa_player.model.session import SessionDetail
from qa_player.model.transcript import Turn
from qa_player.services.imports import bytes_of
from qa_player.services.library import Library, OpenSession
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.store.database import Database, Transaction

PROVIDERS_OWN = "provider"
"""What the provider's own transcript is called where one is chosen."""


@dataclass(frozen=True)
class TakenIn:
    """A transcript that is kept now. ``already`` says that the same file had been taken in before, ``in_force`` that it
    is the one that is shown, ``after_end`` how many of its turns begin after the recording ends: they are flagged."""

    given: GivenTranscript
    in_force: bool
    already: bool = False
    after_end: int = 0


@dataclass(frozen=True)
class Asked:
    """What a file would be taken in as, whether it could be ``either``, and whether its session ``has_turns``."""

    suggested: Contents
    either: bool
    has_turns: bool


@dataclass(frozen=True)
class Known:
    """What there is for one session: the provider's turns, and those of files with the digest of what is in force."""

    own: SessionDetail
    given: tuple[GivenTranscript, ...]
    in_force: str


class Transcripts:
    """Each act is in the trail; what is in force is shown, sought and exported everywhere."""

    def __init__(self, *, database: Database, library: Library, trail: Trail) -> None:
        self._database = database
        self._library = library
        self._trail = trail

    async def contents(self, connection: str, session_id: str, path: Path, form: str | None) -> Contents:
        """What a file would be taken in as. Raises UsageError, NotFoundError and the provider's errors."""
        data = await asyncio.to_thread(bytes_of, path)
        session = await self._library.detail(connection, session_id)
        return await asyncio.to_thread(contents_of, data, path.name, form, has_turns=bool(session.turns))

    async def asked_of(self, connection: str, session_id: str, path: Path) -> Asked:
        """What a person has to be asked before a file is taken in. Raises as `contents` does."""
        data = await asyncio.to_thread(bytes_of, path)
        has_turns = bool((await self._library.detail(connection, session_id)).turns)
        suggested = await asyncio.to_thread(contents_of, data, path.name, None, has_turns=has_turns)
        return Asked(suggested, await asyncio.to_thread(is_either, data, path.name), has_turns)

    async def take_in(self, connection: str, session_id: str, path: Path, *, form: str | None = None) -> TakenIn:
        """Keep the transcript of a file: in force where the provider has none, else beside its own.

        Raises UsageError for a file that cannot be read, has no turn, or is of another session.
        """
        data = await asyncio.to_thread(bytes_of, path)
        reader, transcript = await asyncio.to_thread(read_transcript_as, data, path.name, form)
        if transcript.session_id not in (None, session_id):
            raise UsageError(
                "The file's transcript is of another session; nothing was taken in.", "Open the session that it names."
            )
        session = await self._library.open(connection, session_id)
        given = self._given(session, transcript, reader.name, sha256(data))
        told = await self._database.write(lambda db: self._keep(db, session, given, data))
        self._library.sessions_changed.emit(connection)
        return told

    async def known(self, connection: str, session_id: str) -> Known:
        """What there is. Raises NotFoundError for a session that was never opened here."""
        return await self._database.read(lambda db: _known(db, connection, session_id))

    async def use(self, connection: str, session_id: str, wanted: str) -> Known:
        """Put the provider's own (`PROVIDERS_OWN`) or the one whose file's digest begins with ``wanted`` in force.

        Raises NotFoundError for one that there is not, UsageError where several begin so.
        """

        def choose(db: Transaction) -> Known:
            from qa_player.store import given_transcripts, search, sessions

            known = _known(db, connection, session_id)
            chosen = None if wanted == PROVIDERS_OWN else _named(known, wanted)
            for one in known.given:
                given_transcripts.put_to_use(db, one, Use.CHOSEN if one is chosen else Use.BESIDE)
            detail = sessions.detail(db, connection, session_id)
            if detail is not None:
                search.index_turns(db, detail)
            self._tell(db, "transcript.chosen", known.own, chosen)
            return _known(db, connection, session_id)

        known = await self._database.write(choose)
        self._library.sessions_changed.emit(connection)
        return known

    async def give_back(self, connection: str, session_id: str, wanted: str, path: Path) -> GivenTranscript:
        """Write the file of a transcript as it was taken in. Raises as `use`, and StorageError."""
        from qa_player.store import given_transcripts

        await asyncio.to_thread(place_to_write, path)
        known = await self.known(connection, session_id)
        given = _named(known, wanted)
        data = await self._database.read(lambda db: given_transcripts.file_of(db, given))
        await self._database.write(lambda db: self._tell(db, "transcript.exported", known.own, given))
        await asyncio.to_thread(write_whole, path, data)
        return given

    def _given(self, session: OpenSession, transcript: Transcript, form: str, file_digest: str) -> GivenTranscript:
        return GivenTranscript(
            connection=session.connection.name,
            session_id=session.session_id,
            sha256=file_digest,
            format=form,
            turns=transcript.turns,
            transcript_digest=digest([_spelled(turn) for turn in transcript.turns]),
            problems=transcript.problems,
            not_carried=tuple(one[:2_000] for one in transcript.not_carried),
            taken_in_at=self._trail.now(),
            taken_in_by=self._trail.actor.shown,
            use=Use.WITHOUT_OWN,
        )

    def _keep(self, db: Transaction, session: OpenSession, given: GivenTranscript, data: bytes) -> TakenIn:
        from qa_player.store import given_transcripts, search, sessions

        place = (given.connection, given.session_id)
        before = next((one for one in _known(db, *place).given if one.sha256 == given.sha256), None)
        own = sessions.provider_detail(db, *place)
        if before is None:
            given = given if own is None or not own.turns else given.model_copy(update={"use": Use.BESIDE})
            given_transcripts.add(db, given, data)
        detail = sessions.detail(db, *place)
        if detail is not None and own is not None:
            search.index_turns(db, detail)
            if before is None:
                self._tell(db, "transcript.imported", own, given)
        in_force = detail is not None and detail.transcript_digest == given.transcript_digest
        end_ms = session.recording_ms
        late = sum(end_ms is not None and (turn.raw_start_ms or 0) >= end_ms for turn in given.turns)
        return TakenIn(before or given, in_force, already=before is not None, after_end=late)

    def _tell(self, db: Transaction, action: str, own: SessionDetail, given: GivenTranscript | None) -> None:
        detail: dict[str, JsonValue] = {"transcript": PROVIDERS_OWN}
        if given is not None:
            detail = {
                "transcript": "file",
                "format": given.format,
                "sha256": given.sha256,
                "transcript_digest": given.transcript_digest,
                "turns": len(given.turns),
            }
        place = own.session
        self._trail.append(db, action, connection=place.connection, session_id=place.session_id, detail=detail)


def _known(db: Transaction, connection: str, session_id: str) -> Known:
    from qa_player.store import given_transcripts, sessions

    own = sessions.provider_detail(db, connection, session_id)
    if own is None:
        raise NotFoundError("This session is not known here.", "List or open it first.")
    given = given_transcripts.of_session(db, connection, session_id)
    return Known(own, given, given_transcripts.in_force(db, own).transcript_digest)


def _named(known: Known, wanted: str) -> GivenTranscript:
    found = [one for one in known.given if wanted and one.sha256.startswith(wanted.lower())]
    if not found:
        raise NotFoundError(
            "There is no such transcript of this session.", "See `qa-player transcript CONNECTION SESSION`."
        )
    if len(found) > 1:
        raise UsageError("Several transcripts begin so.", "Give more of the digest.")
    return found[0]


def _spelled(turn: Turn) -> dict[str, JsonValue]:
    return {
        "speaker": turn.speaker,
        "role": turn.raw_role,
        "text": turn.text,
        "start_ms": turn.raw_start_ms,
        "end_ms": turn.raw_end_ms,
    }
