"""An annotation: a judgement on a span, a moment or a turn of one session."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, JsonValue, model_validator

from qa_player.model.transcript import Role
from qa_player.model.value import Count, CountFromOne, Instant, LongText, Milliseconds, Name, OpaqueId, ShortText, Value


class AnnotationKind(StrEnum):
    """What it is said of."""

    SPAN = "span"
    MOMENT = "moment"
    TURN = "turn"
    CORRECTION = "correction"
    """Of a turn, too: its ``text`` stands in the place of ``quote``, which is what the provider heard."""


class Severity(StrEnum):
    """How bad it is; an annotation may have none."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class Span(Value):
    """A stretch of audio in milliseconds from audio zero; ``end_ms`` is after ``start_ms``."""

    start_ms: Milliseconds
    end_ms: Milliseconds

    @model_validator(mode="after")
    def _is_a_stretch(self) -> Self:
        if self.end_ms <= self.start_ms:
            raise ValueError("a span ends after it starts")
        return self

    def holds(self, position_ms: float) -> bool:
        """Whether ``position_ms`` is in it; its end is not."""
        return self.start_ms <= position_ms < self.end_ms


class Annotation(Value):
    """Times are audio time and never move when timing is adjusted.

    A span has both times, a moment only ``start_ms``, a turn and a correction those of their turn where it has any.
    ``turn_index`` (zero-based), ``role`` and ``quote`` say which turn it was made on: the one with the largest
    overlap, for a moment the active one. ``revision`` counts from 1 and guards against lost updates. ``extra`` are
    fields of another program's file that we do not know, kept for the way back. A ``private`` one is its author's own
    note: it is in no export.
    """

    annotation_id: OpaqueId
    connection: Name
    session_id: OpaqueId
    kind: AnnotationKind
    start_ms: Milliseconds | None
    end_ms: Milliseconds | None
    turn_index: Count | None
    role: Role | None
    quote: LongText
    tag: Annotated[str, Field(min_length=1, max_length=200)]
    severity: Severity | None
    text: Annotated[str, Field(max_length=100_000)]
    author: ShortText
    created_at: Instant
    updated_at: Instant
    revision: CountFromOne = 1
    private: bool = False
    extra: Annotated[Mapping[str, JsonValue], Field(max_length=100)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind is AnnotationKind.SPAN and (self.start_ms is None or self.end_ms is None):
            raise ValueError("a span has a start and an end")
        if self.kind is AnnotationKind.MOMENT and (self.start_ms is None or self.end_ms is not None):
            raise ValueError("a moment has a start and no end")
        if self.kind is AnnotationKind.CORRECTION and self.turn_index is None:
            raise ValueError("a correction is of a turn")
        if self.start_ms is not None and self.end_ms is not None and self.end_ms < self.start_ms:
            raise ValueError("an annotation does not end before it starts")
        return self
