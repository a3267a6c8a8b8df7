"""One part of a recording as it was opened: bytes on their way, or the reason why there are none."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa_player.errors import GoneError, NoRecordingError, NotReadyError, QaPlayerError
from qa_player.model.recording import RecordingPart, RecordingState

if TYPE_CHECKING:
    from qa_player.media.cache import CachedRecording


@dataclass(frozen=True)
class OpenPart:
    """``cached`` is null exactly when ``error`` says why."""

    part: RecordingPart
    cached: CachedRecording | None
    error: QaPlayerError | None


def missing(part: RecordingPart) -> QaPlayerError:
    """Why a part of several is not to be had."""
    if part.state is RecordingState.GONE:
        return GoneError("This part of the recording is gone for good.", "The other parts can still be heard.")
    if part.state is RecordingState.PROCESSING:
        return NotReadyError("This part of the recording is still being made.", "Try again in a few minutes.")
    return NoRecordingError("This part was not recorded.", "The other parts can still be heard.")


@contextlib.asynccontextmanager
async def closing(opened: Sequence[OpenPart]) -> AsyncIterator[None]:
    """Take leave of all of them at the end."""
    try:
        yield
    finally:
        for one in opened:
            if one.cached is not None:
                await one.cached.aclose()
