"""What following a transcript costs: asked at every display frame, so it must not grow with the number of turns."""

from __future__ import annotations

import random

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.model.transcript import Role, Turn, TurnTimeline, place

TIMING = Timing(quality=TimingQuality.EXACT, origin=TimingOrigin.PROVIDER)
TURN_MS = 3_000


def turns(count: int) -> list[Turn]:
    return [
        Turn(index=index, role=Role.USER, raw_role="user", speaker=None, text="said", raw_start_ms=index * TURN_MS)
        for index in range(count)
    ]


@pytest.mark.parametrize("count", [100, 10_000])
def test_which_turn_speaks(benchmark: BenchmarkFixture, count: int) -> None:
    timeline = TurnTimeline(place(turns(count), TIMING, None))
    chance = random.Random(1)
    positions = [chance.uniform(0, count * TURN_MS) for _ in range(1_000)]
    spoken = benchmark(lambda: [timeline.active_turns(position) for position in positions])
    assert all(len(active) == 1 for active in spoken)


@pytest.mark.parametrize("count", [100, 10_000])
def test_placing_a_transcript(benchmark: BenchmarkFixture, count: int) -> None:
    given = turns(count)
    placed = benchmark(lambda: place(given, TIMING, count * TURN_MS))
    assert placed[-1].end_ms == count * TURN_MS
