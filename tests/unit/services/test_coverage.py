"""What was heard is kept while it is heard, by whom and how; what was sought over is not; a kill loses two seconds."""

from __future__ import annotations

import os
import signal
import time
import wave
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from parts.conversations import conversation, tone
from parts.desk import Desk
from parts.loop import wait_until
from parts.store_process import StoreProcess
from parts.stored import KEY
from qa_player.demo.samples import Sample
from qa_player.demo.server import DemoServer
from qa_player.files import Home
from qa_player.media.engine.null_output import NullOutput
from qa_player.model.annotation import Span
from qa_player.model.coverage import Manner, Sitting, length_ms, spans_of
from qa_player.model.playback import Heard
from qa_player.services.library import OpenSession
from qa_player.services.playback import Playback

LENGTH_MS = 3_000
NEAR_MS = 2
"""Places are told in whole milliseconds, and where the sound was held to a fraction of one."""


@pytest.fixture
def spoken(tmp_path: Path) -> Sample:
    """Longer than the one other tests need."""
    return conversation(1, tone(tmp_path / "media", "long", seconds=LENGTH_MS / 1_000), duration_ms=LENGTH_MS)


@pytest.fixture
def listener(connected: Desk) -> Playback:
    """The player of the desk with a device that takes its sound in real time, told on to the coverage."""
    return listening(connected)


def listening(desk: Desk) -> Playback:
    """As ``app`` joins them; the device is a clock, and what it takes counts as heard."""
    desk.playback.set_output(NullOutput())
    desk.playback.opened.connect(desk.coverage.begin)
    desk.playback.heard.connect(desk.coverage.hear)
    desk.playback.closed.connect(desk.coverage.end)
    return desk.playback


async def opened(player: Playback) -> None:
    await player.open("acme", "sess_000001")
    await wait_until(lambda: player.state.duration_ms is not None)


async def heard_to(player: Playback, position_ms: int) -> int:
    """Play until ``position_ms`` and pause there; where that was."""
    player.play()
    await wait_until(lambda: player.position_ms >= position_ms, timeout=20)
    player.pause()
    return round(player.position_ms)


def near(spans: tuple[Span, ...], expected: list[tuple[int, int]]) -> bool:
    return len(spans) == len(expected) and all(
        abs(span.start_ms - start) <= NEAR_MS and abs(span.end_ms - end) <= NEAR_MS
        for span, (start, end) in zip(spans, expected, strict=True)
    )


async def kept(desk: Desk) -> tuple[Sitting, ...]:
    return await desk.coverage.of_session("acme", "sess_000001")


async def test_play_seek_speed_and_mute_are_counted_to_the_place(connected: Desk, listener: Playback) -> None:
    await opened(listener)
    first = await heard_to(listener, 200)
    listener.seek(1_000)
    listener.set_speed(2)
    second = await heard_to(listener, 1_400)
    listener.set_output(None)
    third = await heard_to(listener, 1_700)
    listener.seek(100)
    listener.set_output(NullOutput())
    listener.set_speed(1)
    fourth = await heard_to(listener, 250)
    await listener.close()
    await connected.coverage.settled()
    (sitting,) = await kept(connected)
    heard = spans_of([sitting], Manner.HEARD)
    assert near(heard, [(0, max(first, fourth)), (1_000, second)]), heard
    assert near(spans_of([sitting], Manner.MUTED), [(second, third)])
    assert {(one.manner, one.speed) for one in sitting.stretches} == {
        (Manner.HEARD, 1.0),
        (Manner.HEARD, 2.0),
        (Manner.MUTED, 2.0),
    }
    assert (sitting.actor, sitting.login) == ("rita", "rita")
    (event,) = await connected.events("recording.heard")
    assert event.subject == sitting.sitting_id
    assert event.detail["heard_ms"] == length_ms(heard)
    assert (event.detail["muted_ms"], event.detail["skipped_ms"]) == (
        length_ms(spans_of([sitting], Manner.MUTED)),
        0,
    )
    assert event.content_hmac is not None


async def test_seeking_and_looking_hear_nothing(connected: Desk, listener: Playback) -> None:
    await opened(listener)
    for place in (2_500, 100, 1_800, 2_999, 0):
        listener.seek(place)
    await listener.close()
    await connected.coverage.settled()
    assert await kept(connected) == ()
    assert await connected.events("recording.heard") == []


async def test_what_was_heard_is_on_the_disk_while_it_is_heard(
    connected: Desk, listener: Playback, make_desk: Callable[..., Awaitable[Desk]]
) -> None:
    await opened(listener)
    told: list[int] = []
    connected.coverage.changed.connect(lambda: told.append(length_ms(spans_of(connected.coverage.mine, Manner.HEARD))))
    listener.play()
    await wait_until(lambda: told and told[-1] > 500, timeout=10)
    beside = await make_desk()
    on_disk = length_ms(spans_of(await kept(beside), Manner.HEARD))
    assert on_disk >= told[-1]
    listener.pause()


async def test_sittings_of_two_people_stand_beside_each_other_and_mine_are_mine(
    connected: Desk, make_desk: Callable[..., Awaitable[Desk]]
) -> None:
    session = await connected.library.open("acme", "sess_000001")
    await sat(connected, session, Heard(0, 900, 1.0, audible=True), Heard(900, 1_500, 1.5, audible=False, level_db=-60))
    await sat(connected, session, Heard(800, 1_100, 2.0, audible=True))
    other = await make_desk(actor="tom")
    await sat(other, session, Heard(2_000, 3_000, 1.0, audible=True))
    connected.coverage.begin(session)
    await wait_until(lambda: len(connected.coverage.sittings) == 3)
    assert spans_of(connected.coverage.mine, Manner.HEARD) == (Span(start_ms=0, end_ms=1_100),)
    assert spans_of(connected.coverage.sittings, Manner.HEARD) == (
        Span(start_ms=0, end_ms=1_100),
        Span(start_ms=2_000, end_ms=3_000),
    )
    assert spans_of(connected.coverage.mine, Manner.SKIPPED) == (Span(start_ms=900, end_ms=1_500),)
    assert [event.actor for event in await connected.events("recording.heard")] == ["rita", "rita", "tom"]
    assert (await connected.audit.verify()).consistent


async def sat(desk: Desk, session: OpenSession, *heard: Heard) -> None:
    """One sitting from beginning to end."""
    desk.coverage.begin(session)
    for one in heard:
        desk.coverage.hear(one)
    desk.coverage.end()
    await desk.coverage.settled()


async def test_nothing_heard_is_nothing_kept(connected: Desk) -> None:
    await sat(connected, await connected.library.open("acme", "sess_000001"), Heard(5, 5, 1.0, audible=True))
    assert await kept(connected) == ()
    assert await connected.events("recording.heard") == []


@pytest.fixture
def another() -> Iterator[StoreProcess]:
    process = StoreProcess()
    yield process
    process.close()


async def test_a_kill_loses_no_more_than_two_seconds_and_the_trail_learns_of_the_rest(
    connected: Desk, another: StoreProcess, home: Home
) -> None:
    victim = another.start("listen", home.database, KEY, step_ms=50)
    begun = time.monotonic()
    said = 0
    for line in another.lines():
        if line.startswith("heard "):
            said = int(line.removeprefix("heard "))
        if said and time.monotonic() - begun > 3.3:
            break
    os.kill(victim, signal.SIGKILL)
    for line in another.lines():
        said = int(line.removeprefix("heard ")) if line.startswith("heard ") else said
    (left,) = await kept(connected)
    (span,) = spans_of([left], Manner.HEARD)
    assert span.start_ms == 0
    assert said > 2_500
    assert said - 2_000 <= span.end_ms <= said + 50
    assert left.ended_at is None
    assert await connected.events("recording.heard") == []
    connected.coverage.begin(await connected.library.open("acme", "sess_000001"))
    await wait_until(lambda: connected.coverage.sittings)
    (event,) = await connected.events("recording.heard")
    assert (event.detail["heard_ms"], event.detail["recovered"]) == (span.end_ms, True)
    (recovered,) = await kept(connected)
    assert recovered.ended_at is not None
    assert recovered.stretches == left.stretches


async def test_a_loop_is_heard_once(connected: Desk, listener: Playback) -> None:
    await opened(listener)
    listener.set_loop(Span(start_ms=200, end_ms=500))
    turns = 0
    before = 0.0

    def count(position_ms: float) -> None:
        nonlocal turns, before
        turns += position_ms < before
        before = position_ms

    listener.position_changed.connect(count)
    listener.play()
    await wait_until(lambda: turns >= 3, timeout=20)
    listener.pause()
    await listener.close()
    await connected.coverage.settled()
    (sitting,) = await kept(connected)
    assert near(spans_of([sitting], Manner.HEARD), [(200, 500)])


async def test_a_silence_that_is_skipped_is_a_class_of_its_own_with_its_level(
    desk: Desk, serve: Callable[..., DemoServer], tmp_path: Path
) -> None:
    folder = tmp_path / "media"
    with wave.open(str(tone(folder, "loud", seconds=1)), "rb") as loud:
        facts, sound = loud.getparams(), loud.readframes(loud.getnframes())
    with wave.open(str(folder / "gap.wav"), "wb") as file:
        file.setparams(facts)
        file.writeframes(sound + bytes(3 * len(sound)) + sound)
    turns = [
        {"role": "user", "text": "one", "start_ms": 0, "end_ms": 900},
        {"role": "assistant", "text": "two", "start_ms": 4_000, "end_ms": 5_000},
    ]
    await desk.connect(serve(conversation(1, folder / "gap.wav", duration_ms=5_000, turns=turns)))
    player = listening(desk)
    await opened(player)
    player.listen(replace(player.state.listening, skips_silence=True))
    player.play()
    await wait_until(lambda: player.state.ended, timeout=20)
    await player.close()
    await desk.coverage.settled()
    (sitting,) = await kept(desk)
    (skipped,) = [one for one in sitting.stretches if one.manner is Manner.SKIPPED]
    assert skipped.end_ms - skipped.start_ms > 1_500
    assert 1_000 <= skipped.start_ms < skipped.end_ms <= 4_000
    assert skipped.level_db is not None
    assert skipped.level_db < -60
    heard = spans_of([sitting], Manner.HEARD)
    assert length_ms(heard) + skipped.end_ms - skipped.start_ms == pytest.approx(5_000, abs=5)
    (event,) = await desk.events("recording.heard")
    assert event.detail["skipped_ms"] == skipped.end_ms - skipped.start_ms
