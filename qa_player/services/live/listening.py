"""Listening to a call while it goes on: heard as it comes, its picture growing, with everything a recording can do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from qa_player.model.peaks import Peaks
from qa_player.model.playback import Listening, Phase, PlaybackState
from qa_player.services.ears import Ears, Listener
from qa_player.services.library import OpenSession
from qa_player.services.live.captures import CONNECTION, Captures
from qa_player.services.live.feed import Feed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qa_player.live.received import Received
    from qa_player.media.engine import EngineSnapshot

DRAWN_EVERY_S = 0.25
LATE_MS = 300
"""What came so lately may still be filled up: it is drawn a moment later."""
DRAWN_AT_ONCE_MS = 10_000
LENGTH_STEP_MS = 500
"""The length that is shown grows in steps: every step draws the whole picture anew."""


class ListeningIn:
    """Fits ``services.ears.GoingOn``: calls that this process receives can be heard meanwhile, and those
    that ``follow`` has from a relay elsewhere."""

    def __init__(self, captures: Captures, follow: Callable[[str], Awaitable[Received | None]]) -> None:
        self._captures = captures
        self._follow = follow

    async def ears(self, session: OpenSession, listener: Listener) -> Ears | None:
        """Null where the session is not a call that goes on. Who listens is in the audit trail.

        Raises NetworkError, StorageError: it goes on at a relay that cannot be reached.
        """
        if session.connection.name != CONNECTION:
            return None
        received = self._captures.receiving.get(session.session_id) or await self._follow(session.session_id)
        if received is None:
            return None
        trail, session_id = self._captures.trail, session.session_id
        await self._captures.database.write(
            lambda transaction: trail.append(transaction, "live.listened", connection=CONNECTION, session_id=session_id)
        )
        return LiveEars(received, listener, going_on=lambda: session_id in self._captures.receiving)


class LiveEars(Ears):
    """Plays from the end as soon as it is there, unless one asks for another place."""

    def __init__(self, received: Received, listener: Listener, *, going_on: Callable[[], bool]) -> None:
        from qa_player.media.engine import SHALLOW

        super().__init__(listener, depth=SHALLOW)
        self._feed = Feed(received, going_on=going_on)
        self._going_on = going_on
        self._picture = GrowingPicture(self._feed, received, listener.show, going_on=going_on)

    def begin(self, state: PlaybackState, position_ms: float) -> None:
        self.listen(replace(state.listening, speed=1.0))
        self.engine.seek(position_ms or self._feed.end_ms)
        self.engine.open_growing(self._feed.for_engine)
        self.engine.play()

    def listen(self, wanted: Listening) -> None:
        """As ``wanted`` says, but for what looks ahead: nothing is known of what is to come."""
        self.engine.listen(replace(wanted, skips_silence=False, levelled=False))

    def read(self, state: PlaybackState) -> tuple[PlaybackState, EngineSnapshot]:
        heard = self.engine.snapshot()
        self._feed.hold(not heard.playing)
        if self._feed.following and heard.speed > 1:
            # there is no more to be caught up with
            self.engine.set_speed(1.0)
        over = not self._going_on()
        end_ms = round(self._feed.end_ms)
        now = replace(
            state,
            phase=Phase.FAILED if heard.error is not None else Phase.READY,
            playing=heard.playing,
            buffering=False,
            ended=heard.ended,
            speed=heard.speed,
            apart=True,
            duration_ms=end_ms if over else (end_ms // LENGTH_STEP_MS + 1) * LENGTH_STEP_MS,
            audible=self._audible,
            error=heard.error,
            live=True,
        )
        return now, heard

    async def aclose(self) -> None:
        """Silence; let go of the engine's thread and the picture."""
        await self._picture.aclose()
        await super().aclose()


class GrowingPicture:
    """Draws what came, some times a second, until the call is over or `aclose`."""

    def __init__(
        self, feed: Feed, received: Received, show: Callable[[Peaks], None], *, going_on: Callable[[], bool]
    ) -> None:
        self._feed, self._received, self._show, self._going_on = feed, received, show, going_on
        self._task = asyncio.create_task(self._draw(), name="peaks of a call")

    async def aclose(self) -> None:
        """Stop drawing."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _draw(self) -> None:
        from qa_player.media.decode.samples import Run
        from qa_player.media.peaks.pyramid import Pyramid

        pyramid: Pyramid | None = None
        drawn, over = 0, False
        while not over:
            over = not self._going_on()
            rate = self._feed.rate
            late = 0 if over else LATE_MS * rate // 1_000
            while drawn < (end := self._feed.end - late):
                # its rate is settled once there is anything to be drawn
                pyramid = pyramid or Pyramid(rate, 2, expected=0)
                upto = min(end, drawn + DRAWN_AT_ONCE_MS * rate // 1_000)
                pyramid.add(Run(0, await asyncio.to_thread(self._sides, drawn, upto)))
                drawn = upto
                self._show(pyramid.peaks())
            await asyncio.sleep(DRAWN_EVERY_S)

    def _sides(self, start: int, end: int) -> list[NDArray[np.int16]]:
        from qa_player.live.rendering import heard

        sound = heard(self._received, start, end)
        return [sound[:, 0].copy(), sound[:, 1].copy()]
