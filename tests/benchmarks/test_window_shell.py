"""What it costs until the window is painted, against a bare window of Qt; and the longest stall of a long session."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from parts.first_paint import BARE, first_paint, ours
from parts.person import at_the_program
from qa_player.demo.samples import Sample
from qa_player.demo.server import DemoServer

pytestmark = pytest.mark.usefixtures("display", "sound_card")

ROUNDS = 5
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


def test_cpu_until_the_first_paint(benchmark: BenchmarkFixture, tell: Callable[[str], None], tmp_path: Path) -> None:
    """CPU of process to first paint, ours over bare, the median of interleaved rounds; the promise is 2 at most."""

    def ratio() -> tuple[float, float, float]:
        pairs = [(first_paint(BARE).cpu_s, first_paint(ours(tmp_path / "home")).cpu_s) for _ in range(ROUNDS + 1)][1:]
        bare, with_ours = zip(*pairs, strict=True)
        return statistics.median(b / a for a, b in pairs), statistics.median(bare), statistics.median(with_ours)

    found, bare_s, ours_s = benchmark.pedantic(ratio, rounds=1)
    benchmark.extra_info |= {"ratio": round(found, 2), "bare_s": round(bare_s, 3), "ours_s": round(ours_s, 3)}
    tell(f"first paint: {found:.2f} times a bare window ({bare_s:.3f} s, {ours_s:.3f} s of CPU)")


def test_ten_thousand_turns_without_a_stall(
    benchmark: BenchmarkFixture, tell: Callable[[str], None], many_turns: DemoServer, tmp_path: Path
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
    tell(f"10,000 turns: longest stall {opening:.0f} ms while opening, {reading:.0f} ms while going through")
