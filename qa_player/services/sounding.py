"""Sounding: the recording of the open session as it is heard: an engine, the bytes under it, and its picture."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from qa_player.model.peaks import Peaks
from qa_player.model.playback import Heard, Phase, PlaybackState
from qa_player.services.picture import Picture

if TYPE_CHECKING:
    from qa_player.media.cache import CachedRecording
    from qa_player.media.engine import EngineSnapshot, Output


class Sounding:
    """Made when the bytes are at hand. ``changed`` is called on the loop when there is something new to read;
    ``show`` whenever the picture grew; ``playing`` says whether sound needs the core now.

    ``engine`` takes what the listener wants; its methods return at once. ``heard`` is called for every stretch that
    went past the ear, soon after it did.
    """

    def __init__(
        self,
        cached: CachedRecording,
        *,
        output: Output | None,
        latency_ms: int,
        changed: Callable[[], None],
        show: Callable[[Peaks], None],
        playing: Callable[[], bool],
        heard: Callable[[Heard], None],
    ) -> None:
        from qa_player.media.engine import Engine

        loop = asyncio.get_running_loop()

        def tell() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(changed)

        self._cached = cached
        self._changed = changed
        self._heard = heard
        self._saved_ms = 0.0
        self._audible = output is not None
        self.engine = Engine(_sound(output), latency_ms=latency_ms, notify=tell)
        cached.changed.connect(changed)
        self._picture = Picture(cached, show, playing=playing)

    def begin(self, state: PlaybackState, position_ms: float) -> None:
        """Sound as ``state`` says, from ``position_ms``."""
        self.engine.listen(state.listening)
        self.engine.open(self._cached.reader, landmarks=lambda: self._picture.landmarks)
        if position_ms:
            self.engine.seek(position_ms)
        if state.playing:
            self.engine.play()

    def use(self, output: Output | None) -> None:
        """Another sound device from what is heard now, or none: then a silent clock runs."""
        self.engine.set_output(_sound(output))
        self.tell_heard()
        self._audible = output is not None

    def read(self, state: PlaybackState) -> tuple[PlaybackState, EngineSnapshot]:
        """``state`` as it is now, and what the engine says beside it."""
        heard = self.engine.snapshot()
        size = self._cached.size
        now = replace(
            state,
            phase=Phase.FAILED if heard.error is not None else Phase.READY,
            playing=heard.playing,
            buffering=heard.buffering,
            ended=heard.ended,
            speed=heard.speed,
            apart=heard.apart,
            saved_ms=round(self._saved_ms),
            duration_ms=heard.duration_ms,
            held=round(self._cached.held_bytes / size, 2) if size else 0.0,
            verified=self._cached.verified,
            audible=self._audible,
            error=heard.error or self._cached.error,
        )
        return now, heard

    def tell_heard(self) -> None:
        """Say what went past the ear since this was last called."""
        for stretch in self.engine.heard():
            if stretch.skipped:
                self._saved_ms += (stretch.end_ms - stretch.start_ms) / stretch.speed
            self._heard(replace(stretch, audible=stretch.audible and self._audible))

    async def aclose(self) -> None:
        """Silence; let go of the engine's thread, the picture and the bytes."""
        await self._picture.aclose()
        await asyncio.to_thread(self.engine.close)
        self.tell_heard()
        self._cached.changed.disconnect(self._changed)
        await self._cached.aclose()


def _sound(output: Output | None) -> Output:
    from qa_player.media.engine.null_output import NullOutput

    return output if output is not None else NullOutput()
