"""Calibration by file: a packet goes out, sealed answers come back, and they are laid side by side.

What the seal does: answers are sealed to a public key in the packet, whose private key only the home that made it can
make (from the home's own key; nothing of it is stored). So no reviewer can read another's file, nor their own once it
is sealed; neither can whoever carries the files. Each tells only how long it is, in steps of 4 KiB.

What it does not do: who made the packet can open any file as soon as it comes; each opening is in that home's audit
trail, with the digests of the files. Nothing is signed: whoever has the packet can answer under any name, and who
changes the packet on its way can put a key of their own into it. Answers to a changed packet are refused when they come
back.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydantic import JsonValue

from qa_player import __version__
from qa_player.canonical import sha256
from qa_player.errors import IntegrityError, UsageError
from qa_player.model.calibration import (
    MOST_SESSIONS,
    Packet,
    PacketAnswers,
    PacketSession,
    SealedAnswers,
    SessionAnswers,
    packet_session,
)
from qa_player.model.comparison import Comparison, compared
from qa_player.model.connection import Connection
from qa_player.model.form import Form
from qa_player.model.scorecard import Scorecard
from qa_player.model.scoring import refusal
from qa_player.sealed import derive_key, public_key, seal_to, unseal_from
from qa_player.services.audited_file import Act, AuditedFile, write_audited
from qa_player.services.connections import Connections
from qa_player.services.forms import Forms, form_digest
from qa_player.services.library import Library
from qa_player.services.packet_checks import bytes_of, check, complete
from qa_player.services.packet_places import Place, place_here
from qa_player.services.queue import Queue
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.store.database import Database, Transaction

_STEP = 4_096


class Taken(NamedTuple):
    """A packet's form, how many sessions the packet has, how many of them are in the queue now, and which of them are
    not known here."""

    form: Form
    sessions: int
    queued: int
    missing: tuple[PacketSession, ...]


class Standing(NamedTuple):
    """One session of a packet: where it is kept here, null for nowhere, and whether this person submitted a scorecard
    on the packet's form."""

    session: PacketSession
    place: Place | None
    judged: bool


class Calibration:
    """``key`` is the home's own for calibration; the private keys of its packets come from it."""

    def __init__(
        self, *, database: Database, connections: Connections, library: Library, trail: Trail, key: bytes
    ) -> None:
        self._database = database
        self._connections = connections
        self._library = library
        self._trail = trail
        self._key = key

    async def pack(
        self,
        places: Sequence[Place],
        form: Form,
        *,
        path: Path,
        reached: Callable[[int], object] = lambda _number: None,
    ) -> AuditedFile:
        """Write a packet of these sessions; ``reached`` is told the number, from 0, of each that is about to be read.
        Raises the provider's errors, UsageError, StorageError; then nothing is written."""
        from qa_player.formats.calibration_file import write_packet

        wanted = tuple(dict.fromkeys(places))
        if not wanted:
            raise UsageError("A packet has at least one session.", "Choose sessions first.")
        if len(wanted) > MOST_SESSIONS:
            raise UsageError(f"A packet holds at most {MOST_SESSIONS} sessions.", "Make two packets.")
        sessions = []
        for number, (connection, session_id) in enumerate(wanted):
            reached(number)
            sessions.append(await self._session(await self._connections.named(connection), session_id))
        packet_id = uuid.uuid4().hex
        packet = Packet(
            packet_id=packet_id,
            made_at=self._trail.now(),
            made_by=self._trail.actor.shown,
            tool=f"QA Player {__version__}",
            form=form,
            form_digest=form_digest(form),
            public_key=public_key(self._private(packet_id)).hex(),
            sessions=tuple(sessions),
        )
        acts = [Act("calibration.packed", packet_id, *one.place, {"form": form.form_id}) for one in sessions]
        return await write_audited(path, write_packet(packet), acts, database=self._database, trail=self._trail)

    async def read(self, path: Path) -> Packet:
        """The packet of a file. Raises UsageError, IntegrityError, StorageError."""
        from qa_player.formats.calibration_file import read_packet

        packet = await asyncio.to_thread(lambda: read_packet(bytes_of(path)))
        check(packet)
        return packet

    def made_here(self, packet: Packet) -> bool:
        """Whether this home can open the answers to it."""
        return public_key(self._private(packet.packet_id)).hex() == packet.public_key

    async def standing(self, packet: Packet) -> tuple[Standing, ...]:
        """How far this person is with each session of the packet, in its order."""
        judged = {one.place for one in await self.from_store(packet)}
        places = await self._database.read(
            lambda transaction: [place_here(transaction, one) for one in packet.sessions]
        )
        return tuple(
            Standing(session, place, session.place in judged)
            for session, place in zip(packet.sessions, places, strict=True)
        )

    async def take(self, packet: Packet, forms: Forms, queue: Queue) -> Taken:
        """Take the packet's form in, and put those of its sessions that are kept here into the queue. Raises
        ConflictError where that version of the form says something else here."""
        from qa_player.formats.evaluation_form import form_object

        check(packet)
        form = await forms.add(json.dumps(form_object(packet.form)).encode())
        if form_digest(form) != packet.form_digest:
            raise UsageError("The packet's form cannot be written as a file.", "Ask for the form itself.")
        standing = await self.standing(packet)
        here = [one.place for one in standing if one.place is not None]
        for place in here:
            await queue.add(*place)
        missing = tuple(one.session for one in standing if one.place is None)
        return Taken(form, len(packet.sessions), len(here), missing)

    async def answer(self, packet: Packet, sessions: Sequence[SessionAnswers], *, path: Path) -> AuditedFile:
        """Seal this person's answers to the whole packet. Raises UsageError when a session or a question is open."""
        from qa_player.formats.calibration_file import text_of, write_sealed

        check(packet)
        given = {one.place: one for one in sessions}
        for session in packet.sessions:
            complete(packet.form, session, given.get(session.place))
        answers = PacketAnswers(
            packet_digest=packet.digest,
            reviewer=self._trail.actor.shown,
            answered_at=self._trail.now(),
            sessions=tuple(sessions),
        )
        plain = answers.model_dump_json().encode()
        piece = seal_to(
            bytes.fromhex(packet.public_key), plain + b" " * (-len(plain) % _STEP), place=_place(packet.digest)
        )
        sealed = SealedAnswers(packet_id=packet.packet_id, packet_digest=packet.digest, sealed=text_of(piece))
        act = Act("calibration.answered", packet.packet_id, detail={"sessions": len(packet.sessions)})
        return await write_audited(path, write_sealed(sealed), [act], database=self._database, trail=self._trail)

    async def from_store(self, packet: Packet) -> tuple[SessionAnswers, ...]:
        """What this person submitted last on each session and on just this form; sessions without are left out. A
        session is the packet's when provider and id are: connections have other names at other people's."""
        check(packet)
        cards = await self._database.read(self._cards)
        found = []
        for session in packet.sessions:
            fits = [
                (card.connection == session.connection, card)
                for provider, card in cards
                if (provider, card.session_id) == (session.provider, session.session_id)
                and card.form_digest == packet.form_digest
            ]
            if fits:
                card = max(fits, key=lambda one: (one[0], one[1].updated_at))[1]
                found.append(
                    SessionAnswers(
                        connection=session.connection,
                        session_id=session.session_id,
                        answers=card.answers,
                        scorecard_id=card.scorecard_id,
                    )
                )
        return tuple(found)

    async def compare(self, packet: Packet, files: Sequence[bytes]) -> Comparison:
        """Open sealed answers and lay them side by side. Raises UsageError for a packet or answers of somebody else's,
        IntegrityError for what does not open."""
        check(packet)
        if not self.made_here(packet):
            raise UsageError(
                "This packet was made by somebody else, who alone can open the answers.",
                "Send the answers to who made it.",
            )
        everybody = [self._opened(packet, data) for data in files]
        names = {one.reviewer for one in everybody}
        if len(everybody) < 2:
            raise UsageError("One person's answers have nothing to be compared with.", "Give two files or more.")
        if len(names) < len(everybody):
            raise UsageError("Two of the files are by the same person.", "Give one file of each.")
        told: dict[str, JsonValue] = {"answers": [sha256(data) for data in files]}
        await self._database.write(
            lambda transaction: self._trail.append(
                transaction, "calibration.compared", subject=packet.packet_id, detail=told
            )
        )
        return compared(packet, everybody)

    async def compare_files(self, packet: Packet, paths: Sequence[Path]) -> Comparison:
        """`compare` with the answers of these files. Raises StorageError, too."""
        return await self.compare(packet, [await asyncio.to_thread(bytes_of, path) for path in paths])

    async def export(self, told: Comparison, path: Path) -> AuditedFile:
        """Write what was compared: as JSON where the name ends so, else as a table (CSV). Raises UsageError,
        StorageError."""
        from qa_player.formats.comparison_table import write_csv, write_json

        data = (write_json if path.suffix.casefold() == ".json" else write_csv)(told)
        acts = [
            Act("calibration.exported", told.packet.packet_id, *session.place, {"reviewers": len(told.reviewers)})
            for session in told.packet.sessions
        ]
        return await write_audited(path, data, acts, database=self._database, trail=self._trail)

    def _opened(self, packet: Packet, data: bytes) -> PacketAnswers:
        from qa_player.formats.calibration_file import opened, piece_of, read_sealed

        sealed = read_sealed(data)
        if sealed.packet_digest != packet.digest:
            raise UsageError("These answers are to another packet.", "Give the packet that they answer.")
        plain = unseal_from(self._private(packet.packet_id), piece_of(sealed), place=_place(packet.digest))
        answers = opened(plain)
        known = {one.place for one in packet.sessions}
        taken = [one.place for one in answers.sessions]
        given = [answer for one in answers.sessions for answer in one.answers]
        if (
            answers.packet_digest != packet.digest
            or len(set(taken)) < len(taken)
            or not known.issuperset(taken)
            or any(refusal(packet.form, answer, None) for answer in given)
        ):
            raise IntegrityError("These answers are none that this packet can have.", "Ask for them again.")
        return answers

    def _cards(self, transaction: Transaction) -> list[tuple[str, Scorecard]]:
        """This person's submitted cards with the providers of their sessions."""
        from qa_player.store import scorecards, sessions

        mine = [card for card in scorecards.everything(transaction) if card.author == self._trail.actor.shown]
        found = []
        for card in mine:
            session = sessions.session(transaction, card.connection, card.session_id)
            if card.submitted_at is not None and session is not None:
                found.append((session.provider, card))
        return found

    async def _session(self, connection: Connection, session_id: str) -> PacketSession:
        detail = await self._library.detail(connection.name, session_id)
        placed = await self._library.placed(connection, detail)
        return packet_session(
            detail.session,
            placed.turns,
            digest=detail.transcript_digest,
            duration_ms=placed.recording_ms or detail.session.duration_ms,
        )

    def _private(self, packet_id: str) -> bytes:
        return derive_key(self._key, f"packet {packet_id}")


def _place(packet_digest: str) -> bytes:
    return f"calibration {packet_digest}".encode()
