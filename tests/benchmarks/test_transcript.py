"""What following a transcript costs: asked at every display frame, so it must not grow with the number of turns."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from parts.figures import Measured
from parts.rounds import cpu_ratio, inside, interleaved
from qa_player.model.connection import Sides
from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.model.transcript import Role, Turn, TurnTimeline, place
from qa_player.ui import theme
from qa_player.ui.widgets.transcript_view import TranscriptView

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


def test_first_paint_of_ten_thousand_turns(
    benchmark: BenchmarkFixture, measured: Measured, qtbot: QtBot, qapp: QApplication, rounds: int, seed: int
) -> None:
    """From the turns to the painted window, beside Qt's own view of the same words."""
    theme.apply(qapp, "light")
    chance = random.Random(seed)
    words = [" ".join(["said"] * chance.randint(3, 60)) for _ in range(10_000)]
    placed = place(
        [one.model_copy(update={"text": text}) for one, text in zip(turns(10_000), words, strict=True)], TIMING, None
    )

    def painted(make: Callable[[], QWidget]) -> None:
        widget = make()
        qtbot.addWidget(widget)
        widget.resize(620, 900)
        widget.show()
        qapp.processEvents()
        widget.hide()

    def ours() -> QWidget:
        view = TranscriptView()
        view.show_turns(placed, Sides())
        return view

    def theirs() -> QWidget:
        view = QPlainTextEdit()
        view.setPlainText("\n".join(words))
        return view

    runs = {"ours": inside(lambda: painted(ours)), "theirs": inside(lambda: painted(theirs))}
    costs = benchmark.pedantic(lambda: interleaved(runs, rounds=rounds), rounds=1)
    against = cpu_ratio(costs["ours"], costs["theirs"])
    measured("transcript", "10,000 turns to the first paint, CPU ÷ QPlainTextEdit", against, goal=0.5)
