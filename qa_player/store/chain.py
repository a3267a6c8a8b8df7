"""The hash chain of the audit trail: how a link is made, and how a row that does not follow is found.

A link's digest covers the canonical JSON of everything else in its row, the digest before it included. So whoever
changes, removes, inserts or moves a row must make every later row anew. A chain cannot know that its tail was cut, nor
that all of it was made anew by who can write it: that needs an anchor kept elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue

from qa_player.canonical import NOTHING_BEFORE, canonical_json, digest

COVERED = (
    "sequence",
    "at",
    "actor",
    "action",
    "connection",
    "session_id",
    "subject",
    "detail",
    "content_hmac",
    "previous",
)
"""What a digest covers, by the names of the columns."""


def instant(at: datetime) -> str:
    """The one spelling of a moment in the trail: UTC to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def detail_text(detail: Mapping[str, JsonValue]) -> str:
    """The one spelling of an event's detail; raises ValueError for fractions and what JSON cannot spell."""
    return canonical_json(detail).decode()


def link_digest(row: Mapping[Any, object]) -> str:
    """The digest of a row whose ``detail`` is canonical text; raises ValueError when it is not."""
    text = row["detail"]
    if not isinstance(text, str):
        raise ValueError("a detail is text")
    detail = json.loads(text)
    if detail_text(detail) != text:
        raise ValueError("a detail has one spelling")
    return digest({name: row[name] for name in COVERED} | {"detail": detail})


class Chain:
    """Rows are handed to `follow` in their order; ``entries`` have held so far, ``last`` is the newest digest."""

    def __init__(self) -> None:
        self.entries = 0
        self.last = NOTHING_BEFORE

    def follow(self, row: Mapping[Any, object]) -> str | None:
        """Take the next row; a sentence naming the entry when it is not what was written there, else null."""
        entry = self.entries + 1
        if row["sequence"] != entry:
            return f"Entry {entry} of the audit trail is missing or out of place."
        if row["previous"] != self.last:
            return f"Entry {entry} of the audit trail does not follow the one before it."
        altered = f"Entry {entry} of the audit trail is not what was written."
        try:
            expected = link_digest(row)
        except (ValueError, RecursionError):
            return altered
        if row["digest"] != expected:
            return altered
        self.entries, self.last = entry, expected
        return None
