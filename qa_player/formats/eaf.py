"""ELAN's EAF: tiers of annotations whose times are slots in milliseconds.

Source: the EAF 2.8 schema and ELAN's guide. XML is read by handlers: a document type is refused, so no entity expands.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from xml.parsers import expat

from qa_player.formats.provenance import provenance
from qa_player.formats.session_object import instant_text
from qa_player.formats.tiers import Tier, is_ours, overlapping, tiers_of
from qa_player.formats.transcript_file import LARGEST_FILE, Transcript, TurnsBeingRead, unreadable
from qa_player.model.review import Review

DEEPEST = 64
SCHEMA = "http://www.mpi.nl/tools/elan/EAFv2.8.xsd"
"""Its name, which readers look for; nothing is fetched."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


_NOT_READ = {
    "MEDIA_DESCRIPTOR": "names of media files",
    "CV_ENTRY_ML": "entries of controlled vocabularies",
    "CV_ENTRY": "entries of controlled vocabularies",
    "EXTERNAL_REF": "references to other files",
    "LEXICON_REF": "references to other files",
}


class _Refused(Exception):  # noqa: N818 -- a turn of control, told as UsageError
    """What is not read, as a clause."""


class _Reading:
    """The state between two handlers: the tier and the annotation that are open, and what was gathered."""

    def __init__(self) -> None:
        self.slots: dict[str, int | None] = {}
        self.found: list[tuple[str, str, str, str, str]] = []
        self.lost: Counter[str] = Counter()
        self.depth = 0
        self.is_eaf = False
        self._tier: tuple[str, str, bool] = ("", "", False)
        self._ends: tuple[str, str] | None = None
        self._text: list[str] | None = None

    def ends(self, first: str, last: str) -> tuple[int | None, int | None]:
        """The times of two slots; null where there is no such slot, or it has none."""
        return self.slots.get(first), self.slots.get(last)

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
            self._tier = (attributes.get("TIER_ID", ""), speaker, "PARENT_REF" in attributes)
            self.lost["annotators of tiers"] += "ANNOTATOR" in attributes
        elif name == "ALIGNABLE_ANNOTATION":
            self._ends = (attributes.get("TIME_SLOT_REF1", ""), attributes.get("TIME_SLOT_REF2", ""))
        elif name == "ANNOTATION_VALUE":
            self._text = []
        elif name in _NOT_READ:
            self.lost[_NOT_READ[name]] += 1

    def data(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end(self, name: str) -> None:
        self.depth -= 1
        if name == "ANNOTATION_VALUE" and self._text is not None:
            tier, speaker, is_below_another = self._tier
            if self._ends is not None and not is_below_another:
                self.found.append((tier, speaker, "".join(self._text), *self._ends))
            else:
                self.lost["annotations of tiers that lie below another"] += 1
            self._text = None
        elif name == "ALIGNABLE_ANNOTATION":
            self._ends = None


def write(review: Review) -> bytes:
    """EAF 2.8 in UTF-8: a tier for each speaker and the annotations; properties of the header say what it is of."""
    tiers = tiers_of(review)
    slots = sorted({at for tier in tiers for one in tier.intervals for at in (one.start_ms, one.end_ms)})
    slot_of = {at: f"ts{number}" for number, at in enumerate(slots, 1)}
    author = _quoted(review.exported_by)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<ANNOTATION_DOCUMENT AUTHOR={author} DATE="{instant_text(review.exported_at)}" FORMAT="2.8" VERSION="2.8"',
        f'  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="{SCHEMA}">',
        '  <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">',
        *(f'    <PROPERTY NAME="{name}">{_xml(value)}</PROPERTY>' for name, value in provenance(review).items()),
        "  </HEADER>",
        "  <TIME_ORDER>",
        *(f'    <TIME_SLOT TIME_SLOT_ID="{slot}" TIME_VALUE="{at}"/>' for at, slot in slot_of.items()),
        "  </TIME_ORDER>",
    ]
    number = 0
    for tier in tiers:
        lines += _tier_lines(tier, slot_of, number)
        number += len(tier.intervals)
    lines += ['  <LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="turns" TIME_ALIGNABLE="true"/>']
    return "".join(f"{line}\n" for line in [*lines, "</ANNOTATION_DOCUMENT>"]).encode()


def read(data: bytes) -> Transcript:
    """A turn for each annotation of the tiers that lie below no other, by time. Raises UsageError naming the line."""
    state = _parsed(data)
    reading = TurnsBeingRead()
    for place in overlapping([(tier, *state.ends(*ends), text) for tier, _, text, *ends in state.found]):
        reading.told(f"Annotation {place + 1} overlaps one before it on its tier; both were read.")
    for tier, speaker, text, first, last in state.found:
        start, end = state.ends(first, last)
        if text.strip() and not is_ours(tier):
            reading.add(text, speaker=speaker, start_ms=start, end_ms=end)
        else:
            reading.lost("annotations", is_ours(tier))
    for what, count in state.lost.items():
        reading.lost(what, count)
    return reading.sorted()


def intervals(data: bytes) -> tuple[list[tuple[str, int | None, int | None, str]], tuple[str, ...]]:
    """(tier, start, end, text) of each annotation of the tiers that lie below no other, and what else there is.

    Raises UsageError.
    """
    state = _parsed(data)
    found = [(tier, *state.ends(first, last), text) for tier, _, text, first, last in state.found if text.strip()]
    return found, tuple(f"{what}: {count}" for what, count in sorted(state.lost.items()) if count)


def _parsed(data: bytes) -> _Reading:
    if len(data) > LARGEST_FILE:
        unreadable("it is larger than 64 MiB")
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


def _tier_lines(tier: Tier, slot_of: dict[int, str], number: int) -> list[str]:
    """``number`` is how many annotations stand before this tier: their ids count through the file."""
    speaker = "" if tier.speaker is None else f" PARTICIPANT={_quoted(tier.speaker)}"
    lines = [f'  <TIER LINGUISTIC_TYPE_REF="turns"{speaker} TIER_ID={_quoted(tier.name)}>']
    for place, one in enumerate(tier.intervals, number + 1):
        ends = f'TIME_SLOT_REF1="{slot_of[one.start_ms]}" TIME_SLOT_REF2="{slot_of[one.end_ms]}"'
        lines += [
            "    <ANNOTATION>",
            f'      <ALIGNABLE_ANNOTATION ANNOTATION_ID="a{place}" {ends}>',
            f"        <ANNOTATION_VALUE>{_xml(one.text)}</ANNOTATION_VALUE>",
            "      </ALIGNABLE_ANNOTATION>",
            "    </ANNOTATION>",
        ]
    return [*lines, "  </TIER>"]


def _quoted(text: str) -> str:
    return f'"{_xml(text)}"'


def _xml(text: str) -> str:
    """Escaped; each character that XML 1.0 cannot hold is replaced by one that says so."""
    return html.escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text))
