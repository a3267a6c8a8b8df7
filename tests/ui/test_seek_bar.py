"""The whole recording in one strip: a slider named Seek, with the frame of what the zoomable picture shows."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qa_player.model.annotation import Span
from qa_player.ui import theme
from qa_player.ui.widgets.seek_bar import SeekBar

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def light(qapp: QApplication) -> theme.Tokens:
    return theme.apply(qapp, "light")


@pytest.fixture
def bar(qtbot: QtBot, light: theme.Tokens) -> SeekBar:
    """1,000 seconds over 1,000 pixels, 200 to 500 seconds of them framed."""
    bar = SeekBar()
    qtbot.addWidget(bar)
    bar.resize(1_000, bar.height())
    bar.set_duration(1_000_000)
    bar.set_view(200_000, 500_000)
    bar.show()
    return bar


def drag(qtbot: QtBot, bar: SeekBar, first: int, last: int) -> None:
    qtbot.mousePress(bar, LEFT, pos=QPoint(first, 20))
    for x in (first + (last - first) // 2, last):
        place = QPointF(x, 20)
        keys = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(bar, QMouseEvent(QEvent.Type.MouseMove, place, bar.mapToGlobal(place), LEFT, LEFT, keys))
    qtbot.mouseRelease(bar, LEFT, pos=QPoint(last, 20))


def wishes(bar: SeekBar) -> tuple[list[int], list[tuple[int, int]]]:
    seeks: list[int] = []
    views: list[tuple[int, int]] = []
    bar.seek_requested.connect(seeks.append)
    bar.view_requested.connect(lambda start, end: views.append((start, end)))
    return seeks, views


def row(bar: SeekBar, y: int) -> NDArray[np.uint32]:
    image = bar.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    data = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return data[y, : image.width()].copy() | 0xFF000000


def test_it_is_the_slider_seek_with_the_position_in_milliseconds(bar: SeekBar) -> None:
    bar.set_position(321_456)
    spoken = QAccessible.queryAccessibleInterface(bar)
    assert (spoken.role(), spoken.text(QAccessible.Text.Name)) == (QAccessible.Role.Slider, "Seek")
    assert spoken.valueInterface().currentValue() == 321_456


@pytest.mark.parametrize("x", [0, 100, 350, 999])
def test_a_click_anywhere_seeks_there(qtbot: QtBot, bar: SeekBar, x: int) -> None:
    seeks, views = wishes(bar)
    qtbot.mouseClick(bar, LEFT, pos=QPoint(x, 20))
    assert (seeks, views) == ([x * 1_000], [])


def test_a_drag_beside_the_frame_seeks_where_it_is_let_go(qtbot: QtBot, bar: SeekBar) -> None:
    seeks, views = wishes(bar)
    drag(qtbot, bar, 700, 800)
    assert (seeks, views) == ([800_000], [])


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (350, 450, (300_000, 600_000)),
        (350, -900, (0, 300_000)),
        (350, 1_900, (700_000, 1_000_000)),
        (201, 301, (300_000, 500_000)),
        (499, 699, (200_000, 700_000)),
        (499, 100, (200_000, 206_000)),
    ],
    ids=["moved", "to the start", "to the end", "left edge", "right edge", "never empty"],
)
def test_the_frame_is_dragged_and_pulled(
    qtbot: QtBot, bar: SeekBar, first: int, last: int, expected: tuple[int, int]
) -> None:
    seeks, views = wishes(bar)
    drag(qtbot, bar, first, last)
    assert views[-1] == expected
    assert seeks == []


def test_a_frame_around_everything_is_in_nobodys_way(qtbot: QtBot, bar: SeekBar) -> None:
    bar.set_view(0, 1_000_000)
    seeks, views = wishes(bar)
    drag(qtbot, bar, 300, 400)
    assert (seeks, views) == ([400_000], [])


def test_keys_step_as_in_the_waveform(bar: SeekBar) -> None:
    bar.set_position(500_000)
    seeks, _ = wishes(bar)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_PageDown, Qt.Key.Key_End):
        QTest.keyClick(bar, key)
    assert seeks == [495_000, 530_000, 1_000_000]


def test_the_frame_the_playhead_and_what_was_heard_are_drawn(bar: SeekBar, light: theme.Tokens) -> None:
    bar.set_position(600_000)
    bar.set_coverage([Span(start_ms=100_000, end_ms=150_000)])
    accent, good = QColor(light.accent).rgba(), QColor(light.good).rgba()
    across = row(bar, 10)
    assert np.flatnonzero(across == accent).tolist() == [200, 499, 599, 600]
    assert np.flatnonzero(row(bar, 37) == good).tolist() == list(range(100, 150))
    bar.set_coverage([])
    assert not (row(bar, 37) == good).any()
