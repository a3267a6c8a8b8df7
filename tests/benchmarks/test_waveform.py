"""The waveform's repaints against a plain blit of the same picture, in CPU time inside one process.

Goals: a full redraw of the wave at 2,000 pixels 10 blits, a moving playhead a tenth of a full redraw.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QApplication, QWidget
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from qa_player.media.peaks.pyramid import levels_over
from qa_player.model.peaks import Peaks
from qa_player.model.transcript import Role, Turn
from qa_player.ui import theme
from qa_player.ui.widgets.waveform import Waveform

HOURS = 8
DURATION_MS = HOURS * 3_600_000
CPU = pytest.mark.benchmark(timer=time.process_time, min_rounds=20, warmup=True, group="waveform, 8 hours")
SIZES = pytest.mark.parametrize("width", [800, 2_000])


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


@CPU
@SIZES
def test_blit(benchmark: BenchmarkFixture, qtbot: QtBot, width: int) -> None:
    blit = Blit(QSize(width, 200))
    qtbot.addWidget(blit)
    with qtbot.waitExposed(blit):
        blit.show()
    benchmark(blit.repaint)


@CPU
@SIZES
@pytest.mark.parametrize("minutes", [5, HOURS * 60], ids=["five minutes", "eight hours"])
def test_full_redraw(benchmark: BenchmarkFixture, wave: Waveform, width: int, minutes: int) -> None:
    wave.set_view(0, minutes * 60_000)
    wave.set_position(minutes * 30_000)

    def redraw() -> None:
        wave.redraw()
        wave.repaint()

    benchmark(redraw)


@CPU
@SIZES
def test_moving_playhead(benchmark: BenchmarkFixture, wave: Waveform, qapp: QApplication, width: int) -> None:
    wave.set_view(0, 300_000)
    position = 10_000.0

    def step() -> None:
        nonlocal position
        position = 10_000.0 if position > 280_000 else position + 400
        wave.set_position(position)
        qapp.processEvents()

    benchmark(step)
