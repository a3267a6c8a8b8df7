"""Annotations out of files: what every reader makes, and how it tells of each line that could not be carried."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from qa_player.model.annotation import Severity

MOST_ANNOTATIONS = 100_000
MOST_PROBLEMS = 200
LONGEST_TAG = 200

_LABEL = re.compile(r"(?P<tag>.*?)(?: \((?P<severity>minor|major|critical)\))?(?:: (?P<text>.*))?", re.DOTALL)


@dataclass(frozen=True)
class GivenAnnotation:
    """One annotation as a file tells it, not yet held against a session.

    ``place`` is its line in the file, or its number where the file has no lines. Times are milliseconds from audio
    zero, both null for one made on the turn ``turn_index``, which
    ``corrects`` its text where it says so. ``extra`` are fields that we do not know, kept for the way
    back.
    """

    place: int
    start_ms: int | None
    end_ms: int | None
    tag: str
    text: str = ""
    severity: Severity | None = None
    turn_index: int | None = None
    corrects: bool = False
    annotation_id: str | None = None
    author: str | None = None
    created_at: datetime | None = None
    extra: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True)
class GivenAnnotations:
    """Everything of one file. ``session_id`` is the session it says it is of; null where it does not say.

    ``problems`` are sentences about lines that could not be read; ``not_carried`` names what the file has and an
    annotation has no place for.
    """

    items: tuple[GivenAnnotation, ...]
    problems: tuple[str, ...] = ()
    not_carried: tuple[str, ...] = ()
    session_id: str | None = None


def label_read(label: str) -> tuple[str, Severity | None, str]:
    """Tag, severity and text of one label; the other way of `tiers.label_of`.

    >>> label_read("compliance (critical): No fee was named."), label_read("greeting")
    (('compliance', <Severity.CRITICAL: 'critical'>, 'No fee was named.'), ('greeting', None, ''))
    """
    found = _LABEL.fullmatch(label.strip())
    if found is None or not found["tag"].strip() or len(found["tag"]) > LONGEST_TAG:
        return "note", None, label.strip()
    severity = Severity(found["severity"]) if found["severity"] else None
    return found["tag"].strip(), severity, found["text"] or ""


def without_repeats(items: Iterable[GivenAnnotation], problems: list[str]) -> tuple[GivenAnnotation, ...]:
    """The items with each id once: the first of it is kept, and each repeat told."""
    seen: set[str] = set()
    kept = []
    for item in items:
        if item.annotation_id is not None and item.annotation_id in seen:
            problems.append(f"Line {item.place}: an annotation with this id stands above.")
            continue
        if item.annotation_id is not None:
            seen.add(item.annotation_id)
        kept.append(item)
    return tuple(kept)
