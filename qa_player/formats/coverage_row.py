"""What was heard as flat rows, one for each stretch of each sitting: for our JSON and what else carries coverage."""

from __future__ import annotations

from collections.abc import Iterable

from qa_player.formats.session_object import instant_text
from qa_player.model.coverage import Manner, Sitting, length_ms, spans_of


def coverage_rows(sittings: Iterable[Sitting]) -> list[dict[str, object]]:
    """By sitting, and by start within one."""
    return [
        {
            "sitting_id": sitting.sitting_id,
            "actor": sitting.actor,
            "login": sitting.login,
            "began_at": instant_text(sitting.began_at),
            "ended_at": instant_text(sitting.ended_at),
            "start_ms": stretch.start_ms,
            "end_ms": stretch.end_ms,
            "manner": stretch.manner.value,
            "speed": int(stretch.speed) if stretch.speed == int(stretch.speed) else stretch.speed,
            "level_db": stretch.level_db,
        }
        for sitting in sittings
        for stretch in sitting.stretches
    ]


def heard_by(sittings: Iterable[Sitting]) -> list[tuple[str, int, int]]:
    """For each person, in the order in which they first sat down: name, milliseconds heard, milliseconds of silence
    skipped that were not heard otherwise."""
    of: dict[str, list[Sitting]] = {}
    for sitting in sittings:
        of.setdefault(sitting.actor, []).append(sitting)
    told = []
    for actor, theirs in of.items():
        heard = length_ms(spans_of(theirs, Manner.HEARD))
        told.append((actor, heard, length_ms(spans_of(theirs, Manner.HEARD, Manner.SKIPPED)) - heard))
    return told
