"""Times and voices of captions, as WebVTT and SubRip share them."""

from __future__ import annotations

import re

from qa_player.formats.transcript_file import TurnsBeingRead

ARROW = re.compile(r"^\s*(\S+)\s+-->\s+(\S+)(?:\s.*)?$")

_CLOCK = re.compile(r"(?:([0-9]{1,5}):)?([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]{1,3}))?", re.ASCII)
_NAMED = re.compile(r"^\s*-?\s*([^\s:<>][^:<>\n]{0,48}?)\s*:\s+(?=\S)")
_NO_NAMES = frozenset({"http", "https", "note"})


def clock_ms(text: str) -> int | None:
    """Milliseconds of a caption's time; null for what is none.

    >>> [clock_ms(text) for text in ("00:01.500", "01:00:00,25", "1:2:3", "00:61:00.000", "soon")]
    [1500, 3600250, 3723000, None, None]
    """
    match = _CLOCK.fullmatch(text)
    if match is None or int(match[2]) > 59 or int(match[3]) > 59:
        return None
    thousandths = int((match[4] or "0").ljust(3, "0"))
    return ((int(match[1] or 0) * 60 + int(match[2])) * 60 + int(match[3])) * 1_000 + thousandths


def voice_and_text(text: str) -> tuple[str, str]:
    """A speaker in front of what is said, as in ``Agent: Good morning``; no name where there is none.

    >>> voice_and_text("Agent: Good morning"), voice_and_text("at 10:30 then")
    (('Agent', 'Good morning'), ('', 'at 10:30 then'))
    """
    match = _NAMED.match(text)
    if match is None or match[1].lower() in _NO_NAMES or len(match[1].split()) > 4:
        return "", text
    return match[1], text[match.end() :]


def add_cue(reading: TurnsBeingRead, arrow: str, speaker: str, text: str, *, line: int) -> None:
    """One caption as a turn."""
    match = ARROW.match(arrow)
    start, end = (clock_ms(match[1]), clock_ms(match[2])) if match is not None else (None, None)
    if start is None or end is None:
        reading.problem("the times cannot be read", line=line)
    reading.add(text, speaker=speaker, start_ms=start, end_ms=end, bad_time=start is None or end is None, line=line)
