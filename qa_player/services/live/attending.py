"""One relay elsewhere that is listened to: its line, dialled again when lost, and what is followed of its calls."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa_player.errors import KeyRefusedError, NetworkError, NotFoundError, QaPlayerError
from qa_player.model.live import Capture, RelayLine
from qa_player.services.live.captures import Captures
from qa_player.services.live.mirror import Mirror
from qa_player.services.live.rows import RelayRows

if TYPE_CHECKING:
    from qa_player.live.hearing import Dialled, Hearing
    from qa_player.live.wire import Batch, Told

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
LOOKED_FOR_EVERY_S = 1.0
STALLED_S = 30.0


@dataclass(frozen=True)
class Events:
    """Called on the loop: the calls or the line are others; there is more of a call to hear; a call that was had from
    elsewhere is kept; something is to be told to a person."""

    changed: Callable[[], None]
    heard: Callable[[str], None]
    kept: Callable[[Capture], None]
    trouble: Callable[[str, str], None]


class Attendance:
    """``dial`` says where to dial, null while there is nowhere. ``run`` until cancelled, then `aclose`."""

    def __init__(
        self, rows: RelayRows, captures: Captures, dial: Callable[[], Awaitable[Dialled | None]], events: Events
    ) -> None:
        self.state = RelayLine.DIALLING
        self.calls: dict[str, Capture] = {}
        """Those that go on, by what the relay calls them."""
        self._rows, self._captures, self._dial, self._events = rows, captures, dial, events
        self._mirrors: dict[str, Mirror] = {}
        self._channels: dict[int, str] = {}
        self._line: Hearing | None = None
        self._beginning = asyncio.Lock()

    @property
    def name(self) -> str:
        return self._rows.relay

    @property
    def way_ms(self) -> float:
        """How long what is said takes from the relay to here, about."""
        return 0.0 if self._line is None else self._line.way_ms

    async def run(self) -> None:
        """Listen; a line that is lost is dialled again after pauses that grow, and goes on where it was."""
        from qa_player.live.hearing import Hearing

        pause_s = FIRST_PAUSE_S
        while True:
            try:
                dialled = await self._dial()
                if dialled is not None:
                    line = await Hearing.opened(dialled)
                    pause_s = FIRST_PAUSE_S
                    await self._attend(line)
                self._become(RelayLine.DIALLING if dialled is None else RelayLine.LOST)
            except KeyRefusedError as refused:
                if self.state is not RelayLine.REFUSED and self.name:
                    self._events.trouble(f"{self.name}: {refused.message}", refused.next_step)
                self._become(RelayLine.REFUSED)
            except QaPlayerError:
                self._become(RelayLine.LOST)
            # this home's own is looked for, one elsewhere is not to be dialled by everybody in the same moment
            await asyncio.sleep(pause_s * (0.75 + secrets.randbelow(500) / 1_000) if self.name else LOOKED_FOR_EVERY_S)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def follow(self, session_id: str) -> Mirror:
        """What comes of a call, from its beginning. Raises NotFoundError, NetworkError, StorageError."""
        remote = next((key for key, one in self.calls.items() if one.session_id == session_id), None)
        if remote is None:
            raise NotFoundError("This call does not go on at its relay.", "See the calls in progress.")
        return await self._followed(remote, self.calls[remote])

    async def fetch(self, capture: Capture) -> None:
        """Have a call that has ended from the relay. Raises NetworkError, NotFoundError, StorageError."""
        mirror = await self._followed(capture.relay_session, capture)
        place = -1
        while not mirror.over.done() and place < mirror.place:
            place = mirror.place
            await asyncio.wait([mirror.over], timeout=STALLED_S)
        if not mirror.over.done():
            self._mirrors.pop(capture.relay_session, None)
            await mirror.aclose()
            raise NetworkError("The relay does not hand this call on.", "Open it again once its line is there.")

    async def aclose(self) -> None:
        """Let go of what was followed; it is gone on with another time."""
        for mirror in self._mirrors.values():
            await mirror.aclose()
        self._mirrors.clear()
        self.calls.clear()

    async def _followed(self, remote: str, capture: Capture) -> Mirror:
        async with self._beginning:
            mirror = self._mirrors.get(remote)
            if mirror is not None:
                return mirror
            if self._line is None:
                raise NetworkError("The line to this call's relay is lost.", "It is dialled again by itself.")
            mirror = self._mirrors[remote] = await Mirror.begun(capture, self._captures, kept=bool(self.name))
            await self._ask_on(remote)
            return mirror

    async def _ask_on(self, remote: str) -> None:
        from qa_player.live.wire import Follow

        channel = len(self._channels)
        self._channels[channel] = remote
        if self._line is not None:
            await self._line.ask(Follow(remote, self._mirrors[remote].place, channel))

    async def _attend(self, line: Hearing) -> None:
        self._line = line
        self._channels.clear()
        try:
            self._become(RelayLine.OPEN)
            for remote in list(self._mirrors):
                await self._ask_on(remote)
            async for said in line.said():
                await self._hear(said)
        finally:
            self._line = None
            await line.aclose()

    async def _hear(self, said: Told) -> None:
        from qa_player.live.wire import Batch, Calls, Over

        if isinstance(said, Batch):
            self._take(said)
        elif isinstance(said, Calls):
            await self._told_calls(said.calls)
        elif isinstance(said, Over):
            await self._told_over(said.session_id, said.capture)

    def _take(self, batch: Batch) -> None:
        mirror = self._mirrors.get(self._channels.get(batch.channel, ""))
        if mirror is not None:
            mirror.take(batch)
            self._events.heard(mirror.capture.session_id)

    async def _told_calls(self, calls: tuple[Capture, ...]) -> None:
        from qa_player.live.wire import Tell

        told = {one.session_id: one for one in calls}
        for remote, one in told.items():
            if remote not in self.calls:
                self.calls[remote] = await self._rows.of(one)
        missing = {one.relay_session: one for one in await self._rows.under_way()} | self.calls
        for remote, one in missing.items():
            begun = await asyncio.to_thread(self._rows.begun_here, one)
            if begun and remote not in self._mirrors:
                # it was listened to before this window was closed: all of it is wanted
                await self._followed(remote, one)
            elif remote not in told and remote not in self._mirrors and self._line is not None:
                await self._line.ask(Tell(remote))
        self._events.changed()

    async def _told_over(self, remote: str, told: Capture | None) -> None:
        mirror = self._mirrors.pop(remote, None)
        known = {one.relay_session: one for one in await self._rows.under_way()} | self.calls
        capture = known.get(remote) if mirror is None else mirror.capture
        try:
            if mirror is not None and told is not None:
                await self._end(mirror, told)
            else:
                if mirror is not None:
                    await mirror.aclose()
                if capture is not None:
                    await self._rows.over(capture, told)
        finally:
            self.calls.pop(remote, None)
            self._events.changed()

    async def _end(self, mirror: Mirror, told: Capture) -> None:
        try:
            same = await mirror.end(told)
        except QaPlayerError:
            await mirror.aclose()
            raise
        if not same:
            self._events.trouble(
                f"The call {mirror.capture.call_id} is not what its relay sealed.",
                "Something was changed or lost on the way, or on a disk: compare it there before you rely on it.",
            )
        self._events.kept(mirror.capture)

    def _become(self, state: RelayLine) -> None:
        if state is not self.state:
            self.state = state
            self._events.changed()
