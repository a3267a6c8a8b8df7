"""What comes next in the queue is brought beforehand: its data always, its recording only where that is allowed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from parts.conversations import conversation, tone
from parts.desk import Desk
from qa_player.demo.samples import Sample
from qa_player.demo.server import DemoServer
from qa_player.errors import NotFoundError, UsageError
from qa_player.model.connection import PREFETCH
from qa_player.model.secret import Secret

FIRST, SECOND = "sess_000001", "sess_000002"


@pytest.fixture
def two(tmp_path: Path) -> tuple[Sample, Sample]:
    """Two conversations with recordings."""
    one, other = (conversation(number, tone(tmp_path / "media", f"tone-{number}")) for number in (1, 2))
    return one, other


async def queued(desk: Desk, server: DemoServer, **options: str) -> None:
    """A connection with these options, both sessions listed and in the queue."""
    offered = server.connections[0]
    await desk.connections.add(
        name="acme", provider=offered.provider, base_url=offered.base_url, options=options, key=Secret(offered.key)
    )
    await desk.library.refresh("acme")
    for session_id in (FIRST, SECOND):
        await desk.queue.add("acme", session_id)


async def brought(desk: Desk) -> bool:
    """What follows the first, brought as the window does it; whether its recording is here."""
    coming = await desk.ahead.bring("acme", FIRST)
    assert coming is not None
    assert coming.place == ("acme", SECOND)
    return await desk.ahead.bring_recording(coming)


def asked_of(server: DemoServer, session_id: str) -> int:
    return sum(session_id in one.path for one in server.log)


async def test_the_next_sessions_data_is_here_before_it_is_opened(
    desk: Desk, serve: Callable[..., DemoServer], two: tuple[Sample, Sample]
) -> None:
    server = serve(*two)
    await queued(desk, server)
    assert not desk.ahead.is_ready("acme", SECOND)
    assert not await brought(desk), "its recording is left alone"
    assert desk.ahead.is_ready("acme", SECOND)
    assert [event.session_id for event in await desk.events("session.prefetched")] == [SECOND]
    assert await desk.events("recording.prefetched") == []
    assert await desk.events("session.opened") == [], "nobody has opened it"
    before = asked_of(server, SECOND)
    session = await desk.library.open("acme", SECOND, fresh=not desk.ahead.is_ready("acme", SECOND))
    assert session.turns
    assert asked_of(server, SECOND) == before, "its provider is not asked again"
    await desk.ahead.bring("acme", FIRST)
    assert len(await desk.events("session.prefetched")) == 1, "nor is it brought twice"


async def test_its_recording_is_fetched_where_the_connection_allows_it_and_told_as_that(
    desk: Desk, serve: Callable[..., DemoServer], two: tuple[Sample, Sample]
) -> None:
    server = serve(*two)
    await queued(desk, server, prefetch="yes")
    assert (await desk.connections.named("acme")).prefetches
    assert await brought(desk)
    (event,) = await desk.events("recording.prefetched")
    assert event.session_id == SECOND
    assert await desk.events("recording.opened") == []
    server.stop()
    session = await desk.library.open("acme", SECOND)
    parts = await desk.recordings.open_parts(session)
    assert all(one.cached is not None and one.cached.verified for one in parts)
    for one in parts:
        assert one.cached is not None
        await one.cached.aclose()
    assert len(await desk.events("recording.opened")) == 1, "opening it is an act of its own"


async def test_outside_of_the_queue_nothing_is_brought(
    desk: Desk, serve: Callable[..., DemoServer], two: tuple[Sample, Sample]
) -> None:
    await queued(desk, serve(*two))
    await desk.queue.remove("acme", FIRST)
    assert await desk.ahead.bring("acme", FIRST) is None
    await desk.queue.remove("acme", SECOND)
    await desk.queue.add("acme", FIRST)
    assert await desk.ahead.bring("acme", FIRST) is None, "and nothing follows the last one"
    assert await desk.events("session.prefetched") == []


async def test_a_recording_that_cannot_be_had_keeps_nobody_from_work(
    desk: Desk, serve: Callable[..., DemoServer], two: tuple[Sample, Sample]
) -> None:
    await queued(desk, serve(two[0], conversation(2)), prefetch="yes")
    assert not await brought(desk)


async def test_a_connection_is_allowed_it_later_and_forbidden_it_again(
    desk: Desk, serve: Callable[..., DemoServer], two: tuple[Sample, Sample]
) -> None:
    await queued(desk, serve(*two))
    assert (await desk.allowing.allow_prefetch("acme", True)).prefetches
    assert await brought(desk)
    assert not (await desk.allowing.allow_prefetch("acme", False)).prefetches
    assert not (await desk.connections.named("acme")).prefetches
    assert [event.detail for event in await desk.events("connection.changed")] == [
        {"prefetch": True},
        {"prefetch": False},
    ]
    with pytest.raises(NotFoundError):
        await desk.allowing.allow_prefetch("nobody", True)


@pytest.mark.parametrize("value", ["maybe", "", "YES"])
async def test_the_option_is_yes_or_no(
    desk: Desk, serve: Callable[..., DemoServer], two: tuple[Sample, Sample], value: str
) -> None:
    with pytest.raises(UsageError, match="options cannot be used"):
        await queued(desk, serve(*two), **{PREFETCH: value})
    assert await desk.connections.all() == ()
