"""From the key to the ear through the whole program: seeks, first sound, and what a stalled window costs."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from parts import heard, tape
from parts.figures import Measured
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
    benchmark: BenchmarkFixture, measured: Measured, sound: SoundCard, sample: heard.TapeSample, tmp_path: Path
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
    measured("latency", "warm seek, key to sound, p95", p95, goal=50.0, unit="ms")
    late = agreement.quantile_ms(0.95)
    measured("clock", "a turn lit up against its first sound, p95 of all seeks", late, goal=20.0, unit="ms")


def _delay_ms(at_ns: int, shown: list[tuple[int, int]], bursts: list[tape.Burst], starts: list[int]) -> float:
    turn = next(turn for shown_ns, turn in shown if shown_ns > at_ns and turn >= 0)
    later = [burst for burst in bursts if burst.heard_ns > at_ns]
    first = next((burst for burst in later if 0 <= burst.media_ms - starts[turn] < 900), None)
    assert first is not None, (turn, starts[turn], [(round((b.heard_ns - at_ns) / 1e6), b.media_ms) for b in later[:4]])
    return (first.heard_ns - at_ns) / 1e6 - (first.media_ms - starts[turn])


@pytest.mark.parametrize("kind", ["m4a", "wav"])
@pytest.mark.usefixtures("display")
def test_first_sound_over_a_line_of_50_ms(
    benchmark: BenchmarkFixture, measured: Measured, sound: SoundCard, tmp_path: Path, kind: str
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
    measured("latency", f"first sound of {kind} over a line of 50 ms, key to sound", found, goal=500.0, unit="ms")


@pytest.mark.usefixtures("display")
def test_a_window_that_stalls(
    benchmark: BenchmarkFixture, measured: Measured, sound: SoundCard, sample: heard.TapeSample, tmp_path: Path
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
        return longest_gap(tape.found(ear.heard))

    gap, missing = benchmark.pedantic(take, rounds=1)
    benchmark.extra_info |= {"longest_gap_ms": round(gap, 2), "bursts_missing": missing}
    measured("gaps", "sound lost while the window stalls for 300 ms, ten times", gap, goal=1.0, unit="ms")
    measured("gaps", "bursts of sound lost in them", missing, goal=0, unit="")


@pytest.mark.parametrize(
    "what",
    [
        "nothing that fails, the control",
        "an address that dies every two seconds",
        "a line that stops for three seconds",
    ],
)
@pytest.mark.usefixtures("display")
def test_a_line_that_fails(
    benchmark: BenchmarkFixture,
    measured: Measured,
    sound: SoundCard,
    sample: heard.TapeSample,
    tmp_path: Path,
    what: str,
) -> None:
    """The longest silence in twenty seconds; the line brings some two seconds of sound in one.

    What the control loses is the sound card's own: the null sink drops sound by itself now and then.
    """

    def take() -> tuple[float, int]:
        with (
            DemoServer(samples=(sample,), address_lifetime_s=2.0 if "dies" in what else 900.0) as demo,
            at_the_program(
                tmp_path / "home", demo=demo, request=(CONNECTION, heard.SESSION), log=tmp_path / "stderr"
            ) as person,
        ):
            demo.recording_faults.bytes_per_second = 30_000
            if "dies" in what:
                demo.recording_faults.cut_after = 50_000
            elif "stops" in what:
                demo.recording_faults.stall_after, demo.recording_faults.stall_s = 100_000, 3.0
            person.until(lambda: person.ask("forward"), "the window in front")
            person.until(lambda: person.ask("title") == heard.SUBJECT, "the session")
            person.until(lambda: person.described("Stream"), "its first bytes")
            person.until(lambda: person.focus() == "Transcript", "the transcript in front")
            with sound.record() as ear:
                person.press("Ctrl+Space")
                time.sleep(20.0)
            person.close()
        return longest_gap(tape.found(ear.heard))

    gap, missing = benchmark.pedantic(take, rounds=1)
    measured("gaps", f"sound lost to {what}", gap, goal=5.0, unit="ms")
    measured("gaps", f"bursts of sound lost to {what}", missing, goal=0, unit="")


def longest_gap(bursts: list[tape.Burst]) -> tuple[float, int]:
    """The longest silence that is not in the recording, in ms, and how many bursts are missing in between."""
    lost = [
        (second.heard_ns - first.heard_ns) / 1e6 - (second.media_ms - first.media_ms)
        for first, second in itertools.pairwise(bursts)
    ]
    assert lost, "nothing was heard"
    return max(map(abs, lost)), bursts[-1].number - bursts[0].number + 1 - len(bursts)


def stalled(person: Person, *, times: int) -> None:
    person.press("Space")
    for _ in range(times):
        time.sleep(0.2)
        person.ask("stall", seconds=0.3)
    person.press("Space")
