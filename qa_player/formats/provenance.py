"""What every file says of itself where it can: which session, which transcript, which timing, by whom, with what."""

from __future__ import annotations

from qa_player.formats.coverage_row import heard_by
from qa_player.formats.session_object import instant_text
from qa_player.model.review import Review


def provenance(review: Review) -> dict[str, str]:
    """Names and values, each value one line."""
    timing = review.timing
    heard = "; ".join(
        f"{heard} ms by {actor}, {skipped} ms of silence skipped" for actor, heard, skipped in heard_by(review.coverage)
    )
    left_out = f"{review.private_left_out} private annotations"
    told = {
        "session": review.session.session_id,
        "transcript": f"sha256 {review.transcript_digest}",
        "timing": f"offset {timing.offset_ms} ms, drift {timing.drift_ppm:g} ppm, "
        f"{timing.quality.value}, from {timing.origin.value}",
        **({"heard": heard} if heard else {}),
        **({"parts": _parts(review)} if len(review.recordings) > 1 else {}),
        **({"left out": left_out} if review.private_left_out else {}),
        "exported": f"{instant_text(review.exported_at)} by {review.exported_by} with {review.tool}",
    }
    return {name: " ".join(value.split()) for name, value in told.items()}


def _parts(review: Review) -> str:
    """How several parts of a recording belong together, who says so and why, and where each begins."""
    arranged = review.arranged
    starts = "; ".join(
        f"{part.part_id} from {'an unknown time' if part.start_ms is None else f'{part.start_ms} ms'}"
        + (" (heard)" if part.part_id == arranged.part_id else "")
        for part in review.recordings
    )
    how = f"{len(review.recordings)} {arranged.arrangement.value}, by {arranged.origin.value}"
    return f"{how}: {arranged.reason} {starts}"


def provenance_lines(review: Review) -> list[str]:
    """The same as lines of text: ``session: …``."""
    return [f"{name}: {value}" for name, value in provenance(review).items()]
