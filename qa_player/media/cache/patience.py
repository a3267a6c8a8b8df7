"""How long a fetch goes on trying: pauses that grow, an end to them, and a floor under slow answers."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from qa_player.errors import QaPlayerError


@dataclass(frozen=True)
class Clock:
    """Time as the cache knows it: ``now`` in seconds since the epoch, ``monotonic`` in seconds, ``jitter`` in 0..1."""

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random


@dataclass(frozen=True)
class Patience:
    """Bounds of one round of attempts; seconds and bytes.

    ``attempts`` counts failures since the last ``progress_bytes`` gained; ``budget_s`` bounds their time together. An
    answer that brings fewer than ``floor_bytes_s`` bytes a second over ``window_s`` is cut and resumed. An answer may
    take ``answer_s`` to begin, longer than a source needs to renew its keys. Another process that fetches the same
    part and notes nothing new is waited for ``follow_s``.
    """

    attempts: int = 6
    budget_s: float = 900.0
    backoff_s: float = 0.5
    backoff_cap_s: float = 30.0
    pause_cap_s: float = 600.0
    progress_bytes: int = 4096
    window_s: float = 30.0
    answer_s: float = 120.0
    floor_bytes_s: float = 1024.0
    follow_s: float = 60.0


class Setback(Exception):  # noqa: N818 - not an error by itself: the round goes on until patience ends
    """One attempt failed. ``error`` is what the person reads when patience ends; ``weight`` how much it uses up.

    ``renew`` asks for a fresh address first, ``pause_s`` is a wait the provider asked for, ``broken`` says that a body
    ended before its length, ``identity`` is what an answer claimed the recording to be when it disagreed with us.
    """

    def __init__(
        self,
        error: QaPlayerError,
        *,
        weight: int = 1,
        renew: bool = False,
        broken: bool = False,
        pause_s: float | None = None,
        identity: tuple[str | None, int | None] | None = None,
    ) -> None:
        super().__init__(error.message)
        self.error = error
        self.weight = weight
        self.renew = renew
        self.broken = broken
        self.pause_s = pause_s
        self.identity = identity


class Attempts:
    """Failures since the last progress, and how long to wait before the next try."""

    def __init__(self, clock: Clock, patience: Patience) -> None:
        self._clock = clock
        self._patience = patience
        self._since = clock.monotonic()
        self._used = 0
        self._gained = 0
        self.broken_in_a_row = 0

    def gained(self, count: int) -> None:
        """Note ``count`` new bytes; enough of them make up for all failures before."""
        self._gained += count
        if self._gained >= self._patience.progress_bytes:
            self._gained = self._used = self.broken_in_a_row = 0
            self._since = self._clock.monotonic()

    def failed(self, setback: Setback) -> float:
        """Seconds to wait before the next attempt; raises the setback's error when patience has ended."""
        first = self._used == 0
        self._used += setback.weight
        self.broken_in_a_row = self.broken_in_a_row + 1 if setback.broken else 0
        spent = self._clock.monotonic() - self._since
        if self._used >= self._patience.attempts or spent > self._patience.budget_s:
            raise setback.error
        if setback.pause_s is not None:
            if not 0 <= setback.pause_s <= self._patience.pause_cap_s:
                raise setback.error
            return setback.pause_s + self._clock.jitter()
        if first and (setback.renew or setback.broken):
            return 0.0
        doubled = self._patience.backoff_s * 2.0 ** (self._used - 1)
        return min(self._patience.backoff_cap_s, doubled) * (0.5 + self._clock.jitter())
