"""What a person is told when things go wrong: where it stands, what to do next, and that nothing saved was lost."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from parts.heard import SUBJECT
from parts.window import Room
from qa_player.demo.server import DemoServer

ODD_TIMES = "Times that are none"

Fault = Callable[[DemoServer], object]


def is_told(words: str, *, of: str) -> None:
    """At least a sentence and a next step, about the right thing, and nothing that is nobody's business."""
    assert len(re.findall(r"[.!](?:\s|$)", words)) >= 2, words
    assert re.search(of, words), words
    assert not re.search(r"https?:|127\.0\.0\.1|sk_|Traceback|Error\b|None", words), words


async def reviewed(room: Room) -> None:
    """The tape is open and wholly here, and something was said of it."""
    await room.open(SUBJECT)
    await room.until(lambda: room.app.playback.state.verified)
    await room.app.review.annotate(start_ms=1_000, end_ms=2_000, tag="kept", text="before the trouble")


async def still_kept(room: Room) -> bool:
    session_id = next(row for row in await room.app.library.rows(await _numbers(room)) if row.session.title == SUBJECT)
    kept = await room.app.review.of_session("Oshara demo", session_id.session.session_id)
    verdict = await room.app.audit.verify()
    return [one.text for one in kept] == ["before the trouble"] and verdict.consistent


async def _numbers(room: Room) -> tuple[int, ...]:
    return tuple(await room.app.library.numbers(room.panels.sessions.filter()))


def refuse_the_key(demo: DemoServer) -> None:
    demo.api.key_works = False


def portal(demo: DemoServer) -> None:
    demo.api_faults.captive_portal = demo.recording_faults.captive_portal = True


def wrong_types(demo: DemoServer) -> None:
    demo.api_faults.wrong_types = True


def gone(demo: DemoServer) -> None:
    demo.api_faults.status = 404


PROVIDER: dict[str, tuple[Fault, str]] = {
    "the key is refused in mid-session": (refuse_the_key, "key"),
    "not found": (gone, "not have this"),
    "a sign-in page with 200": (portal, "sign-in"),
    "no network": (DemoServer.stop, "not be reached"),
    "JSON of other types": (wrong_types, "not what its documents promise"),
}


@pytest.mark.parametrize("case", PROVIDER)
async def test_trouble_with_the_provider_is_told_where_it_was_asked(room: Room, demo: DemoServer, case: str) -> None:
    await reviewed(room)
    fault, of = PROVIDER[case]
    fault(demo)
    room.panels.sessions.refresh()
    await room.until(lambda: not room.tasks.running("sessions-refresh"))
    if case != "JSON of other types":
        is_told(room.panels.sessions.notice.text(), of=of)
        assert room.panels.sessions.notice.isVisible()
    assert room.panels.sessions.list.sessions.rowCount() >= 2, "what was listed stays"
    assert room.panels.player.title.text() == SUBJECT, "what is open stays open"
    assert room.app.playback.state.verified
    await room.app.review.annotate(start_ms=3_000, tag="said meanwhile")
    assert len(room.app.review.annotations) == 2
    await room.app.review.undo()
    await room.open(ODD_TIMES, loaded=False)
    await room.until(lambda: not room.tasks.running("open-session"))
    assert room.panels.transcript.placeholder.isVisible()
    is_told(room.panels.transcript.placeholder.text(), of=of)
    assert await still_kept(room)


@pytest.mark.parametrize("case", ["a sign-in page with 200", "no network"])
async def test_what_was_fetched_is_worked_on_without_a_network(room: Room, demo: DemoServer, case: str) -> None:
    await reviewed(room)
    await room.app.playback.close()
    PROVIDER[case][0](demo)
    await room.open(SUBJECT)
    await room.until(lambda: room.app.playback.state.verified)
    assert room.panels.transcript.view.isVisible()
    assert [one.tag for one in room.app.review.annotations] == ["kept"]
    room.app.playback.play()
    await room.until(lambda: room.app.playback.position_ms > 300)


MEDIA: dict[str, tuple[dict[str, object], str]] = {
    "refused for good": ({"status": 403}, "does not let this recording be read"),
    "not there": ({"status": 404}, "not where the provider says"),
    "a sign-in page with 200": ({"captive_portal": True}, "sign-in"),
    "no byte": ({"truncate_to": 0}, "empty"),
    "a header and no more": ({"truncate_to": 20}, "not sound"),
    "no sound at all": ({"replace_body": b"\0" * 5_000}, "not a recording"),
}
SLOW = ("no sound at all",)
"""Asked for again and again before it is believed."""


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=[pytest.mark.nightly] if case in SLOW else []) for case in MEDIA]
)
async def test_trouble_with_the_recording_leaves_the_transcript(room: Room, demo: DemoServer, case: str) -> None:
    faults, of = MEDIA[case]
    for name, value in faults.items():
        setattr(demo.recording_faults, name, value)
    await room.open(SUBJECT)
    await room.until(lambda: room.app.playback.state.error)
    assert room.panels.player.trouble.isVisible()
    is_told(room.panels.player.trouble.text(), of=of)
    assert room.panels.player.trouble.accessibleDescription() == room.panels.player.trouble.text()
    await room.until(lambda: room.panels.status.stream.accessibleDescription() == "Recording cannot be heard")
    assert room.panels.transcript.view.isVisible()
    await room.app.review.annotate(start_ms=None, turn_index=2, tag="said of the text")
    assert len(room.app.review.annotations) == 1


async def test_a_line_that_stops_is_told_as_buffering_and_the_clock_waits(room: Room, demo: DemoServer) -> None:
    demo.recording_faults.stall_after, demo.recording_faults.stall_s = 64 * 1_024, 60.0
    await room.open(SUBJECT)
    stream = room.panels.status.stream
    room.app.playback.play()
    await room.until(lambda: stream.accessibleDescription() == "Buffering: waiting for the network")
    assert room.panels.status.stream.isVisible()
    stood = room.app.playback.position_ms
    await asyncio.sleep(0.5)
    assert room.app.playback.position_ms == stood, "the clock does not run on without sound"
    demo.recording_faults.stall_after = None
    await room.until(lambda: room.app.playback.position_ms > stood + 200, timeout=90)
    assert "Buffering" not in stream.accessibleDescription()


async def test_a_pause_that_the_storage_asks_for_is_told_with_its_end(room: Room, demo: DemoServer) -> None:
    demo.recording_faults.status, demo.recording_faults.retry_after, demo.recording_faults.times = 429, "3", 1
    await room.open(SUBJECT)
    stream = room.panels.status.stream
    told = r"the provider asks us to wait until \d{1,2}:\d\d:\d\d$"
    await room.until(lambda: re.search(told, stream.accessibleDescription()))
    await room.until(lambda: room.app.playback.state.verified)
    assert stream.accessibleDescription() == "Ready offline"
    assert room.app.playback.state.error is None


async def test_a_recording_that_could_not_be_read_is_tried_again(room: Room, demo: DemoServer) -> None:
    demo.recording_faults.status = 404
    await room.open(SUBJECT)
    room.app.playback.seek(2_000)
    await room.until(lambda: room.app.playback.state.error)
    await room.until(room.panels.player.again.isVisible)
    demo.recording_faults.status = None
    room.panels.player.again.click()
    await room.until(lambda: room.app.playback.state.verified)
    assert room.app.playback.position_ms == 2_000
    assert not room.panels.player.again.isVisible()
    assert "not where" not in room.panels.player.trouble.text()


async def test_a_key_that_is_refused_while_it_plays_is_told_and_what_is_here_stays(
    room: Room, demo: DemoServer
) -> None:
    demo.address_lifetime_s = 1.0
    demo.recording_faults.bytes_per_second = 60_000
    demo.recording_faults.cut_after = 70_000
    await room.open(SUBJECT)
    room.app.playback.play()
    await room.until(lambda: room.app.playback.position_ms > 100)
    await room.app.review.annotate(start_ms=0, tag="kept", text="before the trouble")
    refuse_the_key(demo)
    await room.until(lambda: room.app.playback.state.error)
    is_told(room.panels.player.trouble.text(), of="key")
    assert await still_kept(room)
    demo.api.key_works = True
    demo.recording_faults.cut_after = demo.recording_faults.bytes_per_second = None
    await room.until(room.panels.player.again.isVisible)
    room.panels.player.again.click()
    await room.until(lambda: room.app.playback.state.verified)
    assert room.app.playback.state.error is None


async def test_a_recording_that_ends_long_before_the_conversation_is_said_to(room: Room, demo: DemoServer) -> None:
    demo.recording_faults.truncate_to = 40_000
    await room.open(SUBJECT)
    await room.until(lambda: room.app.playback.session and room.app.playback.session.recording_ms)
    await room.until(lambda: "0:01" in room.panels.player.trouble.text())
    is_told(room.panels.player.trouble.text(), of="shorter than the conversation")
    assert "0:01" in room.panels.player.trouble.text()
    assert "0:08" in room.panels.player.trouble.text()
    view = room.panels.transcript.view
    last = view.turns.row_text(view.turns.rowCount() - 1)
    assert last.endswith("after the end")


async def test_a_line_that_breaks_again_and_again_is_no_trouble(room: Room, demo: DemoServer) -> None:
    """Control of the ones above: what can be mended is mended without a word."""
    demo.recording_faults.cut_after = 60_000
    await room.open(SUBJECT)
    await room.until(lambda: room.app.playback.state.verified)
    assert room.app.playback.state.error is None


async def test_times_that_are_none_stand_as_such(room: Room) -> None:
    await room.open(ODD_TIMES)
    turns = room.panels.transcript.view.turns
    rows = [turns.row_text(row) for row in range(turns.rowCount())]
    assert [row.split(" ", 1)[0] for row in rows[:-1]] == ["–:––.––"] * 6
    assert all(row.endswith(("time not usable", "no time")) for row in rows[:-1]), rows
    assert rows[-1].startswith("0:02.00 ")
    room.app.playback.seek(2_500)
    await room.until(lambda: turns.active == (6,))
    view = room.panels.transcript.view
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(turns.index(0, 0)).center())
    await asyncio.sleep(0)
    assert round(room.app.playback.position_ms) == 2_500, "there is no place to go to"
    one = await room.app.review.annotate(start_ms=None, turn_index=0, tag="no time")
    assert (one.start_ms, one.turn_index) == (None, 0)


async def test_what_is_asked_of_the_player_while_it_opens_is_done(room: Room, demo: DemoServer) -> None:
    """Space and a click on a turn as soon as the transcript is there, before the recording is."""
    asked: list[str] = []

    def opened(_session: object) -> None:
        asked.append("play")
        room.app.playback.toggle()
        room.app.playback.seek(2_000)

    room.app.playback.opened.connect(opened)
    await room.open(SUBJECT)
    assert asked
    await room.until(lambda: room.app.playback.state.playing and room.app.playback.position_ms > 2_200)
    assert room.app.playback.position_ms < 7_900
    assert room.panels.transcript.view.isVisible()
