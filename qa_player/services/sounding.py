"""Sounding: the recording of the open session as it is heard: an engine, the bytes of its parts, and its picture."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from qa_player.model.playback import PartPlace, Phase, PlaybackState
from qa_player.services.ears import Ears, Listener
from qa_player.services.open_part import OpenPart
from qa_player.services.pictures import Pictures

if TYPE_CHECKING:
    from qa_player.media.decode.landmarks import Landmarks
    from qa_player.media.engine import EngineSnapshot, Segment


class Sounding(Ears):
    """Made when the bytes are at hand."""

    def __init__(self, parts: Sequence[OpenPart], listener: Listener) -> None:
        super().__init__(listener)
        self._parts = tuple(parts)
        self._here = [part.cached for part in parts if part.cached is not None]
        self._places: tuple[PartPlace, ...] = ()
        for cached in self._here:
            cached.changed.connect(listener.changed)
        self._pictures = Pictures(
            [part.cached for part in parts], listener.show, places=self.engine.placed, playing=listener.playing
        )

    def begin(self, state: PlaybackState, position_ms: float) -> None:
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

    def read(self, state: PlaybackState) -> tuple[PlaybackState, EngineSnapshot]:
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

    async def aclose(self) -> None:
        """Silence; let go of the engine's thread, the picture and the bytes."""
        await self._pictures.aclose()
        await super().aclose()
        for cached in self._here:
            cached.changed.disconnect(self._listener.changed)
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
