"""Hearing it again: a turn, slower, one turn wider, over and over; and how one listens, from session to session."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from parts import tape
from parts.conversations import conversation
from parts.desk import Desk
from parts.loop import Loop, wait_until
from qa_player.demo.server import DemoServer
from qa_player.media.engine.null_output import NullOutput
from qa_player.model.annotation import Span
from qa_player.model.playback import Heard
from qa_player.services.playback import Playback
from qa_player.services.replaying import Replaying

STARTS = (500, 2_000, 3_000, 4_000, 7_000)
NEAR_MS = 60


@pytest.fixture
def player(loop: Loop, desk: Desk, serve: Callable[..., DemoServer], tmp_path: Path) -> Playback:
    """A session of twelve seconds whose turns last a second; nothing sounds from the second to the tenth."""
    return loop.run(_opened(desk, serve, tmp_path))


async def _opened(desk: Desk, serve: Callable[..., DemoServer], tmp_path: Path) -> Playback:
    turns = [{"role": "user", "text": str(at), "start_ms": at, "end_ms": at + 1_000} for at in STARTS]
    recording = tmp_path / "spoken.wav"
    sound = np.random.default_rng(1).normal(0, 0.1, 12 * 8_000).astype(np.float32)
    sound[2 * 8_000 : 10 * 8_000] *= 0.0001
    recording.write_bytes(tape.wav(sound, 8_000))
    await desk.connect(serve(conversation(1, recording, turns=turns, duration_ms=12_000)))
    await desk.playback.open("acme", "sess_000001")
    await wait_until(lambda: desk.playback.state.verified and desk.playback.state.duration_ms is not None)
    return desk.playback


async def at(player: Playback, position_ms: int) -> None:
    await wait_until(lambda: abs(player.position_ms - position_ms) < NEAR_MS)


async def test_a_turn_again_and_between_turns_the_one_that_spoke_last(player: Playback) -> None:
    replaying = Replaying(player)
    for here, start in ((2_700, 2_000), (1_700, 500), (9_000, 7_000)):
        player.seek(here)
        await at(player, here)
        replaying.again()
        await at(player, start)
        assert player.state.playing
        player.pause()
    player.seek(100)
    await at(player, 100)
    replaying.again()
    assert not player.state.playing, "before the first turn there is none to hear again"


async def test_a_turn_slower_and_then_on_at_the_former_speed(player: Playback) -> None:
    replaying, told = Replaying(player), list[Heard]()
    player.heard.connect(told.append)
    player.set_speed(2.0)
    player.seek(3_500)
    await at(player, 3_500)
    replaying.again_slower()
    assert (player.state.speed, player.state.listening.speed, player.state.playing) == (0.75, 2.0, True)
    await wait_until(lambda: player.position_ms > 4_300)
    player.pause()
    assert player.state.speed == 2.0
    slow = [one for one in told if one.speed == 0.75]
    assert (slow[0].start_ms, slow[-1].end_ms) == (3_000, pytest.approx(4_000, abs=30))
    assert all(one.speed == 2.0 for one in told if one.start_ms > 4_050)


async def test_pressed_again_it_begins_one_turn_earlier_and_ends_where_it_did(player: Playback) -> None:
    replaying = Replaying(player)
    player.seek(3_500)
    await at(player, 3_500)
    replaying.again_slower()
    for start in (2_000, 500, 500):
        await wait_until(lambda: player.state.playing and not player.state.buffering)
        replaying.again_slower()
        await at(player, start)
        assert player.state.speed == 0.75
    player.seek(2_400)
    await at(player, 2_400)
    assert player.state.speed == 1.0, "a seek ends it"
    replaying.again_slower()
    await at(player, 2_000)


async def test_who_listens_slowly_hears_it_slower_still(player: Playback) -> None:
    player.set_speed(0.75)
    player.seek(2_500)
    await at(player, 2_500)
    Replaying(player).again_slower()
    assert player.state.speed == 0.5


async def test_a_loop_over_the_selection_or_the_turn_until_one_goes_elsewhere(player: Playback) -> None:
    replaying = Replaying(player)
    replaying.loop(Span(start_ms=6_000, end_ms=6_050))
    assert player.state.listening.loop == Span(start_ms=6_000, end_ms=6_200), "shorter ones are a buzz"
    await wait_until(lambda: 6_000 < player.position_ms <= 6_200)
    replaying.loop(None)
    assert player.state.listening.loop is None
    await wait_until(lambda: player.position_ms > 6_300)
    player.seek(2_500)
    await at(player, 2_500)
    positions: list[float] = []
    player.position_changed.connect(positions.append)
    replaying.loop(None)
    assert player.state.listening.loop == Span(start_ms=2_000, end_ms=3_000)
    await wait_until(lambda: sum(two < one for one, two in itertools.pairwise(positions)) == 2)
    assert min(positions) >= 2_000
    assert max(positions) <= 3_000
    player.seek(5_000)
    assert player.state.listening.loop is None
    await wait_until(lambda: player.position_ms > 5_100)


async def test_silence_is_left_out_and_what_it_saved_is_told(player: Playback) -> None:
    told: list[Heard] = []
    player.heard.connect(told.append)
    player.set_output(NullOutput())
    player.listen(replace(player.state.listening, skips_silence=True, speed=2.0))
    player.seek(4_500)
    player.play()
    await wait_until(lambda: player.state.ended)
    skipped = [(one.start_ms, one.end_ms) for one in told if one.skipped]
    (start, before), (after, end) = skipped
    assert 4_500 <= start < 5_000
    assert before <= 6_800, "the edge of a turn is kept"
    assert after >= 7_200
    assert 9_500 < end < 9_900
    assert player.state.saved_ms == pytest.approx((before - start + end - after) / 2, abs=2)
    await player.close()
    assert (player.state.saved_ms, player.state.listening.skips_silence) == (0, True)


async def test_before_there_is_sound_nothing_is_replayed(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    replaying = Replaying(desk.playback)
    for act in (replaying.again, replaying.again_slower, lambda: replaying.loop(None)):
        act()
    desk.playback.replay(0, 100, speed=0.75)
    desk.playback.set_loop(Span(start_ms=0, end_ms=100))
    assert (desk.playback.state.playing, desk.playback.state.listening.loop) == (False, None)
