"""What all values share: frozen, strict, bounded, and silent about their content when they refuse it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MAX_MS = 400 * 24 * 3_600_000
"""No time in a recording lies past 400 days; what claims to is refused where it enters."""


class Value(BaseModel):
    """Base of every value: immutable, no coercion, no unknown field, no NaN or infinity.

    Refusals do not repeat their input: it may be what a patient said.
    """

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        hide_input_in_errors=True,
        defer_build=True,  # a command pays only for the values it uses
    )


def _to_utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return instant.astimezone(UTC)


Instant = Annotated[datetime, AfterValidator(_to_utc)]
"""A moment on the world's clock, in UTC."""

Milliseconds = Annotated[int, Field(ge=0, le=MAX_MS)]
"""Whole milliseconds from audio zero, or a length in milliseconds."""

SignedMilliseconds = Annotated[int, Field(ge=-MAX_MS, le=MAX_MS)]
"""Whole milliseconds that may lie before audio zero (a raw time, an offset)."""

Count = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""How many, or which of many: what every database, JSON reader and canonical spelling can hold."""

CountFromOne = Annotated[int, Field(ge=1, le=2**53 - 1)]

Name = Annotated[str, Field(min_length=1, max_length=200)]
OpaqueId = Annotated[str, Field(min_length=1, max_length=500)]
"""An identifier of somebody else's making: compared, never parsed."""

ShortText = Annotated[str, Field(max_length=2_000)]
LongText = Annotated[str, Field(max_length=4_000_000)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
