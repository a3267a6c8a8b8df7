"""The clock between transcript and recording in words."""

from __future__ import annotations

from qa_player.model.timing import Measurement, Timing, TimingOrigin, Unclear

_ORIGINS = {
    TimingOrigin.PROVIDER: "as the provider says",
    TimingOrigin.MEASURED: "measured",
    TimingOrigin.PERSON: "set by a person",
}


def timing_words(timing: Timing) -> str:
    """``Transcript 1.370 s later in the recording, drift +200 ppm, measured``."""
    if timing.offset_ms:
        side = "later" if timing.offset_ms > 0 else "earlier"
        where = f"Transcript {abs(timing.offset_ms) / 1_000:.3f} s {side} in the recording"
    else:
        where = "Transcript and recording begin together"
    drift = f", drift {timing.drift_ppm:+g} ppm" if timing.drift_ppm else ""
    return f"{where}{drift}, {_ORIGINS[timing.origin]}"


def measured_words(found: Measurement | Unclear) -> str:
    """What a measurement found, or why it found nothing."""
    if isinstance(found, Unclear):
        return f"The clock cannot be told. {found.words}"
    return (
        f"{found.matched} of {found.turns} turns begin where speech sets in, half of them within {found.spread_ms} ms."
    )
