"""Transcripts out of files: what every reader makes, its limits, and how it says that a file is not what it seems."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from qa_player.errors import UsageError
from qa_player.formats.asked_fields import AskedFields, unasked
from qa_player.model.roles import role_of
from qa_player.model.transcript import Flag, TimeSource, Turn
from qa_player.model.value import MAX_MS

LARGEST_FILE = 64 * 1024 * 1024
MOST_TURNS = 200_000
MOST_PROBLEMS = 50
LONGEST_TEXT = 4_000_000
LONGEST_NAME = 200
WORDS_APART_MS = 1_000
"""A silence this long between two words of one speaker begins a new turn."""

_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BEGINS_AS_TEXT = re.compile(r'WEBVTT|\d+\s+\d\d:\d\d:\d\d|File type = "ooTextFile"')
_UNSPEAKABLE = re.compile("[\ud800-\udfff\x00]")


@dataclass(frozen=True)
class Transcript:
    """Turns in the order of the file with raw times; ``problems`` are sentences about what could not be read.

    ``not_carried`` names each field that the file has and a turn has no place for, with how many there are;
    ``session_id`` is the session that the file says it is of; ``lines`` has the line of each turn, null where the
    file has no lines.
    """

    turns: tuple[Turn, ...]
    problems: tuple[str, ...] = ()
    not_carried: tuple[str, ...] = ()
    session_id: str | None = None
    lines: tuple[int | None, ...] = ()


@dataclass
class Word:
    """One word with its times in milliseconds, as recognisers give them."""

    speaker: str
    text: str
    start_ms: int | None
    end_ms: int | None
    glued: bool = False
    """Punctuation: it follows the word before it without a blank."""


class TurnsBeingRead:
    """Collects turns; one that is odd is kept and flagged, and what is lost is told."""

    def __init__(self) -> None:
        self._turns: list[Turn] = []
        self._lines: list[int | None] = []
        self._problems: list[str] = []
        self._lost: Counter[str] = Counter()
        self._session_id: str | None = None

    def add(
        self,
        text: str,
        *,
        speaker: str,
        start_ms: int | None,
        end_ms: int | None,
        source: TimeSource = TimeSource.SPEECH_START,
        bad_time: bool = False,
        role: str = "",
        line: int | None = None,
    ) -> None:
        """One turn more; ``bad_time`` says that a time was told and is none, ``role`` what the speaker is if not named.

        An end before its start is no end, and told.
        """
        if len(self._turns) >= MOST_TURNS:
            unreadable(f"it has more than {MOST_TURNS:,} turns")
        name = _clean(" ".join(speaker.split()))[:LONGEST_NAME]
        raw_role = _clean(" ".join(role.split()))[:LONGEST_NAME] or name
        start_ms, end_ms = _within(start_ms), _within(end_ms)
        if start_ms is not None and end_ms is not None and end_ms < start_ms:
            end_ms, bad_time = None, True
            place = f"Line {line}" if line else f"Turn {len(self._turns) + 1}"
            self.told(f"{place}: it ends before it starts.")
        missing = (Flag.TIME_INVALID,) if bad_time else (Flag.TIME_MISSING,)
        self._lines.append(line)
        self._turns.append(
            Turn(
                index=len(self._turns),
                role=role_of(raw_role),
                raw_role=raw_role,
                speaker=name or None,
                text=_clean(text)[:LONGEST_TEXT],
                raw_start_ms=start_ms,
                raw_end_ms=end_ms,
                time_source=TimeSource.NONE if start_ms is None else source,
                flags=missing if start_ms is None or bad_time else (),
            )
        )

    def add_words(self, words: list[Word]) -> None:
        """Words in their order as turns: a new one where the speaker changes or is silent for a second."""
        held: list[Word] = []
        for word in words:
            if held and not word.glued and _parts(held, word):
                self._add_held(held)
                held = []
            held.append(word)
        if held:
            self._add_held(held)

    def problem(self, what: str, *, line: int | None = None) -> None:
        """Tell of something lost; ``what`` is a clause without anything that was said."""
        self.told(f"Line {line}: {what}." if line else f"{what[:1].upper()}{what[1:]}.")

    def told(self, sentence: str) -> None:
        """Tell of something lost in a sentence of its own."""
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append(sentence)

    def lost(self, what: str, count: int = 1) -> None:
        """Tell that ``count`` of the fields called ``what`` have no place in a turn."""
        if count:
            self._lost[what] += count

    def lost_of(self, document: object) -> None:
        """Tell of every field of a JSON document that was not asked for until now."""
        self._lost.update(unasked(document))

    def of_session(self, session_id: str) -> None:
        """Say which session the file is of; nothing where it does not say."""
        self._session_id = session_id or None

    def done(self) -> Transcript:
        """The transcript."""
        return self._made(self._turns)

    def sorted(self) -> Transcript:
        """The transcript by time, for files that keep each speaker apart; turns without a time come last."""
        ordered = sorted(
            self._turns, key=lambda turn: (math.inf if turn.raw_start_ms is None else turn.raw_start_ms, turn.index)
        )
        self._lines = [self._lines[turn.index] for turn in ordered]
        turns = (turn.model_copy(update={"index": index}) for index, turn in enumerate(ordered))
        return self._made(turns)

    def _made(self, turns: Iterable[Turn]) -> Transcript:
        lost = tuple(f"{what}: {count}" for what, count in sorted(self._lost.items()))
        return Transcript(tuple(turns), tuple(self._problems), lost, self._session_id, tuple(self._lines))

    def _add_held(self, held: list[Word]) -> None:
        text = "".join(f"{'' if word.glued or not place else ' '}{word.text}" for place, word in enumerate(held))
        starts = [word.start_ms for word in held if word.start_ms is not None]
        ends = [word.end_ms for word in held if word.end_ms is not None]
        self.add(
            text,
            speaker=held[0].speaker,
            start_ms=min(starts, default=None),
            end_ms=max(ends, default=None),
            source=TimeSource.WORD,
        )


def unreadable(what: str, *, line: int | None = None, next_step: str = "Check the file, or save it anew.") -> NoReturn:
    """Raise UsageError: the file is not what it seems. ``what`` is a clause of ours."""
    place = f"line {line}: " if line else ""
    raise UsageError(f"The file cannot be read: {place}{what}.", next_step)


def check_begins_as_text(data: bytes) -> None:
    """Raise UsageError for a file that is empty, too large, or no text: a recording, an archive, noise."""
    if len(data) > LARGEST_FILE:
        unreadable("it is larger than 64 MiB")
    if not data.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0"):
        unreadable("it is empty")
    head = text_of(data[:4_096])
    if _BEGINS_AS_TEXT.match(head):
        return
    # text of any language and encoding has next to none of them, other bytes one in ten
    if len(_CONTROLS.findall(head)) > max(2, len(head) // 50):
        unreadable("it is no text", next_step="Name a file with annotations or a transcript; recordings are opened.")


def text_of(data: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16; lines end in ``\\n``. Raises UsageError.

    What is neither is replaced by a character that says so; `undecodable` tells of it.
    """
    if len(data) > LARGEST_FILE:
        unreadable("it is larger than 64 MiB")
    text = data.decode(_encoding(data), "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def undecodable(data: bytes) -> tuple[str, ...]:
    """A sentence for each line, up to `MOST_PROBLEMS`, that holds bytes which are no text in the file's encoding."""
    try:
        data.decode(_encoding(data))
    except UnicodeDecodeError:
        pass
    else:
        return ()
    mark = "\N{REPLACEMENT CHARACTER}"
    odd = [number for number, line in enumerate(text_of(data).split("\n"), 1) if mark in line]
    return tuple(
        f"Line {number}: what is no text in UTF-8 was replaced by {mark}; save the file as UTF-8."
        for number in odd[:MOST_PROBLEMS]
    )


def _encoding(data: bytes) -> str:
    """By the mark at the beginning; without one, a letter of ours at the beginning has a zero beside it in UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if len(data) % 2 == 0 and len(data) > 3 and (data[0] == 0) is not (data[1] == 0) and data[2:4] != b"\0\0":
        return "utf-16-be" if data[0] == 0 else "utf-16-le"
    return "utf-8-sig"


def json_of(data: bytes) -> Any:
    """The JSON of a file; what is no number any field could hold is null. Its objects are `AskedFields`.

    Raises UsageError naming the line.
    """
    line = None
    try:
        return json.loads(text_of(data), parse_int=_whole, parse_constant=lambda _: None, object_hook=AskedFields)
    except json.JSONDecodeError as broken:
        line = broken.lineno
    except (RecursionError, ValueError):
        pass
    unreadable("it is not JSON", line=line)


def objects(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list; nothing where it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def mapping(value: object) -> Mapping[str, Any]:
    """``value`` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def text(value: object) -> str:
    """``value`` if it is text, a number as text, else nothing."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def milliseconds(seconds: object) -> int | None:
    """Milliseconds from seconds as a number or as text (``12.5`` or ``12,5``); null for what is neither.

    >>> [milliseconds(value) for value in (1.25, "1.25", "1,25", "-1", "nan", None, True)]
    [1250, 1250, 1250, None, None, None, None]
    """
    if isinstance(seconds, str):
        match = re.fullmatch(r"\s*([0-9]{1,10})(?:[.,]([0-9]{0,15}))?\s*", seconds, re.ASCII)
        return None if match is None else _within(round(float(f"{match[1]}.{match[2] or 0}") * 1_000))
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 1e9:
        return None
    return _within(round(seconds * 1_000))


def whole_ms(value: object) -> int | None:
    """Milliseconds from a number of them; null for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_MS:
        return None
    return round(value)


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) <= 18 else None


def _within(value: int | None) -> int | None:
    return value if value is not None and 0 <= value <= MAX_MS else None


def _parts(held: list[Word], word: Word) -> bool:
    if word.speaker != held[0].speaker:
        return True
    last = next((one.end_ms for one in reversed(held) if one.end_ms is not None), None)
    return last is not None and word.start_ms is not None and word.start_ms - last >= WORDS_APART_MS


def _clean(text: str) -> str:
    return _UNSPEAKABLE.sub("\N{REPLACEMENT CHARACTER}", text)
