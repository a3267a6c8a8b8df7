"""AI-written notes: asked of the provider once and kept with their digest, or taken from a file or the clipboard."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from qa_player.canonical import canonical_json
from qa_player.errors import NetworkError, NotFoundError
from qa_player.model.note import KeptNote, Note, NoteOrigin
from qa_player.services.connections import Connections
from qa_player.services.trail import Trail
from qa_player.signal import Signal

if TYPE_CHECKING:
    from qa_player.store.database import Database, Transaction


class Notes:
    """``note_changed(connection, session_id)`` after another note was received and kept."""

    def __init__(self, *, database: Database, connections: Connections, trail: Trail) -> None:
        self.note_changed: Signal[str, str] = Signal()
        self._database = database
        self._connections = connections
        self._trail = trail

    async def open(self, connection: str, session_id: str, *, fresh: bool = False) -> KeptNote | None:
        """The note of a session to be read, its opening recorded first; null when it has none.

        What is kept serves, unless ``fresh`` is asked for; then, and when nothing is kept, the provider is asked, and
        its note takes the place of one that a person brought. That one stays kept with what was judged of it.
        Raises NotReadyError while the note is being written, and the provider's errors.
        """
        kept = await self.kept(connection, session_id)
        if kept is None or fresh:
            kept = await self._received(connection, session_id, kept)
        if kept is not None:
            opened = kept
            await self._database.write(lambda transaction: self._tell(transaction, "note.opened", opened))
        return kept

    async def kept(self, connection: str, session_id: str) -> KeptNote | None:
        """The note that was received last, from the store alone; recorded nowhere, since nobody reads it yet."""
        from qa_player.store import notes

        return await self._database.read(lambda transaction: notes.latest(transaction, connection, session_id))

    async def at_stake(self, connection: str, session_id: str) -> tuple[int, bool]:
        """How much was said of the note of a session that another one would put aside: judgements, and whether it is
        signed."""
        from qa_player.store import notes

        kept = await self.kept(connection, session_id)
        if kept is None:
            return 0, False
        place = connection, session_id, kept.note.digest
        verdicts, attestation = await self._database.read(lambda transaction: notes.judged(transaction, *place))
        said = [one for one in verdicts.values() if one.word is not None or one.amended is not None or one.struck]
        return len(said), attestation is not None

    def are_given(self, connection: str) -> bool:
        """Whether the connection's provider gives notes at all."""
        from qa_player.providers.base import GivesNotes

        return isinstance(self._connections.living(connection), GivesNotes)

    async def may_have(self, connection: str, session_id: str) -> bool:
        """Whether a session has a note here, or its provider gives notes at all; asks nobody."""
        return self.are_given(connection) or await self.kept(connection, session_id) is not None

    async def take(self, connection: str, session_id: str, data: bytes, *, origin: NoteOrigin) -> KeptNote:
        """Keep a note that a person brings, in place of the one there was. Raises NotFoundError, UsageError."""
        from qa_player.formats.note_file import read_note_file

        await self._connections.named(connection)
        if not await self._is_known(connection, session_id):
            raise NotFoundError("This session was never opened here.", "Open the session first; then bring its note.")
        note = await asyncio.to_thread(read_note_file, session_id, data)
        return await self._keep(connection, note, origin)

    async def _is_known(self, connection: str, session_id: str) -> bool:
        from qa_player.store import sessions

        found = await self._database.read(lambda transaction: sessions.session(transaction, connection, session_id))
        return found is not None

    async def _received(self, connection: str, session_id: str, kept: KeptNote | None) -> KeptNote | None:
        from qa_player.providers.base import GivesNotes

        try:
            provider = await self._connections.provider(connection)
            note = await provider.notes(session_id) if isinstance(provider, GivesNotes) else None
        except NetworkError:
            note = await self._received_before(connection, session_id)
            if note is None:
                raise
        if note is None or (kept is not None and kept.origin is NoteOrigin.PROVIDER and kept.note == note):
            return kept
        return await self._keep(connection, note, NoteOrigin.PROVIDER)

    async def _received_before(self, connection: str, session_id: str) -> Note | None:
        """The provider's own note as it was received last, whatever a person brought since."""
        from qa_player.store import notes

        every = await self._database.read(lambda transaction: notes.of_session(transaction, connection, session_id))
        return next((one.note for one in every if one.origin is NoteOrigin.PROVIDER), None)

    async def _keep(self, connection: str, note: Note, origin: NoteOrigin) -> KeptNote:
        from qa_player.store import notes

        kept = KeptNote(connection=connection, note=note, origin=origin, received_at=self._trail.now())

        def keep(transaction: Transaction) -> None:
            notes.save(transaction, kept)
            self._tell(transaction, "note.received", kept, content=canonical_json(note.model_dump(mode="json")))

        await self._database.write(keep)
        self.note_changed.emit(connection, note.session_id)
        return kept

    def _tell(self, transaction: Transaction, action: str, kept: KeptNote, content: bytes | None = None) -> None:
        self._trail.append(
            transaction,
            action,
            connection=kept.connection,
            session_id=kept.note.session_id,
            subject=kept.note.digest,
            detail={"origin": kept.origin.value, "sections": len(kept.note.sections)},
            content=content,
        )
