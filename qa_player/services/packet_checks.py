"""Calibration files as they come: read, known for what QA Player makes, and answered whole or not."""

from __future__ import annotations

from pathlib import Path

from qa_player.errors import IntegrityError, UsageError
from qa_player.files import storage_errors
from qa_player.model.calibration import Packet, PacketSession, SessionAnswers
from qa_player.model.form import Form, faults
from qa_player.model.scoring import asked
from qa_player.services.forms import form_digest


def bytes_of(path: Path) -> bytes:
    """What a file holds. Raises StorageError."""
    with storage_errors():
        return path.read_bytes()


def check(packet: Packet) -> None:
    """Raises IntegrityError for a packet that QA Player does not make."""
    places = [one.place for one in packet.sessions]
    if len(set(places)) < len(places) or form_digest(packet.form) != packet.form_digest or faults(packet.form):
        raise IntegrityError("This packet is none that QA Player makes.", "Ask for it again.")


def complete(form: Form, session: PacketSession, told: SessionAnswers | None) -> None:
    """Raises UsageError where a question is open. Evidence is not asked for: judgements are compared, not defended."""
    answers = {} if told is None else {one.question_id: one for one in told.answers if one.given}
    open_still = [one for one in asked(form, answers) if not one.optional and one.question_id not in answers]
    if told is None or open_still:
        what = "is not answered" if told is None else f"is not answered whole: “{open_still[0].title}” is open"
        raise UsageError(
            f"Session {session.session_id[:100]} {what}.", "Answer every session of the packet; nothing was written."
        )
