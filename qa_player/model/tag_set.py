"""A tag set: the words a team marks with, their colours, the digits that apply them, and what they mean."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from qa_player.model.value import ShortText, Value


class TagColour(StrEnum):
    """Okabe and Ito's colours, which people who see colours otherwise tell apart, too; and grey."""

    BLUE = "blue"
    SKY_BLUE = "sky-blue"
    BLUISH_GREEN = "bluish-green"
    YELLOW = "yellow"
    ORANGE = "orange"
    VERMILLION = "vermillion"
    REDDISH_PURPLE = "reddish-purple"
    GREY = "grey"


class Tag(Value):
    """``key`` is the digit that applies it, 1 to 9; null for one that is chosen or typed."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    colour: TagColour = TagColour.GREY
    key: Annotated[int, Field(ge=1, le=9)] | None = None
    description: ShortText = ""


class TagSet(Value):
    """``tags`` in the order in which they are offered. Any other text can be a tag as well."""

    set_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=100)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    description: ShortText = ""
    tags: Annotated[tuple[Tag, ...], Field(min_length=1, max_length=200)]

    def by_digit(self) -> dict[int, Tag]:
        """The tags that have a digit, the digits rising."""
        keyed = {tag.key: tag for tag in self.tags if tag.key is not None}
        return {digit: keyed[digit] for digit in sorted(keyed)}

    def named(self, name: str) -> Tag | None:
        """The tag of that name, whatever its case; null for a tag of somebody's own."""
        return next((tag for tag in self.tags if tag.name.casefold() == name.casefold()), None)


def faults(tag_set: TagSet) -> tuple[str, ...]:
    """What makes the set unusable as a whole, a sentence each; empty where nothing is wrong."""
    found = []
    names: set[str] = set()
    digits: dict[int, str] = {}
    for tag in tag_set.tags:
        if tag.name != tag.name.strip():
            found.append(f"Tag {tag.name.strip()!r}: the name begins or ends with a space.")
        if tag.name.casefold() in names:
            found.append(f"Tag {tag.name!r}: the name stands twice.")
        names.add(tag.name.casefold())
        if tag.key in digits:
            found.append(f"Tag {tag.name!r}: the key {tag.key} belongs to {digits[tag.key]!r} already.")
        elif tag.key is not None:
            digits[tag.key] = tag.name
    return tuple(found)
