"""A fresh address before the old one dies: one renewal in flight, and never more than the address's life calls for."""

from __future__ import annotations

import asyncio
import contextlib

from qa_player.media.cache.patience import Clock
from qa_player.media.source import RecordingSource

_DUE_AT = 0.8
_NO_LIFE_PAUSE_S = 60.0
"""How long to leave a provider alone whose addresses look dead on arrival: this computer's clock may be wrong."""


class Renewal:
    """Renews a source's address. Providers log every renewal, so none is made that nobody needs."""

    def __init__(self, source: RecordingSource, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._seen = clock.now()
        self._last: float | None = None
        self._task: asyncio.Task[None] | None = None

    def due(self) -> bool:
        """Whether 80 % of the address's life has passed and it was not renewed just now."""
        expires = self._source.expires_at
        if expires is None:
            return False
        issued = self._source.issued_at
        issued = self._seen if issued is None else issued
        life = max(0.0, expires - issued)
        pause = life / 2 if life else _NO_LIFE_PAUSE_S
        rested = self._last is None or self._clock.monotonic() - self._last >= pause
        return rested and self._clock.now() >= issued + _DUE_AT * life

    def soon(self) -> None:
        """Begin a renewal in the background if one is due; its failure shows when the address is needed."""
        if self._task is None and self.due():
            self._begin()

    async def now(self) -> None:
        """Wait for a renewal: the one under way, or a new one. Raises the provider's own error."""
        task = self._task or self._begin()
        await asyncio.shield(task)

    async def aclose(self) -> None:
        """Give up a renewal that is under way."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._task

    def _begin(self) -> asyncio.Task[None]:
        self._last = self._clock.monotonic()
        self._task = asyncio.create_task(self._source.renew(), name="renew the recording's address")
        self._task.add_done_callback(self._done)
        return self._task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._task = None
        self._seen = self._clock.now()
        if not task.cancelled():
            task.exception()  # whoever waits has it; in the background nobody does
