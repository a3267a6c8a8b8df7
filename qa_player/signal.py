"""A typed signal: what services tell panels, on the loop's own thread and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVarTuple

Values = TypeVarTuple("Values")


class Signal(Generic[*Values]):
    """Handlers are called in the order in which they connected; one that fails does not silence the others.

    Not thread-safe by design: ``emit`` belongs to the thread that has the UI and the loop.
    """

    def __init__(self) -> None:
        self._handlers: list[Callable[[*Values], None]] = []

    def connect(self, handler: Callable[[*Values], None]) -> Callable[[], None]:
        """Call ``handler`` on every emit; the returned function ends the subscription and may be called twice."""
        self._handlers.append(handler)
        return lambda: self.disconnect(handler)

    def disconnect(self, handler: Callable[[*Values], None]) -> None:
        """Forget ``handler``; one that was never connected is no error."""
        if handler in self._handlers:
            self._handlers.remove(handler)

    def emit(self, *values: *Values) -> None:
        """Call every handler that is connected now; raise the failures together once all have been called."""
        failures: list[Exception] = []
        for handler in tuple(self._handlers):
            try:
                handler(*values)
            except Exception as failure:
                failures.append(failure)
        if failures:
            raise ExceptionGroup("handlers of a signal failed", failures)
