"""Timing: the clock between a transcript and its recording."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from qa_player.model.value import Count, Milliseconds, SignedMilliseconds, Value

EXACT_MS = 30
"""Turns that lie so near the speech they belong to are where one hears them."""


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


Drift = Annotated[float, Field(ge=-100_000, le=100_000)]
"""Millionths by which one clock runs faster than another."""


class Timing(Value):
    """``audio_ms = transcript_ms × (1 + drift_ppm / 10⁶) + offset_ms``.

    ``offset_ms`` is where transcript zero lies in the audio; ``drift_ppm`` is how much faster the audio's clock runs.
    """

    quality: TimingQuality
    origin: TimingOrigin
    offset_ms: SignedMilliseconds = 0
    drift_ppm: Drift = 0.0

    def to_audio_ms(self, transcript_ms: int) -> int:
        """The place in the recording of a moment of the transcript; may be negative."""
        return round(transcript_ms * (1 + self.drift_ppm / 1_000_000) + self.offset_ms)


class Measurement(Value):
    """What speech onsets say of the clock.

    ``matched`` of the starts of ``turns`` lie on an onset, half of those within ``spread_ms``.
    """

    offset_ms: SignedMilliseconds
    drift_ppm: Drift
    matched: Count
    turns: Count
    spread_ms: Milliseconds

    def timing(self) -> Timing:
        """The clock that was measured, as it is kept."""
        exact = self.spread_ms <= EXACT_MS
        return Timing(
            quality=TimingQuality.EXACT if exact else TimingQuality.APPROXIMATE,
            origin=TimingOrigin.MEASURED,
            offset_ms=self.offset_ms,
            drift_ppm=self.drift_ppm,
        )


class Unclear(StrEnum):
    """Why no clock can be told from a recording and its transcript."""

    NO_TIMES = "no_times"
    FEW_TURNS = "few_turns"
    NO_SPEECH = "no_speech"
    NO_AGREEMENT = "no_agreement"
    AMBIGUOUS = "ambiguous"

    @property
    def words(self) -> str:
        """A sentence for a person."""
        return _WORDS[self]


_WORDS = {
    Unclear.NO_TIMES: "The transcript says of no turn when it was spoken.",
    Unclear.FEW_TURNS: "Too few turns have a time of their own to compare with the sound.",
    Unclear.NO_SPEECH: "No speech that sets in after a pause was found in the recording.",
    Unclear.NO_AGREEMENT: "The turns do not fit the recording at any offset better than chance.",
    Unclear.AMBIGUOUS: "The turns fit the recording about equally well at several offsets.",
}
