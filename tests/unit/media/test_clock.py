"""The clock turns an output's jerky counts into an even position, and stands still when nothing is heard."""

from __future__ import annotations

import itertools
import random

import pytest

from qa_player.media.engine.clock import Clock
from qa_player.media.engine.null_output import NullOutput
from qa_player.media.engine.ring import FRAME_BYTES, Skipped, Stretch
from qa_player.model.playback import Heard

MS = 1_000_000


def _sound(frames: int, media_ms: float, ms_per_frame: float, skipped: Skipped | None = None) -> Stretch:
    return Stretch(bytes(frames * FRAME_BYTES), media_ms, ms_per_frame, skipped)


def _ready(clock: Clock, media_ms: float = 0.0, speed: float = 1.0, seconds: int = 60) -> None:
    clock.restart(media_ms)
    clock.pulled(_sound(48_000 * seconds, media_ms, speed / 48))


@pytest.mark.parametrize("speed", [0.5, 1.0, 3.0])
def test_jerky_counts_become_an_even_position(speed: float) -> None:
    clock = Clock(0)
    _ready(clock, 5_000, speed)
    draw = random.Random(1)
    shown = []
    for at_ms in range(1, 10_000, 4):
        counted = at_ms // 10 * 10  # in steps of 10 ms
        clock.observe(counted * 48, at_ms * MS + draw.randrange(MS))
        shown.append((at_ms, clock.position_ms(at_ms * MS + MS)))
    assert all(later >= earlier for (_, earlier), (_, later) in itertools.pairwise(shown))
    errors = [(position - 5_000) / speed - at_ms for at_ms, position in shown if at_ms > 200]
    assert max(errors) - min(errors) < 5  # of jumps of 10


def test_before_the_first_count_it_stands_at_the_start() -> None:
    clock = Clock(10)
    _ready(clock, 700)
    clock.observe(0, 5 * MS)
    assert clock.position_ms(2_000 * MS) == 700


def test_latency_is_taken_off() -> None:
    clock = Clock(30)
    _ready(clock)
    clock.observe(48_000, 1_000 * MS)
    assert clock.position_ms(1_000 * MS) == pytest.approx(970)


def test_it_runs_on_between_counts_but_not_for_ever() -> None:
    clock = Clock(0)
    _ready(clock)
    clock.observe(4_800, 100 * MS)
    assert clock.position_ms(120 * MS) == pytest.approx(120)
    assert clock.position_ms(5_000 * MS) == pytest.approx(160)


def test_it_never_passes_what_was_pulled() -> None:
    clock = Clock(0)
    clock.restart(0)
    clock.pulled(_sound(480, 0, 1 / 48))
    clock.observe(470, 10 * MS)
    assert clock.position_ms(50 * MS) == pytest.approx(10)


def test_padding_stands_still_and_sound_after_it_goes_on() -> None:
    clock = Clock(0)
    clock.restart(0)
    clock.pulled(_sound(4_800, 0, 1 / 48))
    clock.silence(9_600)
    clock.pulled(_sound(48_000, 100, 1 / 48))
    for at_ms, position in ((50, 50), (150, 100), (290, 100), (350, 150), (1_000, 800)):
        for early in range(-40, 1, 10):
            clock.observe((at_ms + early) * 48, (at_ms + early) * MS)
        assert clock.position_ms(at_ms * MS) == pytest.approx(position, abs=1)


def test_a_jump_of_the_count_is_believed_when_it_stays() -> None:
    clock = Clock(0)
    _ready(clock)
    clock.observe(48_000, 1_000 * MS)
    clock.observe(4 * 48_000, 1_010 * MS)
    assert clock.position_ms(1_010 * MS) == pytest.approx(1_010)
    for at_ms in range(1_020, 1_100, 10):
        clock.observe(4 * 48_000 + (at_ms - 1_010) * 48, at_ms * MS)
    assert clock.position_ms(1_090 * MS) == pytest.approx(4_080)


def test_held_it_stands_and_goes_on_from_there() -> None:
    clock = Clock(0)
    _ready(clock)
    for at_ms in range(10, 1_000, 10):
        clock.observe(at_ms * 48, at_ms * MS)
    clock.hold(1_000 * MS)
    held = clock.position_ms(1_000 * MS)
    assert held == pytest.approx(1_000, abs=15)
    clock.observe(990 * 48, 8_000 * MS)  # the count has not moved
    assert clock.position_ms(9_000 * MS) == held
    clock.observe(1_090 * 48, 9_100 * MS)
    assert clock.position_ms(9_100 * MS) == pytest.approx(held + 100, abs=1)


def test_a_new_run_forgets_the_old() -> None:
    clock = Clock(0)
    _ready(clock)
    clock.observe(96_000, 2_000 * MS)
    assert clock.position_ms(2_000 * MS) == pytest.approx(2_000)
    _ready(clock, 300)
    assert clock.position_ms(2_001 * MS) == 300


def test_what_was_heard_is_told_once_and_to_the_place() -> None:
    clock = Clock(0)
    clock.restart(0)
    clock.pulled(_sound(4_800, 0, 1 / 48))
    clock.silence(4_800)
    clock.pulled(_sound(4_800, 100, 2 / 48), audible=False)
    clock.pulled(_sound(4_800, 900, 2 / 48, Skipped(300, 900, -61.5)))
    told = []
    for at_ms in range(1, 450):
        clock.observe(at_ms * 48, at_ms * MS)
        clock.position_ms(at_ms * MS)
        told += clock.passed.take() if at_ms % 60 == 0 else []
    told += clock.passed.take()
    assert told == [
        Heard(0, 60, 1.0, audible=True),
        Heard(60, 100, 1.0, audible=True),
        Heard(100, 180, 2.0, audible=False),
        Heard(180, 300, 2.0, audible=False),
        Heard(300, 900, 2.0, audible=False, level_db=-61.5),
        Heard(900, 1_020, 2.0, audible=True),
        Heard(1_020, 1_100, 2.0, audible=True),
    ]
    assert [one.skipped for one in told].count(True) == 1


def test_what_was_pulled_and_dropped_was_not_heard() -> None:
    clock = Clock(0)
    _ready(clock)
    clock.observe(4_800, 100 * MS)
    clock.position_ms(100 * MS)
    clock.restart(30_000)
    assert clock.passed.take() == [Heard(0, 100, 1.0, audible=True)]


def test_a_machine_that_slept_finds_the_position_where_it_was() -> None:
    """The output's count stood still or ran on by little; the monotonic clock of some systems ran all night."""
    clock = Clock(0)
    _ready(clock)
    for at_ms in range(10, 1_000, 10):
        clock.observe(at_ms * 48, at_ms * MS)
    before = clock.position_ms(1_000 * MS)
    night = 8 * 3_600_000
    assert clock.position_ms((1_000 + night) * MS) - before < 70
    for at_ms in range(1_000, 1_500, 10):
        clock.observe(at_ms * 48, (at_ms + night) * MS)
    assert clock.position_ms((1_500 + night) * MS) == pytest.approx(1_500, abs=30)


def test_a_silent_clock_sleeps_with_the_machine() -> None:
    now = [0]
    output = NullOutput(lambda: now[0])
    pulled = []

    def pull(frames: int) -> bytes:
        pulled.append(frames)
        return bytes(frames * FRAME_BYTES)

    output.start(pull)
    for _ in range(100):
        now[0] += 10 * MS
        output.played()
    now[0] += 8 * 3_600_000 * MS
    assert output.played()[0] == 48_000
    for _ in range(10):
        now[0] += 10 * MS
        output.played()
    assert output.played()[0] == 52_800
    output.stop()
    assert sum(pulled) < 2 * 48_000, "a night of sound is not asked for"
