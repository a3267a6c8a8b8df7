"""Plain text: the conversation as one reads it aloud, a paragraph a turn, its time and speaker in front."""

from __future__ import annotations

import re

from qa_player.formats.provenance import provenance_lines
from qa_player.formats.tiers import speaker_of
from qa_player.model.correction import corrected_texts
from qa_player.model.review import Review
from qa_player.model.transcript import Turn

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def write(review: Review) -> bytes:
    """UTF-8 in the provider's order; every turn is there, one without a time has ``?`` for it. Below a corrected
    one stands what the provider heard."""
    corrected = corrected_texts(review.turns, review.annotations)
    head = "\n".join([plain(review.session.title), *map(plain, provenance_lines(review))])
    return (
        "\n\n".join([head, *(paragraphs(turn, corrected.get(turn.index)) for turn in review.turns)]) + "\n"
    ).encode()


def paragraphs(turn: Turn, corrected: str | None) -> str:
    """One turn, and where it was corrected what the provider heard below it."""
    if corrected is None:
        return paragraph(turn)
    return f"{paragraph(turn.model_copy(update={'text': corrected}))}\n[as the provider heard it: {plain(turn.text)}]"


def paragraph(turn: Turn) -> str:
    """One turn: when, who and what."""
    return f"[{moment(turn.start_ms)}] {plain(speaker_of(turn))}: {plain(turn.text)}"


def moment(at_ms: int | None) -> str:
    """``m:ss.cc``; a question mark for no time."""
    if at_ms is None:
        return "?"
    minutes, rest = divmod(at_ms, 60_000)
    return f"{minutes}:{rest // 1000:02}.{rest % 1000 // 10:02}"


def plain(text: str) -> str:
    """Without characters that a terminal would obey."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))
