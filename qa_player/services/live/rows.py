"""Calls of one relay elsewhere as captures of this home: a row when they come in, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import JsonValue

from qa_player.model.live import Capture, CaptureState
from qa_player.services.live.captures import CONNECTION, Captures

if TYPE_CHECKING:
    from qa_player.store.database import Transaction


class RelayRows:
    """``relay`` is its name here; empty for this home's own relay in another process, which makes the rows itself."""

    def __init__(self, captures: Captures, relay: str) -> None:
        self.relay = relay
        self._captures = captures

    async def of(self, told: Capture) -> Capture:
        """The row of a call that the relay tells of. Raises NotFoundError, UsageError."""
        from qa_player.store import live

        if not self.relay:
            return await self._captures.named(told.session_id)
        known = {one.relay_session: one for one in await self.all()}
        if told.session_id in known:
            return known[told.session_id]

        def begin(transaction: Transaction) -> Capture:
            over: dict[str, object] = {
                "session_id": live.session_id_for(transaction, told.session_id),
                "relay": self.relay,
                "relay_session": told.session_id,
                "state": CaptureState.RECEIVING,
                "records": None,
                "frames": 0,
                "lost": 0,
                "entries": 0,
                "sha256": "",
            }
            capture = told.model_copy(update=over)
            self._captures.begun(transaction, capture, "live.came_elsewhere")
            return capture

        return await self._captures.database.write(begin)

    async def all(self) -> tuple[Capture, ...]:
        """Every row of this relay."""
        return tuple(one for one in await self._captures.all() if self.relay and one.relay == self.relay)

    async def under_way(self) -> tuple[Capture, ...]:
        """The rows of which it is not known how they ended."""
        return tuple(one for one in await self.all() if one.state is CaptureState.RECEIVING)

    def begun_here(self, capture: Capture) -> bool:
        """Whether some of it is on the disk; blocks a moment."""
        return bool(self.relay) and self._captures.path(capture.session_id).exists()

    async def over(self, capture: Capture, told: Capture | None) -> None:
        """A call that was not listened to has ended: it is to be had from the relay, or, with null, no more."""
        from qa_player.store import live

        if not self.relay:
            return
        gone = {"state": CaptureState.INTERRUPTED, "end_reason": "the relay does not hand it on any more", "records": 0}
        over: dict[str, object] = dict(gone)
        if told is not None:
            over = {"state": CaptureState.ELSEWHERE, "ended_at": told.ended_at, "duration_ms": told.duration_ms}
            over |= {"end_reason": told.end_reason, "frames": told.frames, "lost": told.lost}
        ended = capture.model_copy(update=over)
        detail: dict[str, JsonValue] = {"reason": ended.end_reason, "relay": self.relay}

        def keep(transaction: Transaction) -> None:
            live.save_capture(transaction, ended)
            self._captures.trail.append(
                transaction, "live.ended", connection=CONNECTION, session_id=ended.session_id, detail=detail
            )

        await self._captures.database.write(keep)
