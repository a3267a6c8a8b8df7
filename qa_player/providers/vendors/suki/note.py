"""Suki's content and structured data as a note."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qa_player.canonical import digest
from qa_player.model.note import Note, NoteSection
from qa_player.providers.reading import long_text, mapping, metadata, short_text

MOST_SECTIONS = 500
MOST_SNIPPETS = 2_000


def read_note(session_id: str, content: object, structured: object) -> Note | None:
    """The sections of ``summary`` in their order; null when there is none. What is no section is shown as text."""
    items = content if isinstance(content, list) else mapping(content).get("summary")
    sections = tuple(map(_section, items[:MOST_SECTIONS])) if isinstance(items, list) else ()
    if not sections:
        return None
    told = [section.model_dump(mode="json") for section in sections]
    return Note(
        session_id=session_id,
        sections=sections,
        structured=metadata(mapping(structured).get("structured_data")),
        digest=digest(told),
    )


def _section(item: object) -> NoteSection:
    if not isinstance(item, dict):
        return NoteSection(title="", loinc_code=None, text=long_text(item))
    told: Mapping[str, Any] = item
    return NoteSection(
        title=short_text(told.get("title")) or "",
        loinc_code=short_text(told.get("loinc_code")),
        text=long_text(told.get("content")),
        evidence=_snippets(told.get("source_transcripts")),
    )


def _snippets(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(text for text in map(long_text, items[:MOST_SNIPPETS]) if text)
