"""Delays of a session: estimated until its recording was listened to, measured and kept from then on, and handed on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from parts.clocks import sample_named
from parts.desk import Desk
from parts.loop import Loop
from qa_player.app import App, build
from qa_player.demo.server import DemoServer
from qa_player.errors import NoRecordingError
from qa_player.files import Home
from qa_player.model.delay import Basis
from qa_player.model.listing import SessionFilter
from qa_player.model.start import Start
from qa_player.services.library import OpenSession
from qa_player.services.timing import set_by_person

STEREO = "Talking over each other"
LYZR = "Lyzr demo"


async def opened(desk: Desk, subject: str) -> OpenSession:
    return await desk.library.open("acme", sample_named(subject).session_id)


async def fetched(desk: Desk, session: OpenSession) -> None:
    await desk.recordings.fetch("acme", session.session_id, out=None, reason="", progress=lambda *_: None)


async def test_nothing_is_known_without_ends_until_the_recording_was_heard(
    desk: Desk, serve: Callable[..., DemoServer], tmp_path: Path
) -> None:
    await desk.connect(serve(sample_named(STEREO)))
    session = await opened(desk, STEREO)
    before = await desk.delays.of(session)
    assert (before.basis, before.told_interruptions) == (None, 26)
    shares: list[float] = []
    found = await desk.delays.listen(session, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    assert (found.basis, len(found.interruptions), len(found.answers)) == (Basis.MEASURED, 26, 2)
    assert await desk.delays.of(session) == found
    await desk.exchange.export("acme", session.session_id, format="json", path=tmp_path / "x.json")
    told = json.loads((tmp_path / "x.json").read_text("utf-8"))["delays"]
    assert (told["basis"], told["told_interruptions"]) == ("measured", 26)
    assert [one["overlap_ms"] for one in told["interruptions"]] == [one.overlap_ms for one in found.interruptions]


async def test_a_recording_that_is_here_is_heard_once_and_nobody_is_asked(
    desk: Desk, serve: Callable[..., DemoServer]
) -> None:
    server = serve(sample_named(STEREO))
    await desk.connect(server)
    session = await opened(desk, STEREO)
    assert await desk.delays.listen_to_kept(session) is None, "it is not here yet"
    await fetched(desk, session)
    server.stop()
    events = len(await desk.audit.show())
    found = await desk.delays.listen_to_kept(session)
    assert found is not None
    assert len(found.interruptions) == 26
    assert await desk.delays.listen_to_kept(session) == found
    assert len(await desk.audit.show()) == events, "no provider was asked, and nothing new was opened"


async def test_a_clock_that_somebody_sets_moves_no_gap(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    await desk.connect(serve(sample_named("Complaint")))
    session = await opened(desk, "Complaint")
    found = await desk.delays.listen(session)
    assert found.basis is Basis.MEASURED
    moved = await desk.timings.placed(session, set_by_person(9_000, 0))
    assert moved.turns != session.turns
    assert await desk.delays.of(moved) == found


async def test_a_recording_that_became_another_is_heard_again(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    from qa_player.store import speech

    await desk.connect(serve(sample_named(STEREO)))
    session = await opened(desk, STEREO)
    found = await desk.delays.listen(session)
    place = "acme", session.session_id
    kept = await desk.database.read(lambda db: speech.load(db, *place))
    assert kept is not None
    other = kept.model_copy(update={"recording_digest": "f" * 64, "channels": ((), ())})
    await desk.database.write(lambda db: speech.save(db, *place, other))
    assert await desk.delays.of(session) != found
    assert await desk.delays.listen_to_kept(session) == found
    assert await desk.database.read(lambda db: speech.load(db, *place)) == kept


async def test_what_was_measured_goes_with_its_connection(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    from qa_player.store import speech

    await desk.connect(serve(sample_named(STEREO)))
    session = await opened(desk, STEREO)
    await desk.delays.listen(session)
    await desk.connections.remove("acme")
    assert await desk.database.read(lambda db: speech.load(db, "acme", session.session_id)) is None


async def test_listening_can_be_given_up_and_keeps_nothing(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    await desk.connect(serve(sample_named(STEREO)))
    session = await opened(desk, STEREO)
    begun = asyncio.Event()
    working = asyncio.create_task(desk.delays.listen(session, progress=lambda _: begun.set()))
    await begun.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert (await desk.delays.of(session)).basis is None


async def test_without_a_recording_there_is_nothing_to_hear(connected: Desk) -> None:
    session = await connected.library.open("acme", "sess_000002")
    with pytest.raises(NoRecordingError):
        await connected.delays.listen(session)
    assert await connected.delays.listen_to_kept(session) is None


@pytest.fixture
def app(loop: Loop, home: Home) -> Iterator[App]:
    with DemoServer() as demo:
        app = loop.run(build(Start(home, demo=demo)))
        yield app
        loop.run(app.aclose())


async def test_the_providers_own_figures_stand_beside_what_is_told_and_what_is_measured(app: App) -> None:
    listed = await app.library.refresh(LYZR)
    assert listed.count
    numbers = await app.library.numbers(_all_of(LYZR))
    rows = await app.library.rows(numbers)
    kettle = next(row.session for row in rows if row.session.session_id == _kettle())
    session = await app.library.open(LYZR, kettle.session_id, fresh=True)
    estimated = await app.delays.of(session)
    assert estimated.basis is Basis.ESTIMATED
    assert [(one.role.value, one.overlap_ms, one.told) for one in estimated.interruptions] == [("user", 900, True)]
    measured = await app.delays.listen(session)
    assert measured.basis is Basis.MEASURED
    assert [one.agent_turn for one in measured.answers] == [one.agent_turn for one in estimated.answers]
    for one, told in zip(measured.answers, estimated.answers, strict=True):
        assert abs(one.delay_ms - told.delay_ms) <= 30
        assert one.told_ms is not None
        assert abs(one.delay_ms - one.told_ms - 45) <= 30
    (cut,) = measured.interruptions
    assert cut.overlap_ms == pytest.approx(900, abs=30)
    assert cut.told


def _kettle() -> str:
    from qa_player.files import resource

    return str(json.loads(resource("demo", "calls", "return-a-kettle.json").read_text("utf-8"))["session_id"])


def _all_of(connection: str) -> SessionFilter:
    return SessionFilter(connection=connection)
