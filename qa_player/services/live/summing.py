"""What an ended capture comes to, so that it can be shown without reading its journal again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa_player.model.live import Capture, CaptureSum

if TYPE_CHECKING:
    from qa_player.live.received import Received

MOST_MARKERS = 500
"""A capture with more is read again when it is shown: a list of sessions must not carry them all."""


def summed(capture: Capture, received: Received) -> Capture:
    """``capture`` with what was received of it; all of it must be on the disk."""
    timeline = received.timeline
    markers = tuple(timeline.markers)
    short = len(markers) <= MOST_MARKERS and not timeline.markers.left_out
    total = CaptureSum(
        sample_rate=timeline.rate,
        big_endian=received.big_endian,
        markers=markers if short else (),
        journal_bytes=received.journal.length,
    )
    return capture.model_copy(
        update={
            "duration_ms": timeline.end_ms,
            "stream_id": received.stream_id,
            "frames": timeline.frames,
            "lost": timeline.lost,
            "entries": received.entries,
            "sha256": received.sha256,
            "records": received.journal.records,
            "byte_order": received.order,
            "sum": total if short else None,
        }
    )
