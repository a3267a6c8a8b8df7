"""What is sought across all sessions, and what is found."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from qa_player.model.transcript import Role
from qa_player.model.value import Count, Instant, LongText, Milliseconds, Name, OpaqueId, ShortText, Value

MOST_HITS = 1_000


class HitKind(StrEnum):
    """What the words stand in."""

    TURN = "turn"
    ANNOTATION = "annotation"


class Sought(Value):
    """``text``: words that all occur, ``"in quotes"`` next to each other, with ``*`` at their end as beginnings. The
    rest narrows; ``below`` leaves only sessions whose last score is less than so many hundredths of a percent."""

    text: ShortText
    connection: Name | None = None
    role: Role | None = None
    tag: ShortText | None = None
    since: Instant | None = None
    below: Annotated[int, Field(ge=0, le=10_000)] | None = None
    limit: Annotated[int, Field(ge=1, le=MOST_HITS)] = 200


class Hit(Value):
    """One place where it is said. ``start_ms`` is audio time under the timing in force, null where nobody knows;
    ``excerpt`` the words around what was sought. ``turn_index`` is null for an annotation."""

    connection: Name
    session_id: OpaqueId
    title: ShortText
    started_at: Instant | None
    kind: HitKind
    turn_index: Count | None
    role: Role | None
    tag: ShortText | None
    start_ms: Milliseconds | None
    excerpt: LongText
