"""Conversations that go on are asked for again: at once when they change, seldom when not, and not for ever."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from parts.conversations import conversation
from parts.desk import Desk
from qa_player.demo.samples import Sample
from qa_player.demo.server import DemoServer
from qa_player.model.session import SessionDetail, SessionState
from qa_player.services.ongoing import LATEST_S, MOST_ASKS, SOONEST_S, Ongoing

TURN = {"role": "user", "text": "Hi", "start_ms": 0, "end_ms": 900}


class Wall:
    """A clock that moves when somebody sleeps; after ``looks`` looks it is over."""

    def __init__(self, looks: int, at: Callable[[int], object] = lambda look: None) -> None:
        self.now, self.left, self.look, self.at = 0.0, looks, 0, at

    async def sleep(self, seconds: float) -> None:
        if self.look == self.left:
            raise asyncio.CancelledError
        self.at(self.look)
        self.look += 1
        self.now += seconds
        await asyncio.sleep(0)


def going(turns: int = 1, *, hours_ago: float = 0.1, **told: object) -> Sample:
    shown = conversation(7, turns=[TURN] * turns, **({"finalized": False, "recording_status": "RECORDING"} | told))
    return Sample(shown.told, datetime.now(UTC) - timedelta(hours=hours_ago))


async def watched(desk: Desk, wall: Wall, *, before: SessionDetail | None = None) -> list[SessionDetail]:
    ongoing = Ongoing(library=desk.library, sleep=wall.sleep, monotonic=lambda: wall.now)
    changed: list[SessionDetail] = []
    ongoing.changed.connect(changed.append)
    with contextlib.suppress(asyncio.CancelledError):
        await ongoing.watch(lambda: None if before is None else before.session)
    return changed


def asks(server: DemoServer) -> int:
    return sum("/sessions/" in logged.path for logged in server.log)


async def begun(desk: Desk, serve: Callable[..., DemoServer], *samples: Sample) -> DemoServer:
    server = serve(*samples)
    await desk.connect(server)
    await desk.library.refresh("acme")
    return server


async def test_new_turns_and_the_end_are_told_and_then_nothing(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    server = await begun(desk, serve, going())
    tells = {10: going(2), 20: going(3), 40: going(3, finalized=True, recording_status="NONE")}
    changed = await watched(desk, Wall(200, lambda look: look in tells and server.api.tell(tells[look])))
    assert [(len(one.turns), one.session.state) for one in changed] == [
        (2, SessionState.IN_PROGRESS),
        (3, SessionState.IN_PROGRESS),
        (3, SessionState.READY),
    ]
    at_the_end = asks(server)
    assert await watched(desk, Wall(100)) == []
    assert asks(server) == at_the_end, "what has ended is left alone"


async def test_patience_and_its_bound(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    server = await begun(desk, serve, going())
    wall = Wall(120)
    assert await watched(desk, wall) == []
    fewest, most = wall.now / LATEST_S - 2, wall.now / LATEST_S + 4
    assert fewest <= asks(server) <= most, f"{asks(server)} in {wall.now:.0f} s; at {SOONEST_S:.0f} s it were many more"
    assert MOST_ASKS * LATEST_S < 5 * 3_600


async def test_trouble_waits_and_a_refusal_ends_it(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    server = await begun(desk, serve, going())
    server.api_faults.status, server.api_faults.times = 500, 2
    tells = {60: going(2)}
    assert len(await watched(desk, Wall(100, lambda look: look in tells and server.api.tell(tells[look])))) == 1
    server.api.key_works = False
    before = asks(server)
    await watched(desk, Wall(200))
    assert asks(server) == before + 1


async def test_what_never_ended_is_forgotten_unless_it_is_open(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    server = await begun(desk, serve, going(hours_ago=300))
    await watched(desk, Wall(50))
    assert asks(server) == 0
    opened = await desk.library.detail("acme", "sess_000007")
    before = asks(server)
    await watched(desk, Wall(50), before=opened)
    assert asks(server) > before, "the control"
