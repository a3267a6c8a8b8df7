"""The loop that a test's coroutines run on: Qt's own for what has a window, asyncio's for everything else."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

Result = TypeVar("Result")


async def wait_until(condition: Callable[[], object], timeout: float = 5.0) -> None:
    """Let the loop run until ``condition`` holds; AssertionError after ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"did not come true within {timeout} s"
        await asyncio.sleep(0.005)


class Loop:
    """One loop for one test and its fixtures; under Qt slots and timers run while a coroutine does.

    Inside a coroutine neither ``qtbot.wait…`` nor ``exec()`` may be called: both run the loop inside itself.
    """

    def __init__(self, application: QApplication | None) -> None:
        if application is None:
            self._runner = asyncio.Runner()
            return
        os.environ.setdefault("QT_API", "pyside6")
        import qasync
        import shiboken6

        class Lasting(qasync.QEventLoop):  # type: ignore[misc]
            """Seems to run between two runs, too: pytest-qt lets Qt's events through there, and with them timers."""

            def _after_run_forever(self) -> None:
                super()._after_run_forever()
                asyncio.events._set_running_loop(self)

            def close(self) -> None:
                """Its timers go now, on their own thread, not wherever the next collection of garbage happens."""
                if not self.is_closed():
                    super().close()
                    shiboken6.delete(self._timer)

        self._runner = asyncio.Runner(loop_factory=lambda: Lasting(application))

    def run(self, coroutine: Coroutine[object, object, Result]) -> Result:
        """Run ``coroutine`` to its end."""
        asyncio.events._set_running_loop(None)
        return self._runner.run(coroutine)

    def wait_until(self, condition: Callable[[], object], timeout: float = 5.0) -> None:
        """`wait_until` for tests that are no coroutines themselves."""
        self.run(wait_until(condition, timeout))

    def close(self) -> list[str]:
        """End the loop; the names of the tasks that were still running, which are cancelled."""
        asyncio.events._set_running_loop(None)
        left = [task.get_name() for task in asyncio.all_tasks(self._runner.get_loop()) if not task.done()]
        self._runner.close()
        asyncio.events._set_running_loop(None)  # closing ran it once more
        return left
