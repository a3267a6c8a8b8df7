"""A clock for `qa_player.providers.http.Http` that moves only when somebody sleeps or a test says so."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta


class StillClock:
    """Time that passes only when somebody sleeps; ``slept`` says how long each time."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 12, tzinfo=UTC)
        self.start = self.now
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return (self.now - self.start).total_seconds()

    def time(self) -> float:
        return self.now.timestamp()

    def chance(self) -> float:
        return 0.5

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_s(seconds)
        await asyncio.sleep(0)
