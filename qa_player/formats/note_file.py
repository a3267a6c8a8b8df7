"""A note from a file or from the clipboard: plain text under headings, or JSON as Suki and we spell it."""

from __future__ import annotations

import json
import re
from typing import Any

from qa_player.canonical import digest
from qa_player.errors import UsageError
from qa_player.model.note import Note, NoteSection

MOST_BYTES = 2_000_000
MOST_SECTIONS = 500
_HEADING = re.compile(r"#{1,6}\s+(.{1,200}?)[\s#:]*|([^.!?]{1,80}):|([A-Z][A-Z0-9 &/,-]{2,78}[A-Z0-9]):?")


def read_note_file(session_id: str, data: bytes) -> Note:
    """The note in ``data`` (UTF-8): an object with ``sections`` or ``summary``, else text whose lines ``# Plan``,
    ``Plan:`` and ``PLAN`` begin sections. Raises UsageError for what is no text, holds no word or is past 2 MB."""
    if len(data) > MOST_BYTES:
        raise UsageError("The note is longer than any note.", "Give the note of one visit, at most 2 MB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError("The note is not text in UTF-8.", "Save it as plain text in UTF-8.") from None
    text = text.replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n")
    sections = _of_json(text) if text.lstrip().startswith(("{", "[")) else None
    if sections is None:
        sections = _of_text(text)
    if not any(section.text.strip() for section in sections):
        raise UsageError("The note has no words.", "Give a note as text, or as JSON with sections.")
    return made_note(session_id, tuple(sections[:MOST_SECTIONS]))


def made_note(session_id: str, sections: tuple[NoteSection, ...]) -> Note:
    """A note of these sections, its digest as providers' notes have it."""
    told = digest([section.model_dump(mode="json") for section in sections])
    return Note(session_id=session_id, sections=sections, digest=told)


def _of_json(text: str) -> list[NoteSection] | None:
    """The sections of a JSON document; null where it is none with sections."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    items = told if isinstance(told, list) else told.get("sections") or told.get("summary")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return None
    return [_section(item) for item in items[:MOST_SECTIONS]]


def _section(item: dict[str, Any]) -> NoteSection:
    snippets = item.get("evidence") or item.get("source_transcripts")
    return NoteSection(
        title=_text(item.get("title"))[:2_000],
        loinc_code=_text(item.get("loinc_code"))[:2_000] or None,
        text=_text(item.get("text")) or _text(item.get("content")),
        evidence=tuple(_text(one) for one in snippets[:2_000]) if isinstance(snippets, list) else (),
    )


def _text(value: object) -> str:
    # half of a pair of surrogates is no character, and no database takes it
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else ""


def _of_text(text: str) -> list[NoteSection]:
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in text.split("\n"):
        heading = _HEADING.fullmatch(line.strip())
        if heading is not None:
            found.append((next(filter(None, heading.groups())).strip(), []))
        else:
            found[-1][1].append(line)
    sections = [
        NoteSection(title=title, loinc_code=None, text="\n".join(lines).strip("\n").rstrip()) for title, lines in found
    ]
    return [section for section in sections if section.title or section.text.strip()]
