"""The sample sessions: read from the shipped files, dated relative to now so that Today and Yesterday are alive."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from qa_player.demo.dates import began
from qa_player.demo.literal import written
from qa_player.demo.many_turns import many_turns
from qa_player.files import resource


class SpokenTurn(NamedTuple):
    """What is truly heard: from ``start_ms`` to ``end_ms`` of the recording, ``role`` (Oshara's word) speaks."""

    start_ms: int
    end_ms: int
    role: str


@dataclass(frozen=True)
class Sample:
    """One sample conversation. ``told`` is its file: see packaging/demo/README.md for the fields."""

    told: dict[str, Any]
    created_at: datetime

    @property
    def session_id(self) -> str:
        return str(self.told["session_id"])

    @property
    def subject(self) -> str:
        return str(self.told["subject"])

    @property
    def character_slug(self) -> str:
        return str(self.told["character_slug"])

    @property
    def tenant_id(self) -> str:
        return str(self.told.get("tenant_id", "acme"))

    @property
    def ours(self) -> bool:
        """Whether the sample key may see it; others answer 404, as if they were not there."""
        return bool(self.told.get("owner", "acme") == "acme")

    @property
    def finished(self) -> bool:
        return bool(self.told.get("finalized", True))

    @property
    def duration_ms(self) -> int:
        return int(self.told.get("duration_ms") or 0)

    @cached_property
    def recording(self) -> Path | None:
        """The file of its recording; null when there is none."""
        name = self.told.get("media")
        return resource("demo", "recordings", str(name)) if name else None

    @cached_property
    def truth(self) -> tuple[SpokenTurn, ...]:
        """When each turn is truly heard, from the making of the recording."""
        return tuple(
            SpokenTurn(int(turn["start_ms"]), int(turn["end_ms"]), str(turn["role"]))
            for turn in self.told.get("turns", [])
        )

    @cached_property
    def transcript(self) -> list[dict[str, Any]]:
        """The turns as Oshara tells them: role, text, turn_index and ``ts`` in seconds since the session began."""
        if "raw_transcript" in self.told:
            return [_unfolded(turn) for turn in self.told["raw_transcript"]]
        if "generated_turns" in self.told:
            return many_turns(int(self.told["generated_turns"]), self.duration_ms)
        lead_ms = int(self.told.get("lead_ms", 0))
        return [
            {
                "role": turn["role"],
                "text": turn["text"],
                "turn_index": index,
                "ts": round((turn["start_ms"] - lead_ms) / 1_000, 3),
            }
            for index, turn in enumerate(self.told.get("turns", []))
        ]

    @cached_property
    def transcript_json(self) -> str:
        """`transcript` as it goes over the line."""
        return written(self.transcript)

    @cached_property
    def transcript_text(self) -> str:
        """The turns in one text, as Oshara flattens them."""
        return "\n".join(f"{str(turn.get('role')).capitalize()}: {turn.get('text')}" for turn in self.transcript)


def load_samples(now: datetime | None = None) -> tuple[Sample, ...]:
    """Every shipped sample, newest first. Days and clocks are those of the zone of ``now``, else of this machine."""
    now = now or datetime.now().astimezone()
    folder = resource("demo", "sessions")
    samples = (json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json")))
    dated = [Sample(told, _created_at(told, now)) for told in samples]
    return tuple(sorted(dated, key=lambda sample: (sample.created_at, sample.session_id), reverse=True))


def _created_at(told: dict[str, Any], now: datetime) -> datetime:
    return began(told, now, lasted=timedelta(milliseconds=int(told.get("duration_ms") or 60_000)))


def _unfolded(turn: dict[str, Any]) -> dict[str, Any]:
    """A turn whose text is told as a piece and how often it is repeated."""
    if "text_repeat" not in turn:
        return dict(turn)
    piece, times = turn["text_repeat"]
    return {**{name: value for name, value in turn.items() if name != "text_repeat"}, "text": piece * times}
