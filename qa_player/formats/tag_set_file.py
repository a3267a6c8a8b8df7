"""A tag set as a file that a team shares: JSON, described by resources/schemas/tag-set.schema.json."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from qa_player.formats.refusals import refusals
from qa_player.model.tag_set import Tag, TagColour, TagSet, faults
from qa_player.model.wording import listed

DOCUMENT = "qa-player-tag-set"
VERSION = 1
MOST_BYTES = 2_000_000


def read_tag_set(data: bytes) -> tuple[TagSet | None, tuple[str, ...]]:
    """The set in ``data`` (UTF-8 JSON), or null with every reason why it cannot be used, a sentence each."""
    if len(data) > MOST_BYTES:
        return None, ("The file is longer than any tag set.",)
    try:
        told = json.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        return None, ("The file is no JSON in UTF-8.",)
    if not isinstance(told, dict) or not isinstance(told.get("tags"), list):
        return None, ("The file holds no tag set: a JSON object with `tags` is expected.",)
    if told.get("document", DOCUMENT) != DOCUMENT:
        return None, ("The file says that it is something else than a tag set.",)
    if told.get("version", VERSION) != VERSION:
        return None, ("The file is a tag set of another version of this program.",)
    lines: list[str] = []
    tags = list(_tags(told["tags"], lines))
    unknown = sorted(set(told) - {"document", "version", "set_id", "title", "description", "tags"})
    lines += [f"{name}: nothing of that name stands in a tag set." for name in unknown]
    if lines:
        return None, tuple(lines)
    try:
        fields = {name: told[name] for name in ("set_id", "title", "description") if name in told}
        found = TagSet(tags=tuple(tags), **fields)
    except ValidationError as refused:
        return None, tuple(refusals(refused))
    wrong = faults(found)
    return (None, wrong) if wrong else (found, ())


def tag_set_object(tag_set: TagSet) -> dict[str, Any]:
    """The set as it stands in its file."""
    return {"document": DOCUMENT, "version": VERSION} | tag_set.model_dump(mode="json")


def tag_set_file(tag_set: TagSet) -> bytes:
    """The bytes of its file."""
    return json.dumps(tag_set_object(tag_set), ensure_ascii=False, indent=2).encode() + b"\n"


def _tags(items: list[Any], lines: list[str]) -> Iterator[Tag]:
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict):
            lines.append(f"Tag {number} is no JSON object.")
            continue
        colour = item.get("colour", TagColour.GREY.value)
        if colour not in list(TagColour):
            lines.append(f"Tag {number}: colour: it is none of {listed(tuple(TagColour), 'and')}.")
            continue
        try:
            yield Tag(**{**item, "colour": TagColour(colour)})
        except ValidationError as refused:
            lines.extend(f"Tag {number}: {line}" for line in refusals(refused))
