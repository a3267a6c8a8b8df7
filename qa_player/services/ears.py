"""Ears: an engine with somebody who listens; what it plays, a recording or a call that goes on, is of two kinds."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from qa_player.model.peaks import Peaks
from qa_player.model.playback import Heard, Listening, PlaybackState
from qa_player.model.transcript import Turn

if TYPE_CHECKING:
    from qa_player.media.engine import Depth, EngineSnapshot, Output
    from qa_player.services.library import OpenSession


@dataclass(frozen=True)
class Listener:
    """Who listens. ``changed`` is called on the loop when there is something new to read; ``show`` whenever the picture
    grew; ``playing`` says whether sound needs the core now; ``heard`` takes every stretch that went past the ear.

    ``latency_ms`` is how long after the output's count a sample is heard.
    """

    output: Output | None
    latency_ms: float
    changed: Callable[[], None]
    show: Callable[[Peaks], None]
    playing: Callable[[], bool]
    heard: Callable[[Heard], None]


class Ears(ABC):
    """``engine`` takes what the listener wants; its methods return at once."""

    def __init__(self, listener: Listener, *, depth: Depth | None = None) -> None:
        from qa_player.media.engine import DEEP, Engine

        loop = asyncio.get_running_loop()

        def tell() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(listener.changed)

        self._listener = listener
        self._saved_ms = 0.0
        self._audible = listener.output is not None
        output = _sound(listener.output)
        self.engine = Engine(output, latency_ms=listener.latency_ms, notify=tell, depth=depth or DEEP)

    @abstractmethod
    def begin(self, state: PlaybackState, position_ms: float) -> None:
        """Sound as ``state`` says, from ``position_ms``."""

    @abstractmethod
    def read(self, state: PlaybackState) -> tuple[PlaybackState, EngineSnapshot]:
        """``state`` as it is now, and what the engine says beside it."""

    def listen(self, wanted: Listening) -> None:
        """Hear it as ``wanted`` says, from what is heard now."""
        self.engine.listen(wanted)

    def use(self, output: Output | None) -> None:
        """Another sound device from what is heard now, or none: then a silent clock runs."""
        self.engine.set_output(_sound(output))
        self.tell_heard()
        self._audible = output is not None

    def guard(self, turns: Sequence[Turn]) -> None:
        """Silence is not left out near the edges of turns."""
        times = ((turn.start_ms, turn.end_ms) for turn in turns)
        self.engine.guard(edge for turn in times for edge in turn if edge is not None)

    def tell_heard(self) -> None:
        """Say what went past the ear since this was last called."""
        for stretch in self.engine.heard():
            if stretch.skipped:
                self._saved_ms += (stretch.end_ms - stretch.start_ms) / stretch.speed
            # where nothing can be heard a silence that is left out proves nothing either
            level_db = stretch.level_db if self._audible else None
            self._listener.heard(replace(stretch, audible=stretch.audible and self._audible, level_db=level_db))

    async def aclose(self) -> None:
        """Silence; let go of the engine's thread."""
        await asyncio.to_thread(self.engine.close)
        self.tell_heard()


class GoingOn(Protocol):
    """Conversations that still go on and can be heard meanwhile; null for any other session."""

    async def ears(self, session: OpenSession, listener: Listener) -> Ears | None: ...


def _sound(output: Output | None) -> Output:
    from qa_player.media.engine.null_output import NullOutput

    return output if output is not None else NullOutput()
