"""Praat's TextGrid, long or short: tiers of intervals or of points.

Source: Praat's manual, "TextGrid file formats": numbers, texts and flags that stand free are the content, in their
order; everything else (``xmin =``, ``intervals [3]:``, comments) is there for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa_player.formats.transcript_file import Transcript, TurnsBeingRead, milliseconds, text_of, unreadable

_TOKEN = re.compile(
    r"""!.*                            # a comment
    | "((?:[^"]|"")*)"                 # 1: a text
    | (?<!\S)(-?[0-9.]+(?:[eE][-+]?[0-9]+)?)(?!\S)   # 2: a number
    | <(exists|absent)>                # 3: a flag
    | \S+""",
    re.VERBOSE,
)


class _Tokens:
    """The content, one piece after another, and the line it stands on."""

    def __init__(self, content: str) -> None:
        self._content = content
        self._found: Iterator[re.Match[str]] = (match for match in _TOKEN.finditer(content) if match.lastindex)
        self._last = 0

    @property
    def line(self) -> int:
        return self._content.count("\n", 0, self._last) + 1

    def _next(self, kind: int, what: str) -> str:
        match = next(self._found, None)
        if match is None:
            unreadable("it breaks off", line=self.line)
        self._last = match.start()
        if match.lastindex != kind:
            unreadable(f"{what} is missing", line=self.line)
        return match[kind]

    def text(self) -> str:
        return self._next(1, "a text").replace('""', '"')

    def number(self) -> str:
        return self._next(2, "a number")

    def flag(self) -> str:
        return self._next(3, "a flag")


def read(data: bytes) -> Transcript:
    """A turn for every interval with text and every point, the tier's name as its speaker. Raises UsageError."""
    tokens = _Tokens(text_of(data))
    if tokens.text() != "ooTextFile" or tokens.text() != "TextGrid":
        unreadable("it is no TextGrid", line=1)
    tokens.number()
    tokens.number()
    reading = TurnsBeingRead()
    if tokens.flag() == "exists":
        for _ in range(_count(tokens)):
            _tier(tokens, reading)
    return reading.sorted()


def _tier(tokens: _Tokens, reading: TurnsBeingRead) -> None:
    kind, name = tokens.text(), tokens.text()
    if kind not in ("IntervalTier", "TextTier"):
        unreadable("a tier is of no kind that is known", line=tokens.line)
    tokens.number()
    tokens.number()
    for _ in range(_count(tokens)):
        start = milliseconds(tokens.number())
        end = milliseconds(tokens.number()) if kind == "IntervalTier" else start
        text = tokens.text()
        if text.strip():
            reading.add(text, speaker=name, start_ms=start, end_ms=end, bad_time=start is None or end is None)


def _count(tokens: _Tokens) -> int:
    told = tokens.number()
    if not re.fullmatch(r"[0-9]{1,7}", told):
        unreadable("a count is none", line=tokens.line)
    return int(told)
