"""Annotations in WebVTT: the NOTE blocks that `webvtt` writes, read again; of other files, the cues."""

from __future__ import annotations

import re
from datetime import datetime

from qa_player.formats.annotation_file import GivenAnnotation, GivenAnnotations, label_read
from qa_player.formats.cues import clock_ms
from qa_player.formats.transcript_file import text_of, unreadable
from qa_player.formats.webvtt import blocks_of

_WHEN = re.compile(
    r"(?:(?P<corrects>correction of )?turn (?P<turn>[0-9]{1,7})|(?P<start>[0-9:.]+)(?: to (?P<end>[0-9:.]+))?)"
    r" (?P<label>.+)"
)
_BY = re.compile(r"by (?P<author>.+), (?P<at>[0-9T:.Z-]+)")


def read_notes(data: bytes) -> GivenAnnotations:
    """The annotations that our own export left in notes; none where the file is another's. Raises UsageError."""
    lines = text_of(data).split("\n")
    if not lines[0].startswith("WEBVTT"):
        unreadable("it does not begin with WEBVTT", line=1)
    items: list[GivenAnnotation] = []
    problems: list[str] = []
    session_id = None
    for first, block in blocks_of(lines):
        if block[0].strip() != "NOTE" or len(block) < 2:
            continue
        if block[1].startswith("session: "):
            session_id = block[1].removeprefix("session: ")
        elif block[1].startswith("annotation "):
            # `-->` may not stand in a note; the writer put an arrow there
            item = _item(first, [line.replace("--\N{RIGHTWARDS ARROW}", "-->") for line in block[1:]])
            if item is None:
                problems.append(f"Line {first}: this note is no annotation any more.")
            else:
                items.append(item)
    return GivenAnnotations(tuple(items), tuple(problems), (), session_id)


def _item(place: int, lines: list[str]) -> GivenAnnotation | None:
    when = _WHEN.fullmatch(lines[1]) if len(lines) > 1 else None
    if when is None:
        return None
    by = _BY.fullmatch(lines[-1])
    said = lines[2:-1] if by else lines[2:]
    tag, severity, _ = label_read(when["label"])
    return GivenAnnotation(
        place,
        clock_ms(when["start"]) if when["start"] else None,
        clock_ms(when["end"]) if when["end"] else None,
        tag,
        "\n".join(said),
        severity,
        turn_index=int(when["turn"]) if when["turn"] else None,
        corrects=when["corrects"] is not None,
        annotation_id=lines[0].removeprefix("annotation ").strip() or None,
        author=by["author"] if by else None,
        created_at=_instant(by["at"]) if by else None,
    )


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
