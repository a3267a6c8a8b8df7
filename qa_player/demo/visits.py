"""The sample clinic visits: read from the shipped files, dated relative to now like the conversations."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from qa_player.demo.dates import began
from qa_player.files import resource


@dataclass(frozen=True)
class Visit:
    """One sample visit. ``told`` is its file, made by packaging/demo/visits.py; ``began`` its wall time.

    ``recording``: ready, processing (404), gone (410) or none; ``status`` is Suki's word, in its case.
    """

    told: dict[str, Any] = field(repr=False)
    began: datetime

    @property
    def session_id(self) -> str:
        return str(self.told["session_id"])

    @property
    def title(self) -> str:
        return str(self.told.get("title", ""))

    @property
    def status(self) -> str:
        return str(self.told.get("status", "completed"))

    @property
    def recording(self) -> str:
        return str(self.told.get("recording", "ready"))

    @property
    def ours(self) -> bool:
        """Whether the sample partner may see it; others answer 404."""
        return bool(self.told.get("ours", True))

    @property
    def streamable(self) -> bool:
        """Whether its addresses are for ranges; else it is asked for with ``download``."""
        return bool(self.told.get("streamable", True))

    @property
    def length_ms(self) -> int:
        """Of all its recordings together."""
        return int(self.told.get("length_ms", 0))

    @cached_property
    def media(self) -> tuple[Path, ...]:
        """The files of its recordings, in their order."""
        return tuple(resource("demo", "visits", str(one["media"])) for one in self.told.get("recordings", ()))

    def wall(self, turn: dict[str, Any], name: str) -> datetime:
        """The wall time of a turn's ``start_ms`` or ``end_ms``: between recordings more passes than is heard."""
        recordings = self.told.get("recordings", ())
        number = int(turn.get("recording", 0))
        before_ms = sum(int(one["length_ms"]) for one in recordings[:number])
        wall_ms = int(recordings[number]["wall_ms"]) if recordings else 0
        return self.began + timedelta(milliseconds=wall_ms + int(turn[name]) - before_ms)


def load_visits(now: datetime | None = None) -> tuple[Visit, ...]:
    """Every shipped visit, latest first. Days and clocks are those of the zone of ``now``, else of this machine."""
    now = now or datetime.now().astimezone()
    folder = resource("demo", "visits")
    files = (json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json")))
    visits = [Visit(told, began(told, now, lasted=timedelta(minutes=6))) for told in files]
    return tuple(sorted(visits, key=lambda visit: (visit.began, visit.session_id), reverse=True))
