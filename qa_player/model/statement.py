"""A note cut into statements, each with its place in the note, and what a person judged of one."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from qa_player.model.note import Note
from qa_player.model.value import Count, CountFromOne, Instant, LongText, OpaqueId, ShortText, Value

_ENDS = re.compile(
    r"(?<=[.!?;])(?<!\b[A-Z]\.)(?<!\bDr\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bMrs\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<!\bapprox\.)\s+|\n+"
)
_LEAD = re.compile(r"\s*(?:[-*•–]|\d{1,2}[.)])?\s*")
MOST_STATEMENTS = 5_000


class Statement(Value):
    """One claim: ``text`` is ``section``'s text from ``start`` to ``end`` (Python's offsets). ``number`` counts from 0
    through the whole note."""

    number: Count
    section: Count
    start: Count
    end: Count
    text: LongText

    @property
    def subject(self) -> str:
        """Its name among what is judged of one note."""
        return f"{self.section}:{self.start}-{self.end}"


class Candidate(Value):
    """A turn in which a statement may have been said; ``likeness`` is from 0 to 100."""

    turn_index: Count
    likeness: Annotated[int, Field(ge=0, le=100)]


class Linked(Value):
    """A statement with its candidates, likeliest first. ``doubt`` orders (more is more doubtful); ``reasons`` are what
    speaks against it, in words of ours that quote the statement."""

    statement: Statement
    candidates: tuple[Candidate, ...]
    doubt: Annotated[float, Field(ge=0, le=100)]
    reasons: tuple[ShortText, ...] = ()


class Unmentioned(Value):
    """A turn that stands in no statement; ``weight`` orders, more is more likely to be missed."""

    turn_index: Count
    weight: Annotated[float, Field(ge=0, le=1_000_000)]
    reasons: tuple[ShortText, ...] = ()


class VerdictWord(StrEnum):
    """What a person says of a statement, or of a turn that stands in none (the last two)."""

    SUPPORTED = "supported"
    PARTLY = "partly"
    CONTRADICTED = "contradicted"
    NOT_SAID = "not_said"
    ADDED = "added"
    NOT_NEEDED = "not_needed"


class Verdict(Value):
    """A person's judgement. ``subject`` is `Statement.subject` or ``turn:N``; ``amended`` stands in the place of the
    statement's own words, or is what is added for a turn; ``struck`` takes the statement out. The original stays."""

    subject: OpaqueId
    word: VerdictWord | None = None
    amended: LongText | None = None
    struck: bool = False
    author: ShortText
    updated_at: Instant
    revision: CountFromOne = 1


class Attestation(Value):
    """What a person signed: the words, and the digest of the corrected note they stand under."""

    text: LongText
    author: ShortText
    at: Instant


def turn_subject(turn_index: int) -> str:
    """The name of a turn among what is judged of one note."""
    return f"turn:{turn_index}"


def statements_of(note: Note) -> tuple[Statement, ...]:
    """Every sentence, line and item of a list of ``note``, in their order.

    A full stop inside of a number, an initial or a usual abbreviation ends nothing.
    """
    found: list[Statement] = []
    for number, section in enumerate(note.sections):
        begin = 0
        for stop in [*_ENDS.finditer(section.text), None]:
            end = len(section.text) if stop is None else stop.start()
            start = begin + len((_LEAD.match(section.text[begin:end]) or _LEAD.match("")).group())  # type: ignore[union-attr]
            text = section.text[start:end].rstrip()
            if any(letter.isalnum() for letter in text) and len(found) < MOST_STATEMENTS:
                found.append(
                    Statement(number=len(found), section=number, start=start, end=start + len(text), text=text)
                )
            begin = end if stop is None else stop.end()
    return tuple(found)
