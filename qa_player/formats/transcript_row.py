"""One turn of one of many sessions as a flat row, as a search index or a table takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from qa_player.formats.session_object import instant_text
from qa_player.model.session import Session
from qa_player.model.timing import Timing
from qa_player.model.transcript import Turn

COLUMNS = (
    "session_id",
    "turn_index",
    "role",
    "raw_role",
    "speaker",
    "text",
    "corrected_text",
    "start_ms",
    "end_ms",
    "raw_start_ms",
    "raw_end_ms",
    "time_source",
    "flags",
    "title",
    "agent",
    "started_at",
    "transcript_digest",
    "timing",
    "offset_ms",
    "drift_ppm",
)
"""In this order. ``session_id`` and ``turn_index`` name a turn; ``transcript_digest`` is another when its words are.
``text`` is what the provider heard, ``corrected_text`` what a person put beside it."""


def transcript_rows(
    session: Session, turns: Sequence[Turn], *, corrected: Mapping[int, str], digest: str, timing: Timing
) -> Iterator[dict[str, str | int | None]]:
    """A row for each turn in the provider's order, its keys in the order of `COLUMNS`; flags have a blank between."""
    of_session: dict[str, str | int | None] = {
        "title": session.title,
        "agent": session.agent,
        "started_at": instant_text(session.started_at),
        "transcript_digest": digest,
        "timing": timing.quality.value,
        "offset_ms": timing.offset_ms,
        "drift_ppm": f"{timing.drift_ppm:g}",
    }
    for turn in turns:
        yield {
            "session_id": session.session_id,
            "turn_index": turn.index,
            "role": turn.role.value,
            "raw_role": turn.raw_role,
            "speaker": turn.speaker,
            "text": turn.text,
            "corrected_text": corrected.get(turn.index),
            "start_ms": turn.start_ms,
            "end_ms": turn.end_ms,
            "raw_start_ms": turn.raw_start_ms,
            "raw_end_ms": turn.raw_end_ms,
            "time_source": turn.time_source.value,
            "flags": " ".join(flag.value for flag in turn.flags),
            **of_session,
        }
