"""What else a provider tells of a session, as rows a person reads: usage, cost, forms, traces."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qa_player.model.value import Name, ShortText, Value

MOST_FACTS = 500


class Fact(Value):
    """One row: what it is, and what is said of it, both as plain text."""

    name: Name
    value: ShortText


class FactGroup(Value):
    """Rows that belong together under a heading, in the order in which they are shown."""

    title: Name
    rows: Annotated[tuple[Fact, ...], Field(max_length=MOST_FACTS)]
