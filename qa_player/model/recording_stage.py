"""How far a recording is on its way where a provider says more than that it can be heard, and what each stage means."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from qa_player.errors import GoneError, NoRecordingError, NotReadyError, QaPlayerError
from qa_player.model.recording import RecordingState


class RecordingStage(StrEnum):
    """Finer than `RecordingState`, which says what can be done with it."""

    WAITING = "waiting"
    RECORDING = "recording"
    UPLOADING = "uploading"
    PROCESSING = "processing"
    PROMISED = "promised"
    """Said to be ready, and not there."""
    READY = "ready"
    NOT_RECORDED = "not_recorded"
    FAILED = "failed"
    DELETED = "deleted"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    """The provider uses a word that its documents do not."""


_READ = "Its transcript can still be reviewed."
_REASONS: Mapping[RecordingStage, tuple[type[QaPlayerError], str, str]] = {
    RecordingStage.WAITING: (
        NotReadyError,
        "The recording of this session has not begun yet.",
        "Try again in a minute.",
    ),
    RecordingStage.RECORDING: (
        NotReadyError,
        "This conversation is still being recorded.",
        "It can be heard after it has ended.",
    ),
    RecordingStage.UPLOADING: (
        NotReadyError,
        "The recording is still on its way into the provider's storage.",
        "Try again in a minute.",
    ),
    RecordingStage.PROCESSING: (
        NotReadyError,
        "The recording of this session is still being made.",
        "Try again in a few minutes.",
    ),
    RecordingStage.PROMISED: (
        NotReadyError,
        "The provider says that the recording is ready, but gives no way to it.",
        "Try again in a minute; if it stays so, ask the provider.",
    ),
    RecordingStage.NOT_RECORDED: (NoRecordingError, "This conversation was not recorded.", _READ),
    RecordingStage.FAILED: (NoRecordingError, "Recording this conversation failed at the provider.", _READ),
    RecordingStage.DELETED: (GoneError, "The recording was deleted at the provider.", _READ),
    RecordingStage.EXPIRED: (GoneError, "The provider no longer keeps the recording: its time is over.", _READ),
    RecordingStage.UNKNOWN: (
        NoRecordingError,
        "The provider says of the recording what its documents do not, and gives no way to it.",
        "Its transcript can still be reviewed; ask the provider.",
    ),
}


def why_silent(stage: RecordingStage | None, state: RecordingState) -> QaPlayerError | None:
    """Why a recording cannot be heard, by its stage; null where the stage says nothing or it can be heard."""
    if stage is None or state is RecordingState.AVAILABLE or stage not in _REASONS:
        return None
    kind, message, next_step = _REASONS[stage]
    return kind(message, next_step)
