"""What is asked of a provider again, and what never is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from parts.loop import Loop
from qa_player.app import App, build
from qa_player.demo.calls import load_calls
from qa_player.demo.server import DemoServer
from qa_player.demo.visits import load_visits
from qa_player.errors import GoneError
from qa_player.files import Home
from qa_player.model.recording import RecordingState
from qa_player.model.start import Start

GONE = "2c9a51d7-0e3f-4b68-a7d4-93b1e6f08c25"
THERE = "6f1d2a8e-4b0c-4c57-9d2e-1f6a7b3c9d01"


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(samples=(), calls=load_calls(), visits=load_visits()) as demo:
        yield demo
    assert demo.bugs == ()


@pytest.fixture
def app(loop: Loop, home: Home, demo: DemoServer) -> Iterator[App]:
    app = loop.run(build(Start(home, demo=demo)))
    yield app
    loop.run(app.aclose())


def asked(demo: DemoServer, session_id: str) -> int:
    return sum(session_id in logged.path for logged in demo.log)


async def test_what_is_gone_for_good_is_asked_for_once(app: App, demo: DemoServer) -> None:
    detail = await app.library.detail("Suki demo", GONE, fresh=True)
    assert detail.session.recording_state is RecordingState.GONE
    before = asked(demo, GONE)
    for _ in range(3):
        with pytest.raises(GoneError):
            await app.recordings.fetch("Suki demo", GONE, out=None, reason="", progress=lambda done, total: None)
        again = await app.library.detail("Suki demo", GONE, fresh=True)
        assert again.turns == detail.turns
    assert asked(demo, GONE) == before
    await app.library.detail("Suki demo", THERE, fresh=True)
    once = asked(demo, THERE)
    await app.library.detail("Suki demo", THERE, fresh=True)
    assert asked(demo, THERE) == 2 * once - 1, "the control: what is there is asked for afresh, but for its recording"


async def test_every_vendors_recording_is_fetched_whole(app: App, demo: DemoServer) -> None:
    demo.lyzr_faults.no_length = True
    spoken = next(call for call in demo.calls if call.recording is not None)
    for connection, session_id, source in (
        ("Lyzr demo", spoken.session_id, spoken.recording),
        ("Suki demo", THERE, next(visit.media[0] for visit in demo.visits if visit.session_id == THERE)),
    ):
        assert source is not None
        fetched = await app.recordings.fetch(
            connection, session_id, out=None, reason="", progress=lambda done, total: None
        )
        (_, facts) = fetched[0]
        assert (facts.verified, facts.bytes) == (True, source.stat().st_size)
