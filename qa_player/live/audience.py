"""Those who listen to a relay: each is told which calls run, and handed on what came of those that it follows."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from qa_player.errors import QaPlayerError
from qa_player.live.cursor import Cursor
from qa_player.live.wire import BATCH_BYTES, BEAT_S, Ask, Beat, Calls, Follow, Here, Over, asked, packed, spelled

if TYPE_CHECKING:
    from qa_player.live.journal import Journal
    from qa_player.live.line import Line
    from qa_player.model.live import Capture

LONGEST_S = 86_400.0
MOST_ASKS = 100
MOST_FOLLOWED = 64


class House(Protocol):
    """Knows the calls. ``follows`` is asked before the first entry is handed on; null for a call it has not."""

    def calls(self) -> tuple[Capture, ...]: ...
    async def follows(self, listener: str, session_id: str) -> Journal | None: ...
    async def over(self, session_id: str) -> Capture | None: ...


class Listener:
    """Fits ``live.line.Guest``. ``stir`` it when there is more to hear; ``left`` is called when it is gone."""

    def __init__(self, name: str, house: House, *, left: Callable[[Listener], None]) -> None:
        self.name = name
        self._house = house
        self._left = left
        self._line: Line | None = None
        self._asks: deque[Ask] = deque()
        self._news = asyncio.Event()
        self._shown: tuple[Capture, ...] | None = None
        self._followed: dict[int, tuple[str, Cursor]] = {}
        self._telling: asyncio.Task[None] | None = None

    @property
    def time_limit_s(self) -> float:
        """A day, then it comes again."""
        return LONGEST_S

    def joined(self, line: Line) -> None:
        self._line = line
        self._telling = asyncio.create_task(self._tell_on(), name=f"listener {self.name}")

    def message(self, message: str | bytes) -> str | None:
        ask = asked(message)
        if ask is None or len(self._asks) >= MOST_ASKS:
            return "a listener asked for what there is not"
        if not isinstance(ask, Here):
            self._asks.append(ask)
            self.stir()
        return None

    def stir(self) -> None:
        """There may be something new."""
        self._news.set()

    def hang_up(self, reason: str) -> None:
        """It may listen no longer."""
        if self._line is not None:
            self._line.hang_up(reason)

    async def ended(self, reason: str) -> None:
        del reason  # nobody is told why a listener left
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)
        self._left(self)

    async def _tell_on(self) -> None:
        # a line that does not take what is said is closed by itself: then there is nobody to be told
        with contextlib.suppress(OSError, TimeoutError):
            while True:
                self._news.clear()
                await self._tell_calls()
                while self._asks:
                    await self._answer(self._asks.popleft())
                if await self._hand_on():
                    continue
                try:
                    async with asyncio.timeout(BEAT_S):
                        await self._news.wait()
                except TimeoutError:
                    await self._say(spelled(Beat()))

    async def _tell_calls(self) -> None:
        calls = self._house.calls()
        if calls != self._shown:
            self._shown = calls
            await self._say(spelled(Calls(calls)))

    async def _answer(self, ask: Ask) -> None:
        if not isinstance(ask, Follow):
            session_id = "" if isinstance(ask, Here) else ask.session_id
            await self._say(spelled(Over(session_id, await self._known_over(session_id))))
            return
        try:
            journal = await self._house.follows(self.name, ask.session_id)
        except QaPlayerError:
            journal = None
        if journal is None or len(self._followed) >= MOST_FOLLOWED:
            await self._say(spelled(Over(ask.session_id, None)))
        else:
            self._followed[ask.channel] = (ask.session_id, Cursor(journal, ask.place))

    async def _hand_on(self) -> bool:
        """Something of each followed call, in turn; whether there may be more at once."""
        more = False
        going_on = {one.session_id for one in self._house.calls()}
        for channel, (session_id, cursor) in list(self._followed.items()):
            entries = await asyncio.to_thread(cursor.read, BATCH_BYTES)
            if entries:
                more = True
                await self._say(packed(channel, cursor.place - len(entries), entries))
            elif session_id not in going_on:
                del self._followed[channel]
                await self._say(spelled(Over(session_id, await self._known_over(session_id))))
        return more

    async def _known_over(self, session_id: str) -> Capture | None:
        try:
            return await self._house.over(session_id)
        except QaPlayerError:
            return None

    async def _say(self, message: str | bytes) -> None:
        if self._line is not None:
            await self._line.send(message)
