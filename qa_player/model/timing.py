"""Timing: the clock between a transcript and its recording."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from qa_player.model.value import SignedMilliseconds, Value


class TimingQuality(StrEnum):
    """How sure we are that transcript time and audio time fit."""

    EXACT = "exact"
    APPROXIMATE = "approximate"
    UNKNOWN = "unknown"


class TimingOrigin(StrEnum):
    """Who says how they fit."""

    PROVIDER = "provider"
    MEASURED = "measured"
    PERSON = "person"


class Timing(Value):
    """``audio_ms = transcript_ms × (1 + drift_ppm / 10⁶) + offset_ms``.

    ``offset_ms`` is where transcript zero lies in the audio; ``drift_ppm`` is how much faster the audio's clock runs.
    """

    quality: TimingQuality
    origin: TimingOrigin
    offset_ms: SignedMilliseconds = 0
    drift_ppm: Annotated[float, Field(ge=-100_000, le=100_000)] = 0.0

    def to_audio_ms(self, transcript_ms: int) -> int:
        """The place in the recording of a moment of the transcript; may be negative."""
        return round(transcript_ms * (1 + self.drift_ppm / 1_000_000) + self.offset_ms)
