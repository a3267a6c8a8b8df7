"""From the key to the ear through the whole program: seeks, first sound, and what a stalled window costs."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from parts import heard, tape
from parts.person import Person, at_the_program
from parts.sound import SoundCard
from qa_player.demo.server import DemoServer

CONNECTION = "Oshara demo"
SEEKS = 20


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> heard.TapeSample:
    return heard.taped(tmp_path_factory.mktemp("tape") / "tape.m4a", duration_ms=60_000)


@pytest.mark.usefixtures("display")
def test_a_warm_seek_to_its_sound(
    benchmark: BenchmarkFixture, tell: Callable[[str], None], sound: SoundCard, sample: heard.TapeSample, tmp_path: Path
) -> None:
    """From the key that chooses a turn to that turn's first sound, and eye against ear over all changes."""
    starts = [turn.start_ms for turn in sample.truth]

    def take() -> tuple[list[float], heard.Agreement]:
        with (
            DemoServer(samples=(sample,)) as demo,
            at_the_program(
                tmp_path / "home", demo=demo, request=(CONNECTION, heard.SESSION), log=tmp_path / "stderr"
            ) as person,
        ):
            person.until_open(heard.SUBJECT)
            person.ask("watch")
            with sound.record() as ear:
                person.press("Space")
                time.sleep(1.0)
                pressed = []
                for number in range(SEEKS):
                    person.press("Home" if number % 2 else "PgDown")
                    pressed.append(person.ask("key", key="Return"))
                    time.sleep(0.9)
                person.press("Space")
                shown = heard.shown_turns(person.ask("painted")["label"])
            person.close()
        bursts = tape.found(ear.heard)
        return [_delay_ms(at_ns, shown, bursts, starts) for at_ns in pressed], heard.agreement(
            shown, bursts, starts, speed=1.0
        )

    delays, agreement = benchmark.pedantic(take, rounds=1)
    p95 = float(np.percentile(delays, 95))
    benchmark.extra_info |= {
        "median_ms": float(np.median(delays)),
        "p95_ms": p95,
        "shown_against_heard": str(agreement),
    }
    tell(f"warm seek, key to sound: median {np.median(delays):.1f} ms, p95 {p95:.1f}; {agreement}")


def _delay_ms(at_ns: int, shown: list[tuple[int, int]], bursts: list[tape.Burst], starts: list[int]) -> float:
    turn = next(turn for shown_ns, turn in shown if shown_ns > at_ns and turn >= 0)
    later = [burst for burst in bursts if burst.heard_ns > at_ns]
    first = next((burst for burst in later if 0 <= burst.media_ms - starts[turn] < 900), None)
    assert first is not None, (turn, starts[turn], [(round((b.heard_ns - at_ns) / 1e6), b.media_ms) for b in later[:4]])
    return (first.heard_ns - at_ns) / 1e6 - (first.media_ms - starts[turn])


@pytest.mark.parametrize("kind", ["m4a", "wav"])
@pytest.mark.usefixtures("display")
def test_first_sound_over_a_line_of_50_ms(
    benchmark: BenchmarkFixture, tell: Callable[[str], None], sound: SoundCard, tmp_path: Path, kind: str
) -> None:
    """From the key that opens a session, play pressed at once, to its first sound.

    Every answer waits 50 ms and comes at 10 Mbit/s.
    """
    sample = heard.taped(tmp_path / f"tape.{kind}", duration_ms=60_000)

    def take() -> float:
        with (
            DemoServer(samples=(sample,)) as demo,
            at_the_program(tmp_path / "home", demo=demo, log=tmp_path / "stderr") as person,
        ):
            demo.api_faults.latency_s = demo.recording_faults.latency_s = 0.05
            demo.recording_faults.bytes_per_second = 1_250_000
            person.until(lambda: person.ask("forward"), "the window in front")
            person.until(lambda: "1 session" in person.ask("labels"), "the session")
            time.sleep(2.0)  # what is loaded behind the window is loaded
            person.press("Ctrl+L", "Down")
            with sound.record() as ear:
                pressed_ns = person.ask("key", key="Return")
                person.until(lambda: person.described("Stream"), "that it opens")
                person.press("Ctrl+Space")
                time.sleep(3.0)
            person.close()
        first = tape.found(ear.heard)[0]
        return (first.heard_ns - pressed_ns) / 1e6 - first.media_ms

    found = benchmark.pedantic(take, rounds=1)
    benchmark.extra_info["first_sound_ms"] = round(found, 1)
    tell(f"first sound of {kind} over a line of 50 ms, from the key that opens: {found:.0f} ms")


@pytest.mark.usefixtures("display")
def test_a_window_that_stalls(
    benchmark: BenchmarkFixture, tell: Callable[[str], None], sound: SoundCard, sample: heard.TapeSample, tmp_path: Path
) -> None:
    """Sound lost while the window's thread is away for 300 ms, ten times over."""

    def take() -> tuple[float, int]:
        with (
            DemoServer(samples=(sample,)) as demo,
            at_the_program(
                tmp_path / "home", demo=demo, request=(CONNECTION, heard.SESSION), log=tmp_path / "stderr"
            ) as person,
        ):
            person.until_open(heard.SUBJECT)
            with sound.record() as ear:
                stalled(person, times=10)
            person.close()
        bursts = tape.found(ear.heard)
        lost = [
            (second.heard_ns - first.heard_ns) / 1e6 - (second.media_ms - first.media_ms)
            for first, second in itertools.pairwise(bursts)
        ]
        return max(map(abs, lost)), bursts[-1].number - bursts[0].number + 1 - len(bursts)

    gap, missing = benchmark.pedantic(take, rounds=1)
    benchmark.extra_info |= {"longest_gap_ms": round(gap, 2), "bursts_missing": missing}
    tell(f"ten stalls of 300 ms: longest gap {gap:.2f} ms, {missing} bursts missing")


def stalled(person: Person, *, times: int) -> None:
    person.press("Space")
    for _ in range(times):
        time.sleep(0.2)
        person.ask("stall", seconds=0.3)
    person.press("Space")
