"""A call is listened to while it goes on: as it comes, again from further back, and as any session after its end."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator

import numpy as np

from parts.loop import wait_until
from parts.switchboard import Switchboard
from qa_player.demo.carrier import CallSound
from qa_player.model.peaks import Peaks
from qa_player.model.playback import Phase
from qa_player.model.session import SessionState

RATE = 8_000
MOST_MS = 400


def tones(seconds: float) -> CallSound:
    clock = np.arange(int(seconds * RATE)) / RATE
    sides = [
        (np.sin(2 * np.pi * (300 + 200 * side) * clock) * (4_000 + 12_000 * side)).astype(np.int16) for side in (0, 1)
    ]
    return CallSound(sides[0], sides[1], RATE)


@contextlib.asynccontextmanager
async def going_on(
    board: Switchboard, seconds: float = 30.0, call_id: str = "call-1"
) -> AsyncIterator[threading.Event]:
    """A call in real time, open in the player; the event hangs it up."""
    stop = threading.Event()
    invitation = await board.expect(call_id)
    sending = asyncio.create_task(board.call(invitation, call_id, tones(seconds), speed=1, stop=stop))
    try:
        await wait_until(lambda: board.desk.live.end_ms(call_id) > 0)
        await board.desk.playback.open("live", call_id)
        yield stop
    finally:
        stop.set()
        await sending
        await wait_until(lambda: not board.desk.live.calls)


def behind_ms(board: Switchboard) -> float:
    return board.desk.live.end_ms("call-1") - board.desk.playback.position_ms


async def test_a_call_is_heard_as_it_comes(board: Switchboard) -> None:
    playback = board.desk.playback
    async with going_on(board):
        assert playback.state.phase is Phase.READY
        assert (playback.state.live, playback.state.playing) == (True, True)
        await wait_until(lambda: playback.position_ms > 1_500)
        late = []
        for _ in range(60):
            await asyncio.sleep(0.03)
            late.append(behind_ms(board))
        sys.stderr.write(f"behind the call, by the clock: median {np.median(late):.0f} ms, most {max(late):.0f}\n")
        assert max(late) < MOST_MS
        assert (playback.state.duration_ms or 0) >= playback.position_ms
    assert [event.session_id for event in await board.desk.events("live.listened")] == ["call-1"]


async def test_one_steps_back_is_left_there_and_catches_up(board: Switchboard) -> None:
    playback = board.desk.playback
    async with going_on(board):
        await wait_until(lambda: playback.position_ms > 3_000)
        playback.seek(500)
        await wait_until(lambda: 700 < playback.position_ms < 1_500)
        assert behind_ms(board) > 1_500
        playback.seek(playback.state.duration_ms or 0)
        await wait_until(lambda: behind_ms(board) < MOST_MS)
        playback.pause()
        held_ms = playback.position_ms
        await wait_until(lambda: behind_ms(board) > 2_000)
        assert playback.position_ms == held_ms
        playback.play()
        await wait_until(lambda: playback.position_ms > held_ms + 300)
        assert behind_ms(board) > 1_500, "nothing of it was left out"
        playback.set_speed(3.0)
        await wait_until(lambda: behind_ms(board) < MOST_MS)
        await wait_until(lambda: playback.state.speed == 1.0)


async def test_the_picture_grows_with_each_side_in_its_lane(board: Switchboard) -> None:
    seen: list[Peaks] = []
    board.desk.playback.peaks_changed.connect(lambda peaks: seen.append(peaks) if peaks is not None else None)
    async with going_on(board):
        await wait_until(lambda: seen and seen[-1].filled_ms > 2_000)
    assert len(seen) > 3
    filled = [peaks.filled_ms for peaks in seen]
    assert filled == sorted(filled)
    level = seen[-1].levels[0][: filled[-1] * RATE // 1_000 // 256]
    assert 14 <= level[:, 0, 1].max() <= 16
    assert 60 <= level[:, 1, 1].max() <= 63


async def test_what_is_marked_live_stands_in_the_session_afterwards(board: Switchboard) -> None:
    desk = board.desk
    async with going_on(board) as stop:
        await desk.review.load(desk.playback.session)  # type: ignore[arg-type]
        await wait_until(lambda: desk.playback.position_ms > 1_500)
        await desk.review.annotate(start_ms=600, end_ms=1_400, tag="greeting", text="said live")
        stop.set()
        await wait_until(lambda: desk.playback.state.ended)
    session = await desk.playback.open("live", "call-1")
    assert session.detail.session.state is SessionState.READY
    await wait_until(lambda: desk.playback.state.verified)
    assert not desk.playback.state.live
    await desk.review.load(session)
    assert [(one.tag, one.start_ms) for one in desk.review.annotations] == [("greeting", 600)]
    assert desk.playback.state.duration_ms == session.detail.session.duration_ms
    await desk.playback.close()
    desk.coverage.end()


async def test_a_call_that_has_just_begun_is_heard_once_it_has_a_place(board: Switchboard) -> None:
    """Half a second passes before frames are placed: nothing is lost and nothing is late for it."""
    stop = threading.Event()
    invitation = await board.expect("call-1")
    sending = asyncio.create_task(board.call(invitation, "call-1", tones(10), speed=1, stop=stop))
    await wait_until(lambda: board.desk.live.calls)
    await board.desk.playback.open("live", "call-1")
    await wait_until(lambda: board.desk.playback.position_ms > 1_500)
    assert behind_ms(board) < MOST_MS
    stop.set()
    await sending
