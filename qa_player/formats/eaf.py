"""ELAN's EAF: tiers of annotations whose times are slots in milliseconds.

Source: the EAF 2.8 schema and ELAN's guide. XML is read by handlers: a document type is refused, so no entity expands.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from qa_player.formats.transcript_file import LARGEST_FILE, Transcript, TurnsBeingRead, unreadable

DEEPEST = 64


class _Refused(Exception):  # noqa: N818 -- a turn of control, told as UsageError
    """What is not read, as a clause."""


class _Reading:
    """The state between two handlers: the tier and the annotation that are open, and what was gathered."""

    def __init__(self) -> None:
        self.slots: dict[str, int | None] = {}
        self.found: list[tuple[str, str, str, str]] = []
        self.depth = 0
        self.is_eaf = False
        self._tier: tuple[str, bool] = ("", False)
        self._ends: tuple[str, str] | None = None
        self._text: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise _Refused("it is nested too deeply")
        if name == "ANNOTATION_DOCUMENT":
            self.is_eaf = True
        elif name == "TIME_SLOT":
            value = attributes.get("TIME_VALUE", "")
            whole = re.fullmatch(r"[0-9]{1,11}", value, re.ASCII)
            self.slots[attributes.get("TIME_SLOT_ID", "")] = int(value) if whole else None
        elif name == "TIER":
            speaker = attributes.get("PARTICIPANT") or attributes.get("TIER_ID", "")
            self._tier = (speaker, "PARENT_REF" in attributes)
        elif name == "ALIGNABLE_ANNOTATION":
            self._ends = (attributes.get("TIME_SLOT_REF1", ""), attributes.get("TIME_SLOT_REF2", ""))
        elif name == "ANNOTATION_VALUE":
            self._text = []

    def data(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end(self, name: str) -> None:
        self.depth -= 1
        if name == "ANNOTATION_VALUE" and self._text is not None:
            speaker, is_below_another = self._tier
            if self._ends is not None and not is_below_another:
                self.found.append((speaker, "".join(self._text), *self._ends))
            self._text = None
        elif name == "ALIGNABLE_ANNOTATION":
            self._ends = None


def read(data: bytes) -> Transcript:
    """A turn for each annotation of the tiers that lie below no other, by time. Raises UsageError naming the line."""
    if len(data) > LARGEST_FILE:
        unreadable("it is larger than 64 MiB")
    state = _parsed(data)
    reading = TurnsBeingRead()
    for speaker, text, first, last in state.found:
        start, end = state.slots.get(first), state.slots.get(last)
        if text.strip():
            reading.add(text, speaker=speaker, start_ms=start, end_ms=end)
    return reading.sorted()


def _parsed(data: bytes) -> _Reading:
    state = _Reading()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = state.start
    parser.EndElementHandler = state.end
    parser.CharacterDataHandler = state.data
    parser.StartDoctypeDeclHandler = _no_doctype
    refused, line = "", 0
    try:
        parser.Parse(data, True)
    except expat.ExpatError as broken:
        refused, line = "it is not XML", broken.lineno
    except _Refused as clause:
        refused, line = str(clause), parser.CurrentLineNumber
    except (ValueError, LookupError):
        refused = "its encoding is not known"
    if refused:
        unreadable(refused, line=line)
    if not state.is_eaf:
        unreadable("it is no ANNOTATION_DOCUMENT", line=1)
    return state


def _no_doctype(*_: object) -> None:
    raise _Refused("it declares a document type, which is not read")
