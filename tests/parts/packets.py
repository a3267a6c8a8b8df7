"""Calibration packets for tests: sessions without words, and what people answered to them."""

from __future__ import annotations

from collections.abc import Sequence

from parts.stored import NOON
from qa_player.model.calibration import Packet, PacketAnswers, PacketSession, SessionAnswers
from qa_player.model.form import Form
from qa_player.model.scorecard import Answer
from qa_player.services.forms import form_digest

DIGEST = "0" * 64


def packet(form: Form, sessions: int) -> Packet:
    """Of sessions 0, 1, 2 … of the connection ``acme``."""
    return Packet(
        packet_id="p",
        made_at=NOON,
        made_by="lead",
        tool="a test",
        form=form,
        form_digest=form_digest(form),
        public_key=DIGEST,
        sessions=tuple(
            PacketSession(
                connection="acme",
                provider="oshara",
                session_id=str(number),
                title=f"Call {number}",
                started_at=None,
                duration_ms=None,
                transcript_digest=DIGEST,
                turns=(),
            )
            for number in range(sessions)
        ),
    )


def answered(reviewer: str, sheets: Sequence[Sequence[Answer]]) -> PacketAnswers:
    """One person's answers, a sheet for each session."""
    return PacketAnswers(
        packet_digest=DIGEST,
        reviewer=reviewer,
        answered_at=NOON,
        sessions=tuple(
            SessionAnswers(connection="acme", session_id=str(number), answers=tuple(sheet))
            for number, sheet in enumerate(sheets)
        ),
    )
