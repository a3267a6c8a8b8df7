"""Hearing a recording out: work on all of its parts in a thread, told of on the loop, given up when nobody waits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from qa_player.services.open_part import OpenPart

if TYPE_CHECKING:
    from qa_player.media.cache.reader import RecordingReader

T = TypeVar("T")
Progress = Callable[[float], None]
Cancelled = Callable[[], bool]


async def heard_out(work: Callable[[Progress, Cancelled], T], progress: Progress) -> T:
    """What ``work`` comes to in a thread; it is given what to tell the share done, 0 to 1, and what says that nobody
    waits any more. ``progress`` is told on the loop. Cancelling gives the work up.
    """
    loop = asyncio.get_running_loop()
    stopped = threading.Event()

    def told(share: float) -> None:
        if not stopped.is_set():
            progress(share)

    def tell(share: float) -> None:
        if not stopped.is_set():
            loop.call_soon_threadsafe(told, share)

    def in_thread() -> tuple[T] | None:
        from qa_player.media.cache.reader import ReadCancelled

        try:
            return (work(tell, stopped.is_set),)
        except ReadCancelled:
            return None

    working = asyncio.create_task(asyncio.to_thread(in_thread), name="hear a recording out")
    try:
        found = await asyncio.shield(working)
    except asyncio.CancelledError:
        stopped.set()
        await asyncio.wait([working])
        raise
    finally:
        stopped.set()
    if found is None:
        raise asyncio.CancelledError
    return found[0]


def part_by_part(
    parts: Sequence[OpenPart],
    listen: Callable[[RecordingReader, Progress], tuple[float, T]],
    *,
    tell: Progress,
    cancelled: Cancelled,
) -> list[tuple[float, float, T]]:
    """Where each part begins, how long it is (ms), and what ``listen`` made of it; it tells length and outcome.

    Those after one whose length nobody knows have no place, and are left out.
    """

    def of_all(number: int) -> Progress:
        return lambda share: tell((number + share) / len(parts))

    found: list[tuple[float, float, T]] = []
    free_ms = 0.0
    for number, one in enumerate(parts):
        start_ms = max(float(one.part.start_ms or 0), free_ms)
        if one.cached is not None:
            duration_ms, outcome = listen(one.cached.reader(cancelled), of_all(number))
            found.append((start_ms, duration_ms, outcome))
            free_ms = start_ms + duration_ms
        elif one.part.duration_ms is not None:
            free_ms = start_ms + one.part.duration_ms
        else:
            break
    return found
