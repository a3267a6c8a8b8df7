"""Phone calls of the telephony stand-ins: what was said is recorded, when and between which numbers is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from qa_player.files import resource


@dataclass(frozen=True)
class Piece:
    """One recording of a call: ``path`` is its file, ``after_s`` when it began, null ``path`` while it is on its way.

    ``says`` is the format the vendor claims; ``told`` replaces fields of the recording as it is told.
    """

    recording_id: str
    path: Path | None
    duration_ms: int
    after_s: float = 0.0
    says: str = "wav"
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PhoneCall:
    """One call; ``pieces`` are its recordings, ``told`` replaces fields of its detail record."""

    call_id: str
    began: datetime
    duration_s: int
    pieces: tuple[Piece, ...] = ()
    from_number: str = "+918035550100"
    to_number: str = "918035550142"
    ours: bool = True
    over: bool = True
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ended(self) -> datetime:
        return self.began + timedelta(seconds=self.duration_s)


def sample_calls(now: datetime | None = None) -> tuple[PhoneCall, ...]:
    """Calls over the shipped recordings: one, one in two pieces that say wav and are not, one never recorded."""
    now = (now or datetime.now(UTC)).replace(microsecond=0)
    booking, reset = (_recording(name) for name in ("appointment-booking.mp3", "password-reset.wav"))
    whole = Piece("77c0f6a2", *reset)
    halves = (Piece("5d1e0b31", *booking), Piece("5d1e0b32", *reset, after_s=booking[1] / 1_000 + 20))
    return (
        PhoneCall("b7a91c52-3f04-4d55-9f0e-6a1d2c3b4e5f", now - timedelta(hours=2), 71, (whole,)),
        PhoneCall("1f6d2a80-90be-4c3a-8c51-0d9e8f7a6b5c", now - timedelta(hours=26), 218, halves),
        PhoneCall("c0ffee00-5a5a-4b4b-8c8c-7e7e6d6d5f5f", now - timedelta(days=3), 31, to_number="+918035550107"),
    )


def _recording(name: str) -> tuple[Path, int]:
    told = json.loads(resource("demo", "sessions", f"{Path(name).stem}.json").read_text("utf-8"))
    return resource("demo", "recordings", name), int(told["duration_ms"])
