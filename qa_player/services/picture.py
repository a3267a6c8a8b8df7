"""The picture of the open recording: peaks from the cache while it fills, kept sealed, drawn at once the next time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from qa_player.errors import QaPlayerError
from qa_player.model.peaks import Peaks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qa_player.media.cache import CachedRecording
    from qa_player.media.decode.landmarks import Landmarks
    from qa_player.media.peaks.sealed_file import Kept

_log = logging.getLogger(__name__)


class Picture:
    """Works in a thread of its own and rests while sound needs the core; ``show`` is called on the loop.

    Pictures that are given the same ``turn`` are drawn one after the other.
    """

    def __init__(
        self,
        cached: CachedRecording,
        show: Callable[[Peaks], None],
        *,
        playing: Callable[[], bool],
        turn: asyncio.Lock | None = None,
    ) -> None:
        self._cached = cached
        self._turn = turn or asyncio.Lock()
        self._show = show
        self._playing = playing
        self._stopped = threading.Event()
        self._changed = asyncio.Event()
        self._cached.changed.connect(self._changed.set)
        self.landmarks: Landmarks | None = None
        """The ways to far places that are known by now."""
        self._task = asyncio.create_task(self._draw(), name="peaks")

    async def aclose(self) -> None:
        """Stop drawing; what was not finished is drawn again the next time."""
        self._stopped.set()
        self._cached.changed.disconnect(self._changed.set)
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _draw(self) -> None:
        loop = asyncio.get_running_loop()

        def grown(peaks: Peaks) -> None:
            if not self._stopped.is_set():
                loop.call_soon_threadsafe(self._shown, peaks)

        try:
            async with self._turn:
                drawn = await asyncio.to_thread(self._drawn, self._cached.record.sha256, grown)
            if drawn is not None:
                await self._keep(drawn)
        except QaPlayerError as error:
            # playing tells the person what is wrong with the recording; the picture only stays empty
            _log.info("no peaks: %s", error.kind)

    def _shown(self, peaks: Peaks) -> None:
        if not self._stopped.is_set():
            self._show(peaks)

    async def _keep(self, drawn: Kept) -> None:
        """Keep the picture once its recording is known to be whole, which takes a moment after its last byte."""
        from qa_player.media.peaks import sealed_file

        while not self._cached.verified:
            self._changed.clear()
            await self._changed.wait()
        sha256 = self._cached.record.sha256
        if sha256 is not None:
            path, key = self._cached.peaks_place
            await asyncio.to_thread(sealed_file.save, path, drawn, key, sha256)

    def _drawn(self, sha256: str | None, grown: Callable[[Peaks], None]) -> Kept | None:
        """The picture, drawn from the sound; null when it is kept already or nobody waits for it any more."""
        from qa_player.media.cache.reader import ReadCancelled
        from qa_player.media.decode.landmarks import Landmarks
        from qa_player.media.peaks import pyramid, sealed_file

        path, key = self._cached.peaks_place
        kept = None if sha256 is None else sealed_file.load(path, key, sha256)
        if kept is not None:
            self.landmarks = kept.landmarks
            grown(kept.peaks)
            return None
        stopped = self._stopped.is_set
        try:
            sketched = self._sketched(grown)
            drawn = self._drawn_by_workers(grown)
            if drawn is not None:
                return drawn
            self.landmarks = noted = Landmarks()
            peaks = pyramid.build(
                self._cached.reader(stopped, urgent=False),
                progress=lambda peaks: grown(peaks if peaks.complete else replace(peaks, sketch=sketched)),
                cancelled=stopped,
                throttle=pyramid.half_of_a_core(self._playing),
                landmarks=noted,
            )
        except ReadCancelled:
            return None
        return sealed_file.Kept(peaks, noted)

    def _sketched(self, grown: Callable[[Peaks], None]) -> NDArray[np.int8] | None:
        """A rough picture of all of it, when all of it is here: elsewhere each place would be a request."""
        from qa_player.media.peaks.sketch import sketch

        if not self._cached.verified or self._playing():
            return None
        rough = sketch(self._cached.reader(self._stopped.is_set, urgent=False), cancelled=self._stopped.is_set)
        if rough is None:
            return None
        grown(rough)
        return rough.sketch

    def _drawn_by_workers(self, grown: Callable[[Peaks], None]) -> Kept | None:
        """The whole by processes beside this one, while nothing plays; null where that is no gain or play began."""
        from qa_player.media.cache.reader import ReadCancelled
        from qa_player.media.peaks.workers import drawn_by_workers

        place = self._cached.sealed_place
        if place is None or self._playing():
            return None
        try:
            drawn = drawn_by_workers(place, unwanted=lambda: self._stopped.is_set() or self._playing())
        except ReadCancelled:
            if self._stopped.is_set():
                raise
            return None
        if drawn is not None:
            self.landmarks = drawn.landmarks
            grown(drawn.peaks)
        return drawn
