"""One call that is being received: what comes goes into its journal, and onto the disk twice a second."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from qa_player.errors import QaPlayerError
from qa_player.model.live import Capture, CaptureState
from qa_player.services.live.captures import Captures
from qa_player.services.live.summing import summed

if TYPE_CHECKING:
    from qa_player.live.line import Line
    from qa_player.live.received import Received

FLUSHED_EVERY_S = 0.5
TOLD_EVERY_S = 0.05
GRACE_S = 30.0
"""How much longer than was asked for a line may stay open: the carrier ends it, we only make sure."""

Told = Callable[["Reception"], None]


class Reception:
    """Fits ``live.line.Guest``. ``heard`` is called when there is more to hear, ``over`` once it is kept."""

    def __init__(
        self, capture: Capture, received: Received, captures: Captures, *, heard: Told, over: Told, now_s: float = 0.0
    ) -> None:
        self.capture = capture
        self.received = received
        self._captures = captures
        self._heard, self._over = heard, over
        self._began = time.monotonic() - now_s
        self._told_at = 0.0
        self._line: Line | None = None
        self._ending = asyncio.Event()
        self._trouble: QaPlayerError | None = None
        captures.receiving[capture.session_id] = received
        self._flushing = asyncio.create_task(self._flush_on(), name="live journal")

    @property
    def time_limit_s(self) -> float:
        """How long the line may be open."""
        return self.capture.wish.time_limit_s + GRACE_S

    @property
    def session_id(self) -> str:
        return self.capture.session_id

    @property
    def end_ms(self) -> int:
        """Up to where there is sound, in milliseconds from audio zero."""
        return self.received.timeline.end_ms

    def joined(self, line: Line) -> None:
        """The line is open."""
        self._line = line

    def message(self, message: str | bytes) -> str | None:
        """Take one message in; a reason to hang up, null to go on."""
        from qa_player.live.frames import Start

        frame = self.received.take(message, self.now_ms)
        if isinstance(frame, Start) and frame.call_id and frame.call_id.lower() != self.capture.call_id.lower():
            return "what was sent is another call than the one that was expected"
        if self.received.stopped:
            return "the carrier ended the stream"
        if self._trouble is not None:
            return "the disk would not take what came"
        if time.monotonic() - self._told_at >= TOLD_EVERY_S:
            self._told_at = time.monotonic()
            self._heard(self)
        return None

    def note(self, text: str, *, of_carrier: bool = True) -> None:
        """Keep beside the sound what the carrier said of the stream, or what was done here."""
        self.received.note({"carrier" if of_carrier else "here": text}, self.now_ms)

    def hang_up(self, reason: str) -> None:
        """End it from here: at once, whatever the network does."""
        if self._line is not None:
            self._line.hang_up(reason)

    async def say(self, text: str) -> None:
        """Send one message to the carrier. Raises OSError, TimeoutError."""
        if self._line is not None:
            await self._line.send(text)

    @property
    def now_ms(self) -> int:
        """Since it began."""
        return int((time.monotonic() - self._began) * 1_000)

    async def ended(self, reason: str) -> None:
        """No more comes: everything onto the disk, and the row says how it ended."""
        self.received.note({"ended": reason}, self.now_ms)
        self.received.finish(self.now_ms)
        self._ending.set()
        await self._flushing
        unkept = self.received.journal.unflushed
        lost = f"; the disk did not take the last {unkept} messages" if unkept else ""
        over = {
            "state": CaptureState.ENDED,
            "ended_at": self._captures.trail.now(),
            "end_reason": f"{reason}{lost}",
        }
        whole = summed(self.capture, self.received)
        missing = {"lost": whole.lost + unkept, "sum": None} if unkept else {}
        self.capture = whole.model_copy(update=over | missing)
        try:
            await self._captures.ended(self.capture)
        except QaPlayerError:
            # the database would not take it: the next start of a relay finds it begun and not over
            return
        finally:
            self._captures.receiving.pop(self.session_id, None)
            self._over(self)

    async def _flush_on(self) -> None:
        while True:
            # looked at before the flush: what came last is on the disk before this ends
            last = self._ending.is_set()
            self.received.settle_keys(self.now_ms)
            try:
                await self._flush()
            except QaPlayerError as error:
                self._trouble = error
                if self._line is not None:
                    self._line.hang_up("the disk would not take what came")
            if last:
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FLUSHED_EVERY_S):
                    await self._ending.wait()

    async def _flush(self) -> None:
        if self.received.journal.turn():
            await asyncio.to_thread(self.received.journal.flush)
        if self.received.stream_id and not self.capture.stream_id:
            self.capture = self.capture.model_copy(update={"stream_id": self.received.stream_id})
            await self._captures.name_stream(self.session_id, self.received.stream_id)


def levels(received: Received) -> tuple[int, int]:
    """How loud the last tenth of a second was, inbound and outbound, 0 to 32767."""
    from qa_player.live.rendering import heard

    timeline = received.timeline
    sound = heard(received, max(timeline.end - timeline.rate // 10, 0), timeline.end)
    return (0, 0) if not len(sound) else (loudest(sound[:, 0]), loudest(sound[:, 1]))


def loudest(samples: Any) -> int:
    """The largest of ``samples`` without its sign, at most 32767."""
    return min(max(int(samples.max()), -int(samples.min())), 32_767)
