"""The one bridge from a press of a key to a coroutine: named, cancellable, its errors told in one place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from qa_player.errors import QaPlayerError

Trouble = Callable[[QaPlayerError], object]


class Tasks:
    """``trouble`` is told of known errors with the name of what failed, ``bug`` of everything else.

    A second `start` of one name cancels the first: only the last wish counts. `then` queues behind it instead:
    what a person saved is never cancelled by what they save next.
    """

    def __init__(
        self, *, trouble: Callable[[QaPlayerError, str], object], bug: Callable[[BaseException, str], object]
    ) -> None:
        self._trouble = trouble
        self._bug = bug
        self._latest: dict[str, asyncio.Task[None]] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._closed = False

    def start(self, name: str, work: Coroutine[Any, Any, object], *, trouble: Trouble | None = None) -> None:
        """Run ``work`` under ``name``; ``trouble`` takes its known errors in place of the message bar."""
        if self._closed:
            work.close()
            return
        self.cancel(name)
        self._run(name, self._watched(name, work, trouble), work)

    def then(self, name: str, work: Coroutine[Any, Any, object], *, trouble: Trouble | None = None) -> None:
        """Run ``work`` once everything of that name before it has ended."""
        if self._closed:
            work.close()
            return
        self._run(name, self._queued(self._latest.get(name), name, work, trouble), work)

    def cancel(self, name: str) -> None:
        """Stop what runs under ``name``; nothing running is no error."""
        task = self._latest.get(name)
        if task is not None:
            task.cancel()

    def running(self, name: str) -> bool:
        """Whether something runs under ``name``."""
        task = self._latest.get(name)
        return task is not None and not task.done()

    async def close(self) -> None:
        """Take nothing more, let what is being saved end, cancel the rest and wait until all have ended."""
        self._closed = True
        waiting = [task for task in self._running if task is not asyncio.current_task()]
        for task in waiting:
            if not task.get_name().startswith("save"):
                task.cancel()
        if waiting:
            await asyncio.wait(waiting)

    def _run(self, name: str, watched: Coroutine[Any, Any, None], work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.get_running_loop().create_task(watched, name=name)
        # cancelled before its first step, the task would never have touched it
        task.add_done_callback(lambda _: work.close())
        self._latest[name] = task
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if self._latest.get(task.get_name()) is task:
            del self._latest[task.get_name()]

    async def _queued(
        self,
        before: asyncio.Task[None] | None,
        name: str,
        work: Coroutine[Any, Any, object],
        trouble: Trouble | None,
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        await self._watched(name, work, trouble)

    async def _watched(self, name: str, work: Coroutine[Any, Any, object], trouble: Trouble | None) -> None:
        try:
            await work
        except asyncio.CancelledError:
            raise
        except QaPlayerError as error:
            if trouble is None:
                self._trouble(error, name)
            else:
                trouble(error)
        except Exception as bug:
            self._bug(bug, name)
