"""Sounding: the recording of the open session as it is heard: an engine, the bytes of its parts, and its picture."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from qa_player.model.peaks import Peaks
from qa_player.model.playback import Heard, PartPlace, Phase, PlaybackState
from qa_player.model.transcript import Turn
from qa_player.services.open_part import OpenPart
from qa_player.services.pictures import Pictures

if TYPE_CHECKING:
    from qa_player.media.decode.landmarks import Landmarks
    from qa_player.media.engine import EngineSnapshot, Output, Segment


class Sounding:
    """Made when the bytes are at hand. ``changed`` is called on the loop when there is something new to read;
    ``show`` whenever the picture grew; ``playing`` says whether sound needs the core now.

    ``engine`` takes what the listener wants; its methods return at once. ``heard`` is called for every stretch that
    went past the ear, soon after it did.
    """

    def __init__(
        self,
        parts: Sequence[OpenPart],
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

        self._parts = tuple(parts)
        self._here = [part.cached for part in parts if part.cached is not None]
        self._places: tuple[PartPlace, ...] = ()
        self._changed = changed
        self._heard = heard
        self._saved_ms = 0.0
        self._audible = output is not None
        self.engine = Engine(_sound(output), latency_ms=latency_ms, notify=tell)
        for cached in self._here:
            cached.changed.connect(changed)
        self._pictures = Pictures([part.cached for part in parts], show, places=self.engine.placed, playing=playing)

    def begin(self, state: PlaybackState, position_ms: float) -> None:
        """Sound as ``state`` says, from ``position_ms``."""
        self.engine.listen(state.listening)
        self.engine.open_parts(
            [
                _segment(one, functools.partial(self._pictures.landmarks, number))
                for number, one in enumerate(self._parts)
            ]
        )
        if position_ms:
            self.engine.seek(position_ms)
        if state.playing:
            self.engine.play()

    def use(self, output: Output | None) -> None:
        """Another sound device from what is heard now, or none: then a silent clock runs."""
        self.engine.set_output(_sound(output))
        self.tell_heard()
        self._audible = output is not None

    def guard(self, turns: Sequence[Turn]) -> None:
        """Silence is not left out near the edges of turns."""
        times = ((turn.start_ms, turn.end_ms) for turn in turns)
        self.engine.guard(edge for turn in times for edge in turn if edge is not None)

    def read(self, state: PlaybackState) -> tuple[PlaybackState, EngineSnapshot]:
        """``state`` as it is now, and what the engine says beside it."""
        heard = self.engine.snapshot()
        self._look_at_places()
        sizes = [cached.size for cached in self._here]
        size = sum(size or 0 for size in sizes) if all(sizes) else 0
        held = sum(cached.held_bytes for cached in self._here)
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
            held=round(held / size, 2) if size else 0.0,
            verified=all(part.cached is not None and part.cached.verified for part in self._parts),
            audible=self._audible,
            error=heard.error or next((cached.error for cached in self._here if cached.error is not None), None),
            parts=self._places,
            resumes_at=max((cached.resumes_at for cached in self._here if cached.resumes_at is not None), default=None),
        )
        return now, heard

    def tell_heard(self) -> None:
        """Say what went past the ear since this was last called."""
        for stretch in self.engine.heard():
            if stretch.skipped:
                self._saved_ms += (stretch.end_ms - stretch.start_ms) / stretch.speed
            # where nothing can be heard a silence that is left out proves nothing either
            level_db = stretch.level_db if self._audible else None
            self._heard(replace(stretch, audible=stretch.audible and self._audible, level_db=level_db))

    async def aclose(self) -> None:
        """Silence; let go of the engine's thread, the picture and the bytes."""
        await self._pictures.aclose()
        await asyncio.to_thread(self.engine.close)
        self.tell_heard()
        for cached in self._here:
            cached.changed.disconnect(self._changed)
            await cached.aclose()

    def _look_at_places(self) -> None:
        places = tuple(
            PartPlace(
                one.part.part_id,
                None if place.start_ms is None else round(place.start_ms),
                None if place.duration_ms is None else round(place.duration_ms),
                place.error,
            )
            for one, place in zip(self._parts, self.engine.placed(), strict=False)
        )
        if places != self._places:
            self._places = places
            self._pictures.moved()


def _segment(one: OpenPart, landmarks: Callable[[], Landmarks | None]) -> Segment:
    from qa_player.media.engine import Segment

    reader = None if one.cached is None else one.cached.reader
    return Segment(reader, one.part.start_ms, one.part.duration_ms, one.error, landmarks)


def _sound(output: Output | None) -> Output:
    from qa_player.media.engine.null_output import NullOutput

    return output if output is not None else NullOutput()
