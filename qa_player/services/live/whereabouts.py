"""Where the relay of a home is, as other processes of it read it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

from qa_player.model.live import RelayPlace


def spelled_place(place: RelayPlace) -> str:
    """A place as JSON."""
    ends_at = place.certificate_ends_at
    return json.dumps({**asdict(place), "certificate_ends_at": ends_at and ends_at.isoformat()})


def read_place(payload: str) -> RelayPlace:
    """What `spelled_place` was given."""
    told = json.loads(payload)
    ends_at = told.pop("certificate_ends_at")
    return RelayPlace(**told, certificate_ends_at=None if ends_at is None else datetime.fromisoformat(ends_at))
