"""Measuring: once a recording's own length is known, the open session's turns are placed by it, beside the loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from qa_player.model.playback import PartPlace
from qa_player.services.library import OpenSession


class Measuring:
    """``measured`` takes the session with its turns placed anew, on the loop."""

    def __init__(self, measured: Callable[[OpenSession, OpenSession], None]) -> None:
        self._measured = measured
        self._task: asyncio.Task[None] | None = None

    def expect(self, session: OpenSession | None, recording_ms: int, parts: Sequence[PartPlace]) -> None:
        """The recording is ``recording_ms`` long: turns past it are flagged, the last one ends with it."""
        if session is not None and session.recording_ms != recording_ms and self._task is None:
            lengths = {part.part_id: part.duration_ms for part in parts if part.duration_ms is not None}
            self._task = asyncio.create_task(self._place(session, recording_ms, lengths), name="place the turns")

    async def aclose(self) -> None:
        """Let it be."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _place(self, session: OpenSession, recording_ms: int, lengths: dict[str, int]) -> None:
        placed = await asyncio.to_thread(session.measured, recording_ms, lengths)
        self._task = None
        self._measured(session, placed)
