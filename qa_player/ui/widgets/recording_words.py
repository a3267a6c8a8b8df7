"""How far a recording is on its way, as a row of the list says it: a word or two, a tone, and an icon."""

from __future__ import annotations

from collections.abc import Mapping

from qa_player.model.recording import RecordingState
from qa_player.model.recording_stage import RecordingStage
from qa_player.model.session import Session

_SAID: Mapping[RecordingStage, tuple[str, str, str]] = {
    RecordingStage.WAITING: ("Not begun", "muted", "recording-waiting"),
    RecordingStage.RECORDING: ("Still recording", "critical", "recording-recording"),
    RecordingStage.UPLOADING: ("Uploading", "muted", "recording-uploading"),
    RecordingStage.PROCESSING: ("Processing", "muted", "recording-processing"),
    RecordingStage.PROMISED: ("Not there yet", "major", "recording-promised"),
    RecordingStage.NOT_RECORDED: ("No recording", "muted", "recording-none"),
    RecordingStage.FAILED: ("Recording failed", "major", "recording-failed"),
    RecordingStage.DELETED: ("Recording deleted", "major", "recording-gone"),
    RecordingStage.EXPIRED: ("Recording expired", "major", "recording-gone"),
    RecordingStage.UNKNOWN: ("Recording unclear", "muted", "recording-unknown"),
}
_BY_STATE: Mapping[RecordingState, RecordingStage] = {
    RecordingState.PROCESSING: RecordingStage.PROCESSING,
    RecordingState.NONE: RecordingStage.NOT_RECORDED,
}


def recording_words(session: Session) -> tuple[str, str, str] | None:
    """Words, tone and the icon's name; null where it can be heard."""
    if session.recording_state is RecordingState.AVAILABLE:
        return None
    if session.recording_stage is None and session.recording_state is RecordingState.GONE:
        return "Recording gone", "major", "recording-gone"
    stage = session.recording_stage or _BY_STATE.get(session.recording_state)
    return None if stage is None else _SAID.get(stage)
