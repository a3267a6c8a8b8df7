"""Rows of facts out of a vendor's fields: plain text within bounds, empty ones left out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from qa_player.model.facts import MOST_FACTS, Fact, FactGroup
from qa_player.providers.reading import metadata, short_text


def facts(fields: Mapping[str, Any]) -> tuple[Fact, ...]:
    """A row for each field that says something; what is no text is written as JSON, signed addresses are left out."""
    rows = []
    for name, value in metadata(dict(fields)).items():
        words = short_text(_spelled(value))
        if words and name.strip():
            rows.append(Fact(name=" ".join(name.split())[:200], value=words))
    return tuple(rows[:MOST_FACTS])


def group(title: str, rows: Iterable[Fact]) -> FactGroup:
    """Rows under a heading, as many as a group holds."""
    return FactGroup(title=title[:200] or "Facts", rows=tuple(rows)[:MOST_FACTS])


def _spelled(value: object) -> str | float:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return value
    return "" if value in (None, [], {}) else json.dumps(value, ensure_ascii=False)
