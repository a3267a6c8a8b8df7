"""Streams at the carriers: started, told of and stopped, also while the network is away (W5)."""

from __future__ import annotations

import asyncio
import threading

import pytest

from parts.loop import wait_until
from parts.switchboard import Switchboard
from qa_player.demo.faults import Faults
from qa_player.demo.streaming import LIVE_CALLS
from qa_player.errors import NetworkError, NotFoundError, UsageError
from qa_player.model.live import StreamState, StreamWish, Track
from qa_player.services.live.control import FIRST_AGAIN_S

CALL = LIVE_CALLS[0]
BOTH = pytest.mark.parametrize("provider", ["vobiz", "plivo"])


def down(faults: Faults, *, down: bool) -> None:
    faults.status = 503 if down else None


@BOTH
async def test_a_stream_is_started_told_of_and_stopped(board: Switchboard, provider: str) -> None:
    board.servers[provider].telephone.streaming.carrier.speed = 1
    live = board.desk.live
    started = await live.start(provider, CALL, StreamWish(headers={"case": "42"}, time_limit_s=600))
    await wait_until(lambda: live.end_ms(CALL) > 500)
    listed = await live.streams.of_call(provider, CALL)
    assert [(one.stream_id, one.state) for one in listed] == [(started.stream_id, StreamState.RUNNING)]
    assert (await live.streams.one(provider, CALL, started.stream_id)).content_type == "audio/x-l16;rate=8000"
    stopped = await live.streams.stop(provider, CALL, started.stream_id)
    assert [one.state for one in stopped] == [StreamState.STOPPED]
    await wait_until(lambda: not live.calls)
    told = await live.streams.one(provider, CALL, started.stream_id)
    assert (told.state, told.billed_minutes) == (StreamState.STOPPED, 2)
    assert await live.streams.running() == ()
    for action in ("live.started", "live.stop_asked", "live.stopped"):
        assert len(await board.desk.events(action)) == 1


@BOTH
async def test_all_streams_of_a_call_are_stopped_at_once(board: Switchboard, provider: str) -> None:
    board.servers[provider].telephone.streaming.carrier.speed = 1
    live = board.desk.live
    for _ in range(2):
        await live.start(provider, CALL, StreamWish())
    await wait_until(lambda: len(live.calls) == 2)
    stopped = await live.streams.stop(provider, CALL, None)
    assert [one.state for one in stopped] == [StreamState.STOPPED] * 2
    await wait_until(lambda: not live.calls)


async def test_a_stop_that_is_lost_ends_the_capture_and_leaves_the_stream_unknown(board: Switchboard) -> None:
    server = board.servers["vobiz"]
    server.telephone.streaming.carrier.speed = 1
    live = board.desk.live
    started = await live.start("vobiz", CALL, StreamWish())
    await wait_until(lambda: live.end_ms(CALL) > 300)
    down(server.api_faults, down=True)
    with pytest.raises(NetworkError, match="not known"):
        await live.streams.stop("vobiz", CALL, started.stream_id)
    await wait_until(lambda: not live.calls, timeout=2)
    assert [(one.state, one.stop_tries) for one in await live.streams.running()] == [(StreamState.UNKNOWN, 1)]
    assert [one.state for one in await live.streams.of_call("vobiz", CALL)] == [StreamState.UNKNOWN]
    # its turn comes, and fails again; then the network is back
    await live.streams.retry(now=1_000.0)
    await live.streams.retry(now=1_000.0 + FIRST_AGAIN_S + 0.1)
    assert [one.stop_tries for one in await live.streams.running()] == [2]
    down(server.api_faults, down=False)
    await live.streams.retry(now=1_000.0 + FIRST_AGAIN_S + 1)
    assert [one.stop_tries for one in await live.streams.running()] == [2], "not before its turn"
    await live.streams.retry(now=2_000.0)
    assert await live.streams.running() == ()
    assert (await live.streams.one("vobiz", CALL, started.stream_id)).state is StreamState.STOPPED


async def test_a_stop_from_another_process_ends_the_capture_here(board: Switchboard, make_desk: object) -> None:
    board.servers["vobiz"].telephone.streaming.carrier.speed = 1
    live = board.desk.live
    await live.start("vobiz", CALL, StreamWish())
    await wait_until(lambda: live.end_ms(CALL) > 300)
    other = await make_desk()  # type: ignore[operator]
    assert (await other.live.relay_place()).public_url == board.place.public_url
    server = board.servers["vobiz"]
    down(server.api_faults, down=True)
    with pytest.raises(NetworkError):
        await other.live.streams.stop("vobiz", CALL, None)
    await wait_until(lambda: not live.calls, timeout=5)
    down(server.api_faults, down=False)
    await live.streams.retry(now=1_000_000.0)
    await live.streams.retry(now=2_000_000.0)
    assert await live.streams.running() == ()


async def test_what_cannot_be_streamed_says_so(board: Switchboard) -> None:
    live = board.desk.live
    with pytest.raises(NotFoundError):
        await live.start("vobiz", "no-such-call", StreamWish())
    with pytest.raises(NotFoundError):
        await live.streams.of_call("vobiz", "..")
    with pytest.raises(NotFoundError):
        await live.streams.one("vobiz", CALL, "no-such-stream")
    with pytest.raises(UsageError, match="512"):
        await live.start("vobiz", CALL, StreamWish(headers={f"h{n}": "x" * 190 for n in range(4)}))
    with pytest.raises(UsageError, match="streams no calls"):
        await live.start("live", CALL, StreamWish())


@BOTH
@pytest.mark.parametrize(("call_id", "stream_id"), [(CALL, "no-such-stream"), ("no-such-call", None), ("none", "none")])
async def test_what_nobody_knows_cannot_be_stopped(
    board: Switchboard, provider: str, call_id: str, stream_id: str | None
) -> None:
    live, faults = board.desk.live, board.servers[provider].api_faults
    with pytest.raises(NotFoundError, match="nothing was stopped"):
        await live.streams.stop(provider, call_id, stream_id)
    assert await live.streams.known((provider, call_id)) == ()
    # asked for while the carrier was away it may be there; once it is back it is not
    down(faults, down=True)
    with pytest.raises(NetworkError):
        await live.streams.stop(provider, call_id, stream_id)
    assert [one.state for one in await live.streams.running()] == [StreamState.UNKNOWN]
    down(faults, down=False)
    for now in (1_000.0, 2_000.0):
        await live.streams.retry(now=now)
    assert await live.streams.known((provider, call_id)) == ()


async def test_a_stream_is_stopped_twice_and_a_call_without_streams_once(board: Switchboard) -> None:
    board.servers["vobiz"].telephone.streaming.carrier.speed = 1
    live = board.desk.live
    assert await live.streams.stop("vobiz", LIVE_CALLS[1], None) == ()
    started = await live.start("vobiz", CALL, StreamWish())
    (first,) = await live.streams.stop("vobiz", CALL, started.stream_id)
    assert await live.streams.stop("vobiz", CALL, started.stream_id) == (
        first.model_copy(update={"stop_tries": first.stop_tries + 1}),
    )


@BOTH
async def test_the_element_to_paste_says_what_was_asked_for(board: Switchboard, provider: str) -> None:
    from xml.etree import ElementTree

    wish = {"bidirectional": True, "track": Track.BOTH, "time_limit_s": 60, "headers": {"case": "42"}}
    invitation = await board.expect("call-1", provider, **wish)
    element = ElementTree.fromstring(invitation.xml)
    assert (element.tag, element.text) == ("Stream", invitation.service_url)
    assert element.attrib == {
        "bidirectional": "true",
        "audioTrack": "inbound",
        "streamTimeout": "60",
        "contentType": "audio/x-l16;rate=8000",
        "statusCallbackUrl": invitation.status_callback_url,
        "statusCallbackMethod": "POST",
        "extraHeaders": "case=42",
    }


async def test_a_stream_that_is_cut_off_by_the_carrier_is_failed(board: Switchboard) -> None:
    live = board.desk.live
    streaming = board.servers["plivo"].telephone.streaming
    stop = threading.Event()
    streaming.carrier.speed = 1
    await live.start("plivo", CALL, StreamWish())
    await wait_until(lambda: live.end_ms(CALL) > 200)
    live.hang_up(CALL)
    await wait_until(lambda: not live.calls)
    stop.set()
    await asyncio.to_thread(streaming.close)
    assert (await live.captures.named(CALL)).end_reason == "it was ended here"
