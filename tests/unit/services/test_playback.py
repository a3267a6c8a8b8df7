"""The open session: one clock for ear, picture and text, and a reason whenever nothing can be heard.

The sound goes to a silent clock that takes it in real time; position and turns are those of a real recording.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from parts.conversations import conversation, tone
from parts.desk import Desk
from parts.loop import wait_until
from qa_player.demo.server import DemoServer
from qa_player.errors import (
    GoneError,
    KeyRefusedError,
    MediaError,
    NetworkError,
    NoRecordingError,
    NotFoundError,
    NotReadyError,
    QaPlayerError,
)
from qa_player.model.peaks import Peaks
from qa_player.model.playback import Channels, Heard, Phase
from qa_player.model.transcript import TurnTimeline
from qa_player.services.playback import Playback

QUICK_MS = 30


async def ready(desk: Desk, session_id: str = "sess_000001", *, at_ms: int | None = None) -> Playback:
    """The player with the session open and its length known."""
    await desk.playback.open("acme", session_id, at_ms=at_ms)
    await wait_until(lambda: desk.playback.state.duration_ms is not None)
    return desk.playback


async def at(player: Playback, position_ms: int) -> None:
    """Return once the paused player stands there."""
    await wait_until(lambda: abs(player.position_ms - position_ms) < QUICK_MS)


async def test_a_session_opens_paused_at_its_start_with_its_turns(connected: Desk) -> None:
    opened = []
    connected.playback.opened.connect(opened.append)
    player = await ready(connected)
    assert [session.session_id for session in opened] == ["sess_000001"]
    assert (player.state.phase, player.state.playing, player.position_ms) == (Phase.READY, False, 0)
    assert player.state.duration_ms == 1_600
    assert player.active_turns == (0,)
    assert player.session is not None
    assert player.session.turns[-1].end_ms == 1_600
    assert player.state.audible is False
    assert [event.action for event in await connected.audit.show()][-2:] == ["session.opened", "recording.opened"]


async def test_playing_moves_position_and_turns_together_to_the_end(connected: Desk) -> None:
    player = await ready(connected)
    positions: list[float] = []
    spoken: list[tuple[int, ...]] = []

    def speak(active: tuple[int, ...]) -> None:
        turns = player.session.turns if player.session else ()
        assert active == TurnTimeline(turns).active_turns(player.position_ms)
        spoken.append(active)

    player.position_changed.connect(positions.append)
    player.active_turns_changed.connect(speak)
    player.play()
    assert player.state.playing
    await wait_until(lambda: player.state.ended, timeout=30)
    assert positions == sorted(positions)
    # how often it is told is the machine's business; that it is told on the way is ours
    assert any(QUICK_MS < position < 1_600 - QUICK_MS for position in positions)
    assert abs(positions[-1] - 1_600) < QUICK_MS
    assert spoken == sorted(set(spoken), key=lambda active: active or (9,))
    assert spoken[-1] == ()
    assert not player.state.playing
    # the last bytes are heard before they are certified, where the disk is slow
    await wait_until(lambda: player.state.verified, timeout=30)
    assert player.state.held == 1.0
    positions.clear()
    player.play()
    await wait_until(lambda: any(0 < position < 1_000 for position in positions))
    player.pause()


async def test_what_went_past_the_ear_is_told_and_what_was_jumped_over_is_not(connected: Desk) -> None:
    player = await ready(connected)
    told: list[Heard] = []
    player.heard.connect(told.append)
    player.set_speed(2)
    player.play()
    await wait_until(lambda: player.position_ms > 300)
    player.seek(1_100)
    await wait_until(lambda: player.state.ended)
    covered = {place for stretch in told for place in range(stretch.start_ms, stretch.end_ms)}
    left = max(stretch.end_ms for stretch in told if stretch.start_ms < 1_100)
    assert 300 <= left < 1_000
    right = max(stretch.end_ms for stretch in told)
    assert right == pytest.approx(1_600, abs=QUICK_MS)
    assert covered == {*range(left), *range(1_100, right)}
    assert sum(stretch.end_ms - stretch.start_ms for stretch in told) == len(covered)
    assert {(stretch.speed, stretch.audible, stretch.skipped) for stretch in told} == {(2.0, False, False)}


async def test_pausing_holds_the_position(connected: Desk) -> None:
    player = await ready(connected)
    player.toggle()
    await wait_until(lambda: player.position_ms > 100)
    player.toggle()
    await wait_until(lambda: not player.state.playing)
    held = player.position_ms
    await asyncio.sleep(0.1)
    assert player.position_ms == held


async def test_seeking_goes_there_and_never_past_either_end(connected: Desk) -> None:
    player = await ready(connected)
    for wanted, reached, active in ((850, 850, (2,)), (-5, 0, (0,)), (10**9, 1_600, ()), (400, 400, (1,))):
        player.seek(wanted)
        await at(player, reached)
        assert player.active_turns == active
    player.skip(500)
    await at(player, 900)
    player.skip(-5_000)
    await at(player, 0)


async def test_a_session_opens_where_it_was_asked_to(connected: Desk) -> None:
    player = await ready(connected, at_ms=900)
    await at(player, 900)
    assert player.active_turns == (2,)


async def test_going_by_turns(desk: Desk, serve: Callable[..., DemoServer], tmp_path: Path) -> None:
    turns = [{"role": "user", "text": str(at), "start_ms": at, "end_ms": at + 900} for at in (500, 3_000, 6_000)]
    recording = tone(tmp_path / "media", "slow", seconds=8)
    await desk.connect(serve(conversation(1, recording, turns=turns, duration_ms=8_000)))
    player = await ready(desk)
    for step, reached in (
        (player.next_turn, 500),
        (player.next_turn, 3_000),
        (player.next_turn, 6_000),
        (player.next_turn, 6_000),
        (player.previous_turn, 3_000),
        (player.previous_turn, 500),
        (player.previous_turn, 0),
        (player.previous_turn, 0),
    ):
        step()
        await at(player, reached)
    player.seek(5_000)
    await at(player, 5_000)
    player.previous_turn()
    await at(player, 3_000)


async def test_speed_and_channels_are_kept_within_bounds_and_from_session_to_session(connected: Desk) -> None:
    player = await ready(connected)
    player.set_speed(2.0)
    player.set_channels(Channels.LEFT)
    began = asyncio.get_running_loop().time()
    player.play()
    await wait_until(lambda: player.state.ended, timeout=15)
    assert asyncio.get_running_loop().time() - began > 0.7
    player.set_speed(99)
    assert player.state.speed == 3.0
    player.set_speed(0.01)
    assert player.state.speed == 0.5
    await ready(connected)
    assert (player.state.speed, player.state.channels) == (0.5, Channels.LEFT)
    await player.close()
    assert (player.state.phase, player.state.speed) == (Phase.EMPTY, 0.5)


async def test_closing_forgets_everything_and_may_come_twice(connected: Desk) -> None:
    player = await ready(connected, at_ms=900)
    closed: list[str] = []
    peaks: list[Peaks | None] = []
    player.closed.connect(lambda: closed.append("closed"))
    player.peaks_changed.connect(peaks.append)
    player.play()
    await player.close()
    await player.close()
    assert (player.session, player.position_ms, player.active_turns) == (None, 0, ())
    assert (player.state.phase, player.state.playing, player.state.duration_ms) == (Phase.EMPTY, False, None)
    assert closed == ["closed"]
    assert peaks[-1] is None
    for act in (player.play, player.pause, player.toggle, player.next_turn, player.previous_turn):
        act()
    player.seek(5)
    player.skip(5)
    assert (player.position_ms, player.state.playing) == (0, False)


@pytest.mark.parametrize(
    ("told", "phase", "kind"),
    [
        ({"recording_status": "NONE"}, Phase.NO_RECORDING, NoRecordingError),
        ({"recording_status": "PROCESSING"}, Phase.NO_RECORDING, NotReadyError),
        ({"finalized": False, "recording_status": "RECORDING"}, Phase.NO_RECORDING, NotReadyError),
        ({"recording_status": "DELETED"}, Phase.FAILED, GoneError),
    ],
)
async def test_without_a_recording_the_transcript_is_there_and_the_reason_told(
    desk: Desk, serve: Callable[..., DemoServer], told: dict[str, object], phase: Phase, kind: type[QaPlayerError]
) -> None:
    await desk.connect(serve(conversation(1, **told)))
    player = desk.playback
    session = await player.open("acme", "sess_000001")
    assert (player.session, player.state.phase, type(player.state.error)) == (session, phase, kind)
    player.play()
    player.seek(450)
    assert (player.position_ms, player.active_turns, player.state.playing) == (450, (1,), False)
    player.next_turn()
    assert player.position_ms == 800
    player.set_speed(2)
    assert (player.state.phase, type(player.state.error), player.state.speed) == (phase, kind, 2)


async def test_what_cannot_be_decoded_is_told_and_the_transcript_stays(
    desk: Desk, serve: Callable[..., DemoServer], tmp_path: Path
) -> None:
    media = tmp_path / "odd.mp4"
    media.write_bytes(b"\0\0\0\x18ftypmp42" + b"x" * 9_000)
    await desk.connect(serve(conversation(1, media)))
    await desk.playback.open("acme", "sess_000001")
    await wait_until(lambda: desk.playback.state.phase is Phase.FAILED)
    assert isinstance(desk.playback.state.error, MediaError)
    assert desk.playback.session is not None


async def test_a_network_that_goes_in_mid_recording_is_told_and_what_is_held_is_heard(
    desk: Desk, serve: Callable[..., DemoServer], tmp_path: Path
) -> None:
    recording = tone(tmp_path / "media", "long", seconds=60)
    server = serve(conversation(1, recording, duration_ms=60_000))
    server.recording_faults.cut_after = 200_000
    server.recording_faults.bytes_per_second = 400_000
    await desk.connect(server)
    player = await ready(desk)
    await wait_until(lambda: player.state.held > 0)
    server.recording_faults.status = 500
    player.play()
    await wait_until(lambda: player.position_ms > 100)
    player.seek(59_000)
    await wait_until(lambda: isinstance(player.state.error, NetworkError), timeout=20)
    server.recording_faults.status = server.recording_faults.cut_after = None
    player.seek(59_000)
    player.play()
    await wait_until(lambda: player.position_ms > 59_100, timeout=20)
    assert player.state.error is None


async def test_offline_what_was_fetched_plays(connected: Desk, server: DemoServer) -> None:
    await connected.recordings.fetch("acme", "sess_000001", out=None, reason="", progress=lambda *_: None)
    server.stop()
    player = await ready(connected)
    assert (player.state.phase, player.state.error, player.state.verified) == (Phase.READY, None, True)
    player.play()
    await wait_until(lambda: player.position_ms > 50)


async def test_a_session_that_is_not_there_leaves_the_player_saying_so(connected: Desk, server: DemoServer) -> None:
    await ready(connected)
    with pytest.raises(NotFoundError):
        await connected.playback.open("acme", "sess_999999")
    assert (connected.playback.session, connected.playback.state.phase) == (None, Phase.FAILED)
    assert isinstance(connected.playback.state.error, NotFoundError)
    server.api.key_works = False
    with pytest.raises(KeyRefusedError):
        await connected.playback.open("acme", "sess_000002")
    server.api.key_works = True
    assert (await ready(connected)).state.error is None


async def test_opening_another_while_one_is_loading_leaves_the_last(connected: Desk, server: DemoServer) -> None:
    server.api_faults.latency_s = 0.2
    first = asyncio.create_task(connected.playback.open("acme", "sess_000001"))
    await wait_until(lambda: connected.playback.state.phase is Phase.LOADING)
    first.cancel()
    await connected.playback.open("acme", "sess_000002")
    with pytest.raises(asyncio.CancelledError):
        await first
    assert connected.playback.session is not None
    assert connected.playback.session.session_id == "sess_000002"
    assert connected.playback.state.phase is Phase.NO_RECORDING


async def test_many_sessions_opened_and_left_at_any_moment_leave_nothing_behind(
    connected: Desk, server: DemoServer
) -> None:
    for number in range(12):
        opening = asyncio.create_task(connected.playback.open("acme", f"sess_00000{1 + number % 2}"))
        await asyncio.sleep(number * 0.004)
        opening.cancel()
        await asyncio.wait([opening])
    player = await ready(connected)
    player.play()
    await wait_until(lambda: player.position_ms > 50)


async def test_the_picture_grows_is_kept_sealed_and_is_there_at_once_the_next_time(
    connected: Desk, server: DemoServer
) -> None:
    drawn: list[Peaks] = []
    connected.playback.peaks_changed.connect(lambda peaks: drawn.append(peaks) if peaks is not None else None)
    await ready(connected)
    await wait_until(lambda: drawn and drawn[-1].complete, timeout=15)
    await wait_until(lambda: any("peaks" in path.name for path in connected.home.recordings.rglob("*")))
    whole = drawn[-1]
    assert (whole.channels, whole.duration_ms, whole.filled_ms) == (1, 1_600, 1_600)
    assert whole.levels[0][:, 0, 1].max() > 50
    loud = whole.levels[0][:, 0, 1]
    assert loud[len(loud) // 2 :].max() > loud[: len(loud) // 4].max()
    await connected.playback.close()
    server.stop()
    drawn.clear()
    await connected.playback.open("acme", "sess_000001")
    await wait_until(lambda: drawn)
    assert drawn[0].complete
    assert all((kept == again).all() for kept, again in zip(whole.levels, drawn[0].levels, strict=True))


async def test_a_picture_that_was_tampered_with_is_drawn_anew(connected: Desk) -> None:
    drawn: list[Peaks] = []
    connected.playback.peaks_changed.connect(lambda peaks: drawn.append(peaks) if peaks is not None else None)
    await ready(connected)
    await wait_until(lambda: any("peaks" in path.name for path in connected.home.recordings.rglob("*")), timeout=15)
    await connected.playback.close()
    (kept,) = (path for path in connected.home.recordings.rglob("*") if "peaks" in path.name)
    damaged = bytearray(kept.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    kept.write_bytes(damaged)
    drawn.clear()
    await ready(connected)
    await wait_until(lambda: drawn and drawn[-1].complete, timeout=15)
    assert drawn[-1].duration_ms == 1_600
