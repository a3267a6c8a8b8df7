"""The files of a calibration: the packet, one person's answers as they write them, and those answers sealed.

Answers are written as ``{"sessions": [{"session_id": …, "connection": …, "answers": {…}}]}``, each with ``answers`` as
`formats.answers_file` has them; ``connection`` may be left out.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import NamedTuple

from qa_player.errors import IntegrityError
from qa_player.formats.answers_file import MOST_BYTES, Answered, read_answers
from qa_player.formats.envelope import read, written
from qa_player.model.calibration import Packet, PacketAnswers, PacketSession, SealedAnswers, SessionAnswers
from qa_player.model.form import Form
from qa_player.model.scoring import refusal

PACKET = "calibration packet"
ANSWERS = "sealed answers to a calibration packet"


class Read(NamedTuple):
    """Answers to sessions of a packet, and a sentence for each thing that is wrong with them."""

    sessions: tuple[SessionAnswers, ...]
    faults: tuple[str, ...]


def write_packet(packet: Packet) -> bytes:
    """The packet as a file."""
    return written(PACKET, packet)


def read_packet(data: bytes) -> Packet:
    """Raises UsageError, IntegrityError."""
    return read(PACKET, data, Packet)


def write_sealed(answers: SealedAnswers) -> bytes:
    """Sealed answers as a file."""
    return written(ANSWERS, answers)


def read_sealed(data: bytes) -> SealedAnswers:
    """Raises UsageError, IntegrityError."""
    return read(ANSWERS, data, SealedAnswers)


def piece_of(answers: SealedAnswers) -> bytes:
    """The sealed bytes. Raises IntegrityError."""
    try:
        return base64.b64decode(answers.sealed, validate=True)
    except ValueError:
        raise IntegrityError("These answers are damaged.", "Ask for them again.") from None


def text_of(piece: bytes) -> str:
    """Sealed bytes as a file holds them."""
    return base64.b64encode(piece).decode()


def opened(plain: bytes) -> PacketAnswers:
    """What was sealed. Raises IntegrityError for what is no answer."""
    try:
        return PacketAnswers.model_validate_json(plain)
    except ValueError:
        raise IntegrityError("These answers are not what QA Player writes.", "Ask for them again.") from None


def read_written(data: bytes, packet: Packet) -> Read:
    """What a person wrote down; in the order of the packet."""
    try:
        told = json.loads(data.decode("utf-8-sig")) if len(data) <= MOST_BYTES else None
    except (UnicodeDecodeError, ValueError, RecursionError):
        told = None
    given = told.get("sessions") if isinstance(told, dict) else None
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        return Read((), ("The file holds no answers: a list `sessions` of objects is expected.",))
    found: dict[int, SessionAnswers] = {}
    faults: list[str] = []
    for number, one in enumerate(given, 1):
        at = _named(packet, one.get("session_id"), one.get("connection"))
        if at is None:
            faults.append(f"Entry {number}: the packet has no such session, or more than one; name its connection.")
        elif at in found:
            faults.append(f"Entry {number}: this session is answered twice.")
        else:
            found[at] = _session(packet.sessions[at], packet.form, one.get("answers"), faults, number)
    return Read(tuple(found[at] for at in sorted(found)), tuple(faults))


def _named(packet: Packet, session_id: object, connection: object) -> int | None:
    fits = [
        at
        for at, one in enumerate(packet.sessions)
        if one.session_id == session_id and connection in (None, one.connection)
    ]
    return fits[0] if len(fits) == 1 else None


def _session(session: PacketSession, form: Form, given: object, faults: list[str], number: int) -> SessionAnswers:
    told = read_answers(json.dumps({"answers": given}).encode(), form)
    faults.extend(f"Entry {number}: {fault}" for fault in told.faults)
    faults.extend(f"Entry {number}: {why}" for why in _refused(session, form, told))
    return SessionAnswers(connection=session.connection, session_id=session.session_id, answers=told.answers)


def _refused(session: PacketSession, form: Form, told: Answered) -> Iterator[str]:
    for question_id in told.absent:
        yield f"Question {question_id[:200]}: that something is nowhere is proved by listening; score it in the window."
    for answer in told.answers:
        why = refusal(form, answer, session.duration_ms)
        if why is not None:
            yield why
