"""Praat's TextGrid, long or short: tiers of intervals or of points.

Source: Praat's manual, "TextGrid file formats": numbers, texts and flags that stand free are the content, in their
order; everything else (``xmin =``, ``intervals [3]:``, comments) is there for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa_player.formats.tiers import PROVENANCE, Tier, end_of, is_ours, overlapping, provenance_tier, tiers_of
from qa_player.formats.transcript_file import Transcript, TurnsBeingRead, milliseconds, text_of, unreadable
from qa_player.model.review import Review

_TOKEN = re.compile(
    r"""!.*                            # a comment
    | "((?:[^"]|"")*)"                 # 1: a text
    | (?<!\S)(-?[0-9.]+(?:[eE][-+]?[0-9]+)?)(?!\S)   # 2: a number
    | <(exists|absent)>                # 3: a flag
    | \S+""",
    re.VERBOSE,
)

_LANE = re.compile(r"#[2-9][0-9]*$")
"""What `tiers` puts behind the name of a tier that holds what overlaps on the first."""


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


def write(review: Review) -> bytes:
    """The long form in UTF-8: a tier for each speaker, the annotations, and one that says what the file is of."""
    end_ms = end_of(review)
    tiers = (*tiers_of(review), provenance_tier(review, end_ms))
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", f"xmax = {_seconds(end_ms)}"]
    lines += ["tiers? <exists>", f"size = {len(tiers)}", "item []:"]
    for number, tier in enumerate(tiers, 1):
        lines += _tier_lines(tier, number, end_ms)
    return "".join(f"{line}\n" for line in lines).encode()


def read(data: bytes) -> Transcript:
    """A turn for every interval with text and every point, the tier's name as its speaker. Raises UsageError."""
    reading = TurnsBeingRead()
    found = intervals(data)
    for place in overlapping(found):
        reading.told(f"Interval {place + 1} overlaps one before it on its tier; both were read.")
    for tier, start, end, text in found:
        if is_ours(tier):
            reading.lost("annotations", tier != PROVENANCE)
        else:
            bad = start is None or end is None
            reading.add(text, speaker=_LANE.sub("", tier), start_ms=start, end_ms=end, bad_time=bad)
    return reading.sorted()


def intervals(data: bytes) -> list[tuple[str, int | None, int | None, str]]:
    """(tier, start, end, text) of each interval with text and of each point, whose times are the same.

    Raises UsageError.
    """
    tokens = _Tokens(text_of(data))
    if tokens.text() != "ooTextFile" or tokens.text() != "TextGrid":
        unreadable("it is no TextGrid", line=1)
    tokens.number()
    tokens.number()
    found: list[tuple[str, int | None, int | None, str]] = []
    if tokens.flag() == "exists":
        for _ in range(_count(tokens)):
            found += _tier(tokens)
    return found


def _tier(tokens: _Tokens) -> list[tuple[str, int | None, int | None, str]]:
    kind, name = tokens.text(), tokens.text()
    if kind not in ("IntervalTier", "TextTier"):
        unreadable("a tier is of no kind that is known", line=tokens.line)
    tokens.number()
    tokens.number()
    found = []
    for _ in range(_count(tokens)):
        start = milliseconds(tokens.number())
        end = milliseconds(tokens.number()) if kind == "IntervalTier" else start
        text = tokens.text()
        if text.strip():
            found.append((name, start, end, text))
    return found


def _count(tokens: _Tokens) -> int:
    told = tokens.number()
    if not re.fullmatch(r"[0-9]{1,7}", told):
        unreadable("a count is none", line=tokens.line)
    return int(told)


def _tier_lines(tier: Tier, number: int, end_ms: int) -> list[str]:
    """Intervals have to fill a tier: where nobody speaks stands one without text."""
    pieces: list[tuple[int, int, str]] = []
    at = 0
    for interval in tier.intervals:
        if interval.start_ms > at:
            pieces.append((at, interval.start_ms, ""))
        pieces.append((interval.start_ms, interval.end_ms, interval.text))
        at = interval.end_ms
    if at < end_ms:
        pieces.append((at, end_ms, ""))
    lines = [f"    item [{number}]:", '        class = "IntervalTier"', f"        name = {_quoted(tier.name)}"]
    lines += ["        xmin = 0", f"        xmax = {_seconds(end_ms)}", f"        intervals: size = {len(pieces)}"]
    for place, (start, end, text) in enumerate(pieces, 1):
        lines += [
            f"        intervals [{place}]:",
            f"            xmin = {_seconds(start)}",
            f"            xmax = {_seconds(end)}",
            f"            text = {_quoted(text)}",
        ]
    return lines


def _seconds(milliseconds: int) -> str:
    whole, thousandths = divmod(milliseconds, 1_000)
    return f"{whole}.{thousandths:03}" if thousandths else str(whole)


def _quoted(text: str) -> str:
    return '"' + text.replace("\0", "\N{SYMBOL FOR NULL}").replace('"', '""') + '"'
