"""Why Lyzr gives no audio: its one 404 means several things, and each has its own sentence and next step."""

from __future__ import annotations

from qa_player.errors import GoneError, NoRecordingError, NotReadyError, QaPlayerError
from qa_player.model.session import Session

PART = "recording"
YOUNG_S = 3_600.0
"""Audio is stored after the transcript: for so long after a call has ended, 404 may still become 200."""


def why_refused(status: int, said: bytes, session: Session, *, now: float | None) -> QaPlayerError | None:
    """The error for a refusal of a session that this key does see. ``now`` is Lyzr's time; null while it is not known.

    Null for what means the same with every provider.
    """
    words = said.lower()
    if status == 410:
        return GoneError("Lyzr has deleted this recording for good.", "Its transcript can be read all the same.")
    if status not in (404, 503):
        return None
    if b"not configured" in words:
        return NoRecordingError(
            "The organisation keeps no recordings: no storage is configured at Lyzr.",
            "Ask its administrator to configure storage; calls that were held before stay without audio.",
        )
    if status != 404:
        return None
    if b"transcript not found" in words:
        return NoRecordingError(
            "Lyzr does not let this key have the audio of this session.",
            "Use the key of the user whose session it is, or an administrator's.",
        )
    ended_at = session.ended_at
    if ended_at is not None and (now is None or now - ended_at.timestamp() < YOUNG_S):
        return NotReadyError("The recording is not stored yet.", "Try again in a minute.")
    return NoRecordingError(
        "Lyzr has no recording of this session: recording was off, or it was not kept.",
        "For calls to come, turn on audio_recording_enabled in the agent's configuration.",
    )


def not_recorded() -> NoRecordingError:
    """The report itself says that nothing was recorded."""
    return NoRecordingError(
        "This session was not recorded.",
        "For calls to come, turn on audio_recording_enabled in the agent's configuration.",
    )
