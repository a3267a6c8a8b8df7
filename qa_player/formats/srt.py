"""SubRip captions: numbered blocks, times with a comma, the speaker's name in front of the text.

The format has no place for notes: what the file is of, and turns without a time, are told as lost by `losses`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa_player.formats.cues import add_cue, voice_and_text
from qa_player.formats.tiers import speaker_of
from qa_player.formats.transcript_file import Transcript, TurnsBeingRead, text_of, unreadable
from qa_player.model.review import Review

_NO_MARKS = str.maketrans(
    {"<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}", ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"}
)


def write(review: Review) -> bytes:
    """UTF-8 without a mark, CRLF line ends; turns by their start. A turn without a start has no caption."""
    timed = sorted((turn for turn in review.turns if turn.start_ms is not None), key=lambda turn: turn.start_ms or 0)
    blocks = []
    for number, turn in enumerate(timed, 1):
        start_ms = turn.start_ms or 0
        end_ms = max(start_ms if turn.end_ms is None else turn.end_ms, start_ms + 1)
        said = f"{_inert(speaker_of(turn)).replace(':', ' ')}: {_inert(turn.text)}"
        blocks.append(f"{number}\r\n{_time(start_ms)} --> {_time(end_ms)}\r\n{said}\r\n")
    return "\r\n".join(blocks).encode()


def read(data: bytes) -> Transcript:
    """Captions as turns in the order of the file; a name and a colon in front say who speaks. Raises UsageError.

    A blank line inside a caption does not end it: only what looks like the next one does, be it without times.
    """
    lines = text_of(data).split("\n")
    reading = TurnsBeingRead()
    starts = [number for number, line in enumerate(lines) if "-->" in line]
    if not starts:
        unreadable("no line has times")
    _tell_timeless(reading, _without_number(lines[: starts[0]]), first=0)
    for at, following in zip(starts, [*starts[1:], len(lines)], strict=True):
        said = lines[at + 1 : following]
        if following < len(lines):
            said = _without_number(said)
        told = next(_numbered(said, lines[at - 1] if at else ""), len(said))
        _tell_timeless(reading, said[told:], first=at + 1 + told)
        said = said[:told]
        plain, marks = re.subn(r"</?[a-zA-Z][^<>]*>|\{\\[^{}]*\}", "", "\n".join(said).strip())
        reading.lost("marks in the text", marks)
        reading.lost("positions of captions", len(lines[at].partition("-->")[2].split()) > 1)
        speaker, text = voice_and_text(re.sub(r"\n\s*\n", "\n", plain))
        add_cue(reading, lines[at], speaker, text, line=at + 1)
    return reading.done()


def _without_number(lines: list[str]) -> list[str]:
    """The lines before a line of times, without the number of its caption."""
    return lines[:-1] if lines and lines[-1].strip().isdigit() else lines


def _numbered(lines: list[str], before: str) -> Iterator[int]:
    """The places of lines that begin another caption than that numbered ``before``: a blank line, then its number.

    >>> list(_numbered(["Hello.", "", "4", "Yes.", "", "2", "times"], "3")), list(_numbered(["", "4"], "no number"))
    ([2], [])
    """
    for place, line in enumerate(lines):
        number = line.strip()
        begins = place > 0 and not lines[place - 1].strip() and number.isdecimal() and before.strip().isdecimal()
        if begins and len(number) < 10 and len(before.strip()) < 10 and int(number) > int(before):
            yield place


def _tell_timeless(reading: TurnsBeingRead, lines: list[str], *, first: int) -> None:
    """Tell of each caption in ``lines`` (the first is line ``first`` of the file, from zero): none has times."""
    for place, line in enumerate(lines):
        if line.strip() and (place == 0 or not lines[place - 1].strip()):
            reading.problem("this caption has no times", line=first + place + 1)


def _inert(text: str) -> str:
    """Without blank lines, which end a caption, and without what a player takes for a time or a mark."""
    plain = text.replace("\0", "\N{SYMBOL FOR NULL}").replace("-->", "--\N{RIGHTWARDS ARROW}")
    plain = plain.translate(_NO_MARKS).replace("{\\", "{ \\")
    return "\r\n".join(line for line in plain.splitlines() if line.strip()) or "\N{HORIZONTAL ELLIPSIS}"


def _time(milliseconds: int) -> str:
    seconds, thousandths = divmod(milliseconds, 1_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02},{thousandths:03}"
