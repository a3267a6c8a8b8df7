"""What it costs until the window is painted, against a bare window of Qt; and the longest stall of a long session."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from parts.figures import Measured
from parts.first_paint import BARE, first_paint, ours
from parts.person import at_the_program
from parts.rounds import Ratio, ratio
from qa_player.demo.samples import Sample
from qa_player.demo.server import DemoServer

pytestmark = pytest.mark.usefixtures("display", "sound_card")

SUBJECT, SESSION = "Ten thousand turns in a test", "sess_MANY0001"


@pytest.fixture
def many_turns() -> Iterator[DemoServer]:
    facts = {
        "session_id": SESSION,
        "subject": SUBJECT,
        "character_slug": "many",
        "duration_ms": 36_000_000,
        "recording_status": None,
        "turns": [],
        "generated_turns": 10_000,
    }
    with DemoServer(samples=(Sample(facts, datetime.now(UTC)),)) as server:
        yield server


def test_cpu_until_the_first_paint(
    benchmark: BenchmarkFixture, measured: Measured, tmp_path: Path, rounds: int
) -> None:
    """CPU of process to first paint, ours over bare, the median of interleaved rounds; the promise is 2 at most."""

    def of_rounds() -> Ratio:
        count = 1 + rounds
        pairs = [(first_paint(BARE).cpu_s, first_paint(ours(tmp_path / "home")).cpu_s) for _ in range(count)][1:]
        return ratio([ours_s / bare_s for bare_s, ours_s in pairs])

    found = benchmark.pedantic(of_rounds, rounds=1)
    measured("start", "process to painted window, CPU ÷ a bare window of Qt", found, goal=2.0)


def test_ten_thousand_turns_without_a_stall(
    benchmark: BenchmarkFixture, measured: Measured, many_turns: DemoServer, tmp_path: Path
) -> None:
    """The longest time that the window's thread was away while the session opened, and while it was gone through."""

    def stalls() -> tuple[float, float]:
        with at_the_program(tmp_path / "home", demo=many_turns, log=tmp_path / "stderr") as person:
            person.until(lambda: person.ask("forward"), "the window in front")
            person.until(lambda: "1 session" in person.ask("labels"), "the session")
            person.press("Ctrl+L", "Down")
            person.ask("stalls", on=True)
            person.press("Return")
            person.until(lambda: person.ask("title") == SUBJECT, "the session")
            person.until(lambda: person.focus() == "Transcript", "the transcript")
            opening = person.ask("stalls", on=False)
            person.ask("stalls", on=True)
            person.press("End", "Return", "Home", "PgDown", "PgDown", "Return")
            reading = person.ask("stalls", on=False)
            person.close()
        return opening, reading

    opening, reading = benchmark.pedantic(stalls, rounds=1)
    benchmark.extra_info |= {"opening_ms": round(opening, 1), "reading_ms": round(reading, 1)}
    measured("window", "10,000 turns, longest stall while they are opened", opening, goal=100.0, unit="ms")
    measured("window", "10,000 turns, longest stall while they are gone through", reading, goal=50.0, unit="ms")
