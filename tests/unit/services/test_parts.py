"""A recording in several parts, from provider to ear: fetched whole, placed, arranged, heard in spite of loss."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from parts.loop import Loop, wait_until
from qa_player.app import App, build
from qa_player.demo.server import DemoServer
from qa_player.demo.visits import Visit, load_visits
from qa_player.errors import GoneError, NotFoundError, UsageError
from qa_player.files import Home
from qa_player.model.arrangement import Arrangement, ArrangementOrigin
from qa_player.model.playback import Phase
from qa_player.model.recording import MediaFacts, RecordingPart, RecordingState
from qa_player.model.start import Start
from qa_player.services.library import OpenSession

VISIT = "01JD3Q7VXH4N8S5W2K6TZB9MRC"
SUKI = "Suki demo"
FIRST_MS, SECOND_MS = 37_518, 29_341

Fetched = list[tuple[RecordingPart, MediaFacts]]


def visits() -> tuple[Visit, ...]:
    """The visit in two recordings, and the same with one recording twice."""
    whole = next(visit for visit in load_visits() if visit.session_id == VISIT)
    twice = dict(whole.told) | {"session_id": "twice", "title": "Twice"}
    twice["recordings"] = [whole.told["recordings"][0]] * 2
    twice["turns"] = [turn for turn in whole.told["turns"] if turn["recording"] == 0]
    return whole, replace(whole, told=twice)


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(samples=(), calls=(), visits=visits(), address_lifetime_s=1.0) as demo:
        yield demo
    assert demo.bugs == ()


@pytest.fixture
def app(loop: Loop, home: Home, demo: DemoServer) -> Iterator[App]:
    app = loop.run(build(Start(home, demo=demo)))
    yield app
    loop.run(app.aclose())


async def fetched(app: App, out: Path | None = None, session_id: str = VISIT) -> Fetched:
    return await app.recordings.fetch(SUKI, session_id, out=out, reason="", progress=lambda *_: None)


async def opened(app: App, session_id: str = VISIT) -> OpenSession:
    return await app.library.open(SUKI, session_id, fresh=True)


async def test_all_parts_are_fetched_whole_and_then_every_start_is_known(app: App, demo: DemoServer) -> None:
    before = await opened(app)
    assert [(part.start_ms, part.duration_ms) for part in before.parts] == [(0, None), (None, None)]
    assert before.recording_ms is None
    told: list[tuple[int, int | None]] = []
    parts = await app.recordings.fetch(
        SUKI, VISIT, out=None, reason="", progress=lambda done, total: told.append((done, total))
    )
    sizes = [path.stat().st_size for path in demo.visits[0].media]
    assert [(part.sequence, part.start_ms, facts.bytes, facts.verified) for part, facts in parts] == [
        (1, 0, sizes[0], True),
        (2, FIRST_MS, sizes[1], True),
    ]
    assert told[-1] == (sum(sizes), sum(sizes))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    after = await opened(app)
    assert [(part.start_ms, part.duration_ms) for part in after.parts] == [(0, FIRST_MS), (FIRST_MS, SECOND_MS)]
    assert after.recording_ms == FIRST_MS + SECOND_MS
    assert after.arranged.arrangement is Arrangement.CONSECUTIVE
    events = [event for event in await app.audit.show() if event.action == "recording.fetched"]
    assert {event.subject for event in events} == {part.part_id for part, _ in parts}


async def test_parts_are_written_into_a_folder_each_whole(app: App, demo: DemoServer, tmp_path: Path) -> None:
    await fetched(app, tmp_path / "visit")
    written = sorted((tmp_path / "visit").iterdir())
    assert [path.name for path in written] == ["part-1.wav", "part-2.wav"]
    assert [path.read_bytes() for path in written] == [path.read_bytes() for path in demo.visits[0].media]
    assert all(path.stat().st_mode & 0o077 == 0 for path in written)
    await fetched(app, tmp_path / "visit")


async def test_a_file_in_place_of_the_folder_is_refused_and_kept(app: App, demo: DemoServer, tmp_path: Path) -> None:
    (tmp_path / "visit.wav").write_bytes(b"another")
    with pytest.raises(UsageError, match="2 parts, and a file was named"):
        await fetched(app, tmp_path / "visit.wav")
    assert (tmp_path / "visit.wav").read_bytes() == b"another"
    assert not [request for request in demo.log if request.origin == "recordings"]


async def test_equal_parts_of_one_conversation_are_taken_for_the_same_once_their_lengths_are_known(app: App) -> None:
    await fetched(app, session_id="twice")
    session = await opened(app, "twice")
    assert session.arranged.arrangement is Arrangement.ALTERNATIVES
    assert session.arranged.reason == "They are equally long, and the conversation is no longer than one of them."
    assert session.arranged.part_id == session.parts[0].part_id
    assert session.recording_ms == FIRST_MS
    await app.playback.open(SUKI, "twice")
    await wait_until(lambda: app.playback.state.duration_ms == FIRST_MS)


async def test_what_a_person_chose_stays_in_force_and_in_the_trail(app: App) -> None:
    session = await opened(app)
    with pytest.raises(NotFoundError):
        await app.arranging.choose(session, "no such part")
    second = session.parts[1].part_id
    await app.arranging.choose(session, second)
    again = await opened(app)
    assert (again.arranged.origin, again.arranged.part_id) == (ArrangementOrigin.PERSON, second)
    await app.playback.open(SUKI, VISIT)
    await wait_until(lambda: app.playback.state.duration_ms == SECOND_MS)
    await app.arranging.choose(again, None)
    assert (await opened(app)).arranged.part_id is None
    events = [event for event in await app.audit.show() if event.action == "parts.arranged"]
    assert [(event.subject, event.detail["arrangement"]) for event in events] == [
        (second, "alternatives"),
        (None, "consecutive"),
    ]


async def deleted(app: App, demo: DemoServer) -> None:
    """Suki has deleted the recordings of the visit, and that is known: the addresses it gave have died."""
    demo.visits[0].told["recording"] = "gone"
    while (await app.library.detail(SUKI, VISIT, fresh=True)).session.recording_state is not RecordingState.GONE:
        await asyncio.sleep(0.05)


async def test_fetched_before_it_was_deleted_all_of_it_is_still_heard(app: App, demo: DemoServer) -> None:
    await fetched(app)
    await deleted(app, demo)
    await app.playback.open(SUKI, VISIT)
    await wait_until(lambda: app.playback.state.duration_ms == FIRST_MS + SECOND_MS)
    assert (app.playback.state.phase, app.playback.state.verified) == (Phase.READY, True)
    assert len(await fetched(app)) == 2


async def test_of_what_was_deleted_a_part_that_is_here_is_heard_and_the_other_says_why(
    app: App, demo: DemoServer
) -> None:
    session = await opened(app)
    await app.arranging.choose(session, session.parts[1].part_id)
    await app.playback.open(SUKI, VISIT)
    await wait_until(lambda: app.playback.state.verified)
    await app.playback.close()
    await app.arranging.choose(session, None)
    await deleted(app, demo)
    await app.playback.open(SUKI, VISIT)
    await wait_until(lambda: app.playback.state.duration_ms == SECOND_MS)
    first, second = app.playback.state.parts
    assert isinstance(first.error, GoneError)
    assert (second.error, second.start_ms) == (None, 0)
    with pytest.raises(GoneError, match="Part 1 of 2"):
        await fetched(app)
