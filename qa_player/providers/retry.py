"""Patience: how often, how long apart and until when a request is tried again."""

from __future__ import annotations

import asyncio
import email.utils
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from qa_player.errors import QaPlayerError

LONGEST_PAUSE_S = 600.0
"""No provider makes us wait longer than ten minutes, whatever it asks for."""

T = TypeVar("T")


class Clock(Protocol):
    """Time and chance, so that tests need neither."""

    def monotonic(self) -> float: ...
    def time(self) -> float: ...
    def chance(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own clocks."""

    def __init__(self) -> None:
        self._random = random.SystemRandom()

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def time(self) -> float:
        """Seconds since the epoch, as this machine believes."""
        return time.time()

    def chance(self) -> float:
        """Evenly in [0, 1)."""
        return self._random.random()

    async def sleep(self, seconds: float) -> None:
        """Let others run for ``seconds``."""
        await asyncio.sleep(seconds)


@dataclass(frozen=True)
class Patience:
    """``attempts`` in all; waits double from ``first_wait_s`` to ``longest_wait_s``; ``deadline_s`` bounds all."""

    attempts: int = 3
    first_wait_s: float = 0.5
    longest_wait_s: float = 8.0
    deadline_s: float = 60.0


@dataclass(frozen=True)
class Setback:
    """An attempt that failed and may be repeated, no sooner than ``pause_s`` from now where the provider said so."""

    error: QaPlayerError
    pause_s: float | None = None


async def patiently(attempt: Callable[[float], Awaitable[T | Setback]], *, patience: Patience, clock: Clock) -> T:
    """The outcome of ``attempt`` (given the seconds that are left), repeated while it is set back.

    Raises the last setback's error when attempts or time are used up, or when the pause is longer than the time left.
    """
    deadline = clock.monotonic() + patience.deadline_s
    number = 0
    while True:
        outcome = await attempt(max(deadline - clock.monotonic(), 0.001))
        if not isinstance(outcome, Setback):
            return outcome
        number += 1
        wait = _wait(number, outcome.pause_s, patience, clock)
        if number >= patience.attempts or clock.monotonic() + wait >= deadline:
            raise outcome.error
        await clock.sleep(wait)


def _wait(number: int, pause_s: float | None, patience: Patience, clock: Clock) -> float:
    if pause_s is not None:
        # never sooner than asked, and not all of us at the same moment
        return pause_s + clock.chance() * min(1.0, pause_s * 0.1)
    longest = min(patience.longest_wait_s, patience.first_wait_s * 2.0 ** (number - 1))
    return longest * (0.5 + clock.chance() / 2)


def retry_after_s(header: str | None, *, now: float) -> float | None:
    """Seconds to wait as ``Retry-After`` states them (a number, or a date against the server's ``now``), within bounds.

    >>> [retry_after_s(text, now=0.0) for text in ("7", "-3", "soon", "1000000000", None)]
    [7.0, None, None, 600.0, None]
    >>> retry_after_s("Thu, 01 Jan 1970 00:00:30 GMT", now=10.0)
    20.0
    """
    if header is None:
        return None
    text = header.strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]*)?", text):
        return min(float(text[:20]), LONGEST_PAUSE_S)
    moment = http_date(text)
    return None if moment is None else min(max(moment - now, 0.0), LONGEST_PAUSE_S)


def rate_limit_pause_s(headers: Mapping[str, str]) -> float | None:
    """Seconds until more is allowed, when an answer's RateLimit headers say that nothing is left; else null.

    Both spellings of the IETF's drafts are read: one structured header, and one header for each figure.

    >>> rate_limit_pause_s({"ratelimit": '"100-in-1min"; r=0; t=42'}), rate_limit_pause_s({"ratelimit": '"a";r=3;t=9'})
    (42.0, None)
    >>> rate_limit_pause_s({"ratelimit-remaining": "0", "ratelimit-reset": "7"})
    7.0
    """
    figures = dict(re.findall(r";\s*([rt])=([0-9]{1,12})(?=[;,\s]|$)", headers.get("ratelimit", "")))
    remaining = figures.get("r", headers.get("ratelimit-remaining", "")).strip()
    resets = figures.get("t", headers.get("ratelimit-reset", "")).strip()
    if remaining != "0" or not re.fullmatch("[0-9]{1,12}", resets):
        return None
    return min(float(resets), LONGEST_PAUSE_S)


def http_date(text: str | None) -> float | None:
    """Seconds since the epoch of a date as HTTP writes it, null when it is none."""
    if text is None:
        return None
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
