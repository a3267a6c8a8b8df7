"""A call that goes on as something an engine plays: what came, at once; what is to come, when it comes.

Close to its end it is followed: whatever holds it up, the ear is never long behind. Somebody who stepped back, or
paused, is left where they are until they catch up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qa_player.live.received import Received
    from qa_player.media.engine import Placed
    from qa_player.media.engine.timeline import Sound

NEAR_MS = 700
"""Whoever goes this close to the end wants to be at the end."""
FALLEN_MS, KEPT_MS = 100, 20
"""With more than the first waiting to go out, all but the second is let go: it would be heard too late."""
PIECE_MS = 20
LOOK_S = 0.008


class Feed:
    """Fits ``media.engine.Growing``. ``going_on`` says whether more may come.

    The engine's thread seeks and reads; any may ask how far it is and whether its end is followed, or `hold` it.
    """

    def __init__(self, received: Received, *, going_on: Callable[[], bool]) -> None:
        self.following = True
        self._held = False
        self._received = received
        self._going_on = going_on
        self._unwanted: Callable[[], bool] = lambda: False
        self._at = 0

    def for_engine(self, unwanted: Callable[[], bool]) -> Feed:
        """Fits ``media.engine.growing.MakeGrowing``: reads end when ``unwanted`` says so."""
        self._unwanted = unwanted
        return self

    @property
    def end(self) -> int:
        """Up to which sample it can be heard."""
        timeline = self._received.timeline
        return timeline.even_end if self._going_on() else timeline.end

    @property
    def rate(self) -> int:
        """Samples a second."""
        return self._received.timeline.rate

    @property
    def end_ms(self) -> float:
        """`end` in milliseconds from audio zero."""
        return self.end * 1_000 / self.rate

    def hold(self, held: bool) -> None:
        """It is paused, or goes on: what comes meanwhile is not left out afterwards."""
        self._held = held
        self.following = self.following and not held

    def placed(self) -> Sequence[Placed]:
        """It has no parts."""
        return ()

    def length(self) -> tuple[float | None, bool]:
        """How far it is, which is not its length yet."""
        return self.end_ms, False

    def seek(self, position_ms: float) -> None:
        """Go on from there; near the end, from as near as can be heard without gaps."""
        near = self.end_ms - position_ms <= NEAR_MS
        self.following = near and not self._held
        wanted_ms = self.end_ms - FALLEN_MS if near else position_ms
        self._at = max(round(wanted_ms * self.rate / 1_000), 0)

    def read(self) -> Sound | None:
        """The next piece, waited for; null once the call is over. Raises ReadCancelled, StorageError."""
        from qa_player.media.container.headers import ReadCancelled

        while True:
            if self._unwanted():
                raise ReadCancelled
            over = not self._going_on()
            if self._waiting_ms > FALLEN_MS and self.following and not over:
                self._at = self.end - self._samples(KEPT_MS)
            if self._waiting_ms > 0:
                caught_up = self._waiting_ms <= FALLEN_MS and not self._held
                self.following = self.following or caught_up
                return self._piece(min(self.end, self._at + self._samples(PIECE_MS)))
            if over:
                return None
            time.sleep(LOOK_S)

    def close(self) -> None:
        """There is nothing to give back."""

    @property
    def _waiting_ms(self) -> float:
        return (self.end - self._at) * 1_000 / self.rate

    def _samples(self, milliseconds: int) -> int:
        return milliseconds * self.rate // 1_000

    def _piece(self, end: int) -> Sound:
        import numpy as np

        from qa_player.live.rendering import heard
        from qa_player.media.decode.decoder import Block
        from qa_player.media.engine.timeline import Sound

        start, self._at = self._at, end
        sides = np.ascontiguousarray(heard(self._received, start, end).T / np.float32(32_768), np.float32)
        return Sound(start * 1_000 / self.rate, self.rate, Block(start, sides))
