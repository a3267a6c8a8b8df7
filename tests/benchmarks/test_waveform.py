"""The waveform's repaints against a plain blit of the same picture, in CPU time inside one process.

Goals: a full redraw of the wave at 2,000 pixels 10 blits, a moving playhead a tenth of a full redraw.
"""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QApplication, QWidget
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from parts.figures import Measured
from parts.rounds import Cost, cpu_ratio, inside, interleaved
from qa_player.media.peaks.pyramid import levels_over
from qa_player.model.peaks import Peaks
from qa_player.model.transcript import Role, Turn
from qa_player.ui import theme
from qa_player.ui.widgets.waveform import Waveform

HOURS = 8
DURATION_MS = HOURS * 3_600_000
TIMES = {"blit": 200, "eight hours": 40, "five minutes": 40, "playhead": 200}


class Blit(QWidget):
    """The floor: one kept picture of the same size."""

    def __init__(self, size: QSize) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._picture = QPixmap(size)
        self._picture.fill(Qt.GlobalColor.white)
        self.resize(size)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.end()


@pytest.fixture(scope="module")
def peaks() -> Peaks:
    random = np.random.default_rng(0)
    pairs = HOURS * 3_600 * 48_000 // 256
    high = (random.random((pairs, 1)) * 100 * np.abs(np.sin(np.arange(pairs) / 700))[:, None]).astype(np.int8)
    return Peaks(48_000, 1, DURATION_MS, DURATION_MS, True, levels_over(np.stack([-high, high], axis=2)))


@pytest.fixture
def wave(qtbot: QtBot, qapp: QApplication, peaks: Peaks, width: int) -> Waveform:
    theme.apply(qapp, "light")
    wave = Waveform()
    qtbot.addWidget(wave)
    wave.resize(width, 200)
    wave.set_duration(DURATION_MS)
    wave.set_peaks(peaks)
    roles = (Role.AGENT, Role.USER)
    wave.set_turns(
        [
            Turn(
                index=index,
                role=roles[index % 2],
                raw_role="",
                speaker=None,
                text="",
                start_ms=index * 10_000,
                end_ms=index * 10_000 + 9_000,
            )
            for index in range(HOURS * 360)
        ]
    )
    with qtbot.waitExposed(wave):
        wave.show()
    return wave


@pytest.mark.parametrize("width", [2_000])
def test_repaints(
    benchmark: BenchmarkFixture,
    measured: Measured,
    qtbot: QtBot,
    qapp: QApplication,
    wave: Waveform,
    width: int,
    rounds: int,
    quick: bool,
) -> None:
    blit = Blit(QSize(width, 200))
    qtbot.addWidget(blit)
    with qtbot.waitExposed(blit):
        blit.show()
    position = 10_000.0

    def whole(minutes: int) -> None:
        wave.set_view(0, minutes * 60_000)
        wave.redraw()
        wave.repaint()

    def playhead() -> None:
        nonlocal position
        position = 10_000.0 if position > 280_000 else position + 400
        wave.set_position(position)
        qapp.processEvents()

    def ready() -> None:
        wave.set_view(0, 300_000)
        wave.repaint()

    runs = {
        "blit": inside(blit.repaint, times=TIMES["blit"]),
        "eight hours": inside(lambda: whole(HOURS * 60), times=TIMES["eight hours"]),
        "five minutes": inside(lambda: whole(5), times=TIMES["five minutes"]),
        "ready": inside(ready),
        "playhead": inside(playhead, times=TIMES["playhead"]),
    }
    costs = benchmark.pedantic(lambda: interleaved(runs, rounds=rounds), rounds=1)
    of = {name: [Cost(cost.cpu_s / TIMES[name], 0) for cost in costs[name]] for name in TIMES}
    for name in ("eight hours", "five minutes"):
        what = f"all of the wave at 2,000 pixels, {name} in view, CPU ÷ its own blit"
        measured("repaint", what, cpu_ratio(of[name], of["blit"]), goal=10.0)
    what = "a playhead that moves, CPU ÷ all of the wave"
    measured("repaint", what, cpu_ratio(of["playhead"], of["five minutes"]), goal=0.10)
