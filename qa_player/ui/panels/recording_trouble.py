"""What is wrong with the open session's recording, in the words that stand above its transport row."""

from __future__ import annotations

from qa_player.errors import GoneError, NoRecordingError, NotReadyError
from qa_player.model.playback import Phase, PlaybackState
from qa_player.services.library import OpenSession
from qa_player.services.ongoing import UNDER_WAY
from qa_player.ui.widgets.times import clock

MUCH_MISSING_MS = 5_000
_COMES = "It is asked for by itself while this session is open, and can be played as soon as it is there."
_NOTHING = "There is no transcript either; what is known of the session stands under Details."


def missing_words(session: OpenSession) -> str:
    """That the recording ends long before the conversation did; empty where it does not."""
    told_ms, recording_ms = session.detail.session.duration_ms, session.recording_ms
    if told_ms is None or recording_ms is None or told_ms - recording_ms < max(MUCH_MISSING_MS, told_ms // 10):
        return ""
    return (
        f"The recording is shorter than the conversation: {clock(recording_ms)} of {clock(told_ms)}. "
        "Ask the provider whether it is whole; what is here can be reviewed."
    )


def trouble_words(state: PlaybackState, session: OpenSession) -> str:
    """Why it cannot be heard as it should, and what to do or to wait for; empty while all is well."""
    error = state.error
    if isinstance(error, NotReadyError) and session.detail.session.state in UNDER_WAY:
        return f"{error.message} {_COMES}"
    if isinstance(error, NoRecordingError | GoneError) and not session.turns:
        # their next step is the transcript, and there is none
        return f"{error.message} {_NOTHING}"
    if error is not None:
        return f"{error.message} {error.next_step}"
    if state.phase is Phase.READY and not state.audible:
        return "No sound device: the clock runs in silence. Connect one and it is used at once."
    return ""
