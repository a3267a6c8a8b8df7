"""The picture of a recording in several parts: each drawn and kept by itself, shown as one over their timeline."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from qa_player.model.peaks import Peaks
from qa_player.services.picture import Picture

if TYPE_CHECKING:
    from qa_player.media.cache import CachedRecording
    from qa_player.media.decode.landmarks import Landmarks
    from qa_player.media.engine import Placed


class Pictures:
    """``parts`` are null where nothing can be had; ``places`` says where they lie as far as is known.

    ``show`` is called on the loop with every part in its place that has one.
    """

    def __init__(
        self,
        parts: Sequence[CachedRecording | None],
        show: Callable[[Peaks], None],
        *,
        places: Callable[[], Sequence[Placed]],
        playing: Callable[[], bool],
    ) -> None:
        self._show = show
        self._places = places
        self._drawn: list[Peaks | None] = [None] * len(parts)
        self._changed = asyncio.Event()
        turn = asyncio.Lock()
        self._pictures = {
            number: Picture(cached, functools.partial(self._grown, number), playing=playing, turn=turn)
            for number, cached in enumerate(parts)
            if cached is not None
        }
        self._task = asyncio.create_task(self._join(), name="peaks of all parts")

    def moved(self) -> None:
        """A part has another place, or another length."""
        if len(self._drawn) > 1:
            self._changed.set()

    def landmarks(self, number: int) -> Landmarks | None:
        """The ways to far places of one part that are known by now."""
        picture = self._pictures.get(number)
        return None if picture is None else picture.landmarks

    async def aclose(self) -> None:
        """Stop drawing; what was not finished is drawn again the next time."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        for picture in self._pictures.values():
            await picture.aclose()

    def _grown(self, number: int, peaks: Peaks) -> None:
        if len(self._drawn) == 1:
            self._show(peaks)
            return
        self._drawn[number] = peaks
        self._changed.set()

    async def _join(self) -> None:
        """Many changes while one picture is made become one more picture."""
        from qa_player.media.peaks.joined import Piece, joined

        while True:
            await self._changed.wait()
            self._changed.clear()
            pieces = [
                Piece(place.start_ms, place.duration_ms, peaks, place.error is not None)
                for place, peaks in zip(self._places(), self._drawn, strict=True)
                if place.start_ms is not None and place.duration_ms is not None
            ]
            whole = await asyncio.to_thread(joined, pieces)
            if whole is not None:
                self._show(whole)
