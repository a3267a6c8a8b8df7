"""Conversations for the stand-in provider that a test makes: short, any number, with recordings of their own."""

from __future__ import annotations

import io
import math
import struct
import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from qa_player.demo.samples import Sample

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

TURNS = (
    ("assistant", "Good morning, what can I do for you?", 0),
    ("user", "I was charged twice.", 400),
    ("assistant", "Let me look at that.", 800),
    ("user", "Thank you.", 1_200),
)
"""Role, text and start in milliseconds; the last one ends with the recording."""


def tone(folder: Path, name: str, *, seconds: float = 1.6, rate: int = 8_000) -> Path:
    """A wav file of one channel and 16 bits in ``folder``: a tone that grows louder."""
    out = io.BytesIO()
    count = int(seconds * rate)
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        levels = (int(20_000 * at / count * math.sin(at * 0.3)) for at in range(count))
        file.writeframes(struct.pack(f"<{count}h", *levels))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.wav"
    path.write_bytes(out.getvalue())
    return path


def conversation(number: int, recording: Path | None = None, **told: Any) -> Sample:
    """The ``number``-th of any amount of conversations, each a minute after the one before.

    ``told`` are fields of a sample's file (``recording_status``, ``finalized``, ``raw_transcript`` …).
    """
    fields: dict[str, Any] = {
        "session_id": f"sess_{number:06}",
        "subject": f"Call {number}",
        "character_slug": "support-bot" if number % 2 else "billing-bot",
        "duration_ms": 1_600,
        "media": None if recording is None else str(recording),
        "recording_status": "READY" if recording is not None else "NONE",
        "turns": [
            {"role": role, "text": text, "start_ms": start, "end_ms": start + 300} for role, text, start in TURNS
        ],
    }
    return Sample(fields | told, NOON + timedelta(minutes=number))


def newest_first(*samples: Sample) -> tuple[Sample, ...]:
    """As the provider's listing has them."""
    return tuple(sorted(samples, key=lambda sample: sample.created_at, reverse=True))
