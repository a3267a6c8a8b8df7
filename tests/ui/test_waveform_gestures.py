"""Pointer, wheel and keys on the picture of a recording: each is a wish with an exact place in it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from qa_player.model.annotation import Annotation, AnnotationKind, Span
from qa_player.ui.widgets.waveform import Waveform

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NONE, SHIFT, CONTROL, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


@pytest.fixture
def wave(qtbot: QtBot) -> Waveform:
    """1,000 seconds, of which 100 are in view from the start: a pixel is 100 ms."""
    wave = Waveform()
    qtbot.addWidget(wave)
    wave.resize(1_000, 200)
    wave.set_duration(1_000_000)
    wave.set_view(0, 100_000)
    wave.show()
    return wave


def asked(wave: Waveform) -> list[int]:
    seeks: list[int] = []
    wave.seek_requested.connect(seeks.append)
    return seeks


def selected(wave: Waveform) -> list[Span | None]:
    spans: list[Span | None] = []
    wave.selection_changed.connect(spans.append)
    return spans


def drag(
    qtbot: QtBot,
    wave: Waveform,
    first: int,
    last: int,
    *,
    button: Qt.MouseButton = LEFT,
    keys: Qt.KeyboardModifier = NONE,
) -> None:
    qtbot.mousePress(wave, button, keys, QPoint(first, 90))
    step = 1 if last >= first else -1
    for x in range(first, last, step * max(abs(last - first) // 4, 1)):
        move(wave, x, button, keys)
    move(wave, last, button, keys)
    qtbot.mouseRelease(wave, button, keys, QPoint(last, 90))


def move(wave: Waveform, x: int, button: Qt.MouseButton, keys: Qt.KeyboardModifier) -> None:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    place = QPointF(x, 90)
    QApplication.sendEvent(
        wave, QMouseEvent(QEvent.Type.MouseMove, place, wave.mapToGlobal(place), button, button, keys)
    )


def turn_wheel(
    wave: Waveform, x: int, *, angle: int = 0, sideways: int = 0, pixels: int = 0, keys: Qt.KeyboardModifier = NONE
) -> None:
    place = QPointF(x, 90)
    event = QWheelEvent(
        place,
        wave.mapToGlobal(place),
        QPoint(0, pixels),
        QPoint(sideways, angle),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(wave, event)


@pytest.mark.parametrize(
    ("x", "view", "expected"), [(0, (0, 100_000), 0), (123, (0, 100_000), 12_300), (777, (2_000, 4_000), 3_554)]
)
def test_a_click_asks_for_exactly_that_moment(
    qtbot: QtBot, wave: Waveform, x: int, view: tuple[int, int], expected: int
) -> None:
    wave.set_view(*view)
    seeks, spans = asked(wave), selected(wave)
    qtbot.mouseClick(wave, LEFT, pos=QPoint(x, 60))
    assert (seeks, spans) == ([expected], [])
    assert wave.position_ms == 0, "the playhead waits until it is heard"


def test_a_trembling_hand_still_clicks(qtbot: QtBot, wave: Waveform) -> None:
    seeks, spans = asked(wave), selected(wave)
    drag(qtbot, wave, 500, 503)
    assert (seeks, spans) == ([50_000], [])


@pytest.mark.parametrize(("first", "last"), [(200, 350), (350, 200)])
def test_a_drag_selects_a_span(qtbot: QtBot, wave: Waveform, first: int, last: int) -> None:
    seeks, spans = asked(wave), selected(wave)
    drag(qtbot, wave, first, last)
    assert spans == [Span(start_ms=20_000, end_ms=35_000)] == [wave.selection]
    assert seeks == []


def test_a_drag_past_the_edge_ends_at_the_recordings_end(qtbot: QtBot, wave: Waveform) -> None:
    wave.set_view(900_000, 1_000_000)
    drag(qtbot, wave, 900, 1_400)
    assert wave.selection == Span(start_ms=990_000, end_ms=1_000_000)


@pytest.mark.parametrize(
    ("edge", "to", "expected"),
    [(200, 100, (10_000, 40_000)), (402, 700, (20_000, 70_000)), (200, 600, (40_000, 60_000))],
)
def test_an_edge_of_the_selection_can_be_pulled(
    qtbot: QtBot, wave: Waveform, edge: int, to: int, expected: tuple[int, int]
) -> None:
    wave.set_selection(Span(start_ms=20_000, end_ms=40_000))
    seeks = asked(wave)
    drag(qtbot, wave, edge, to)
    assert wave.selection == Span(start_ms=expected[0], end_ms=expected[1])
    assert seeks == []


def test_showing_a_selection_announces_nothing(qtbot: QtBot, wave: Waveform) -> None:
    spans = selected(wave)
    wave.set_selection(Span(start_ms=1, end_ms=2))
    assert spans == []


@pytest.mark.parametrize(("button", "keys"), [(MIDDLE, NONE), (LEFT, SHIFT)])
def test_the_middle_button_and_shift_pan(
    qtbot: QtBot, wave: Waveform, button: Qt.MouseButton, keys: Qt.KeyboardModifier
) -> None:
    wave.set_view(500_000, 600_000)
    seeks, spans = asked(wave), selected(wave)
    drag(qtbot, wave, 800, 300, button=button, keys=keys)
    assert wave.view == (550_000, 650_000)
    assert (seeks, spans) == ([], [])


def test_the_wheel_scrolls_and_stays_inside(wave: Waveform) -> None:
    turn_wheel(wave, 500, angle=-240)
    assert wave.view == (20_000, 120_000)
    turn_wheel(wave, 500, angle=120)
    assert wave.view == (10_000, 110_000)
    turn_wheel(wave, 500, pixels=-50, angle=-60)
    assert wave.view == (15_000, 115_000)
    turn_wheel(wave, 500, angle=12_000)
    assert wave.view == (0, 100_000)


@pytest.mark.parametrize(("keys", "angle", "sideways"), [(CONTROL, 120, 0), (ALT, 0, 120)])
def test_ctrl_or_alt_with_the_wheel_zooms_around_the_pointer(
    wave: Waveform, keys: Qt.KeyboardModifier, angle: int, sideways: int
) -> None:
    wave.set_view(300_000, 400_000)
    under = wave.scale().ms(250)
    turn_wheel(wave, 250, angle=angle, sideways=sideways, keys=keys)
    assert wave.view[1] - wave.view[0] == 80_000
    assert wave.scale().ms(250) == under
    turn_wheel(wave, 250, angle=-angle, sideways=-sideways, keys=keys)
    assert wave.view == (300_000, 400_000)


@pytest.mark.parametrize(
    ("key", "keys", "expected"),
    [
        (Qt.Key.Key_Left, NONE, 495_000),
        (Qt.Key.Key_Right, NONE, 505_000),
        (Qt.Key.Key_Left, SHIFT, 499_000),
        (Qt.Key.Key_Right, SHIFT, 501_000),
        (Qt.Key.Key_PageUp, NONE, 470_000),
        (Qt.Key.Key_PageDown, NONE, 530_000),
        (Qt.Key.Key_Home, NONE, 0),
        (Qt.Key.Key_End, NONE, 1_000_000),
    ],
)
def test_keys_step(wave: Waveform, key: Qt.Key, keys: Qt.KeyboardModifier, expected: int) -> None:
    wave.set_position(500_000)
    seeks = asked(wave)
    QTest.keyClick(wave, key, keys)
    assert seeks == [expected]


def test_keys_do_not_leave_the_recording(wave: Waveform) -> None:
    seeks = asked(wave)
    QTest.keyClick(wave, Qt.Key.Key_Left)
    wave.set_position(999_000)
    QTest.keyClick(wave, Qt.Key.Key_PageDown)
    assert seeks == [0, 1_000_000]


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_M, Qt.Key.Key_Escape])
def test_other_keys_are_left_to_the_window(wave: Waveform, key: Qt.Key) -> None:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QKeyEvent

    event = QKeyEvent(QEvent.Type.KeyPress, key, NONE)
    event.accept()
    QApplication.sendEvent(wave, event)
    assert not event.isAccepted()


def test_plus_minus_and_zero_zoom_around_the_playhead(wave: Waveform) -> None:
    wave.set_position(40_000)
    QTest.keyClick(wave, Qt.Key.Key_Plus)
    assert wave.view[1] - wave.view[0] == pytest.approx(100_000 / 1.5, abs=2)
    assert wave.scale().x(40_000) == pytest.approx(400)
    QTest.keyClick(wave, Qt.Key.Key_Minus)
    assert wave.view == (0, 100_000)
    QTest.keyClick(wave, Qt.Key.Key_0)
    assert wave.view == (0, 1_000_000)


def test_in_and_out_select_at_the_playhead(wave: Waveform) -> None:
    spans = selected(wave)
    for position, key in (
        (10_000, Qt.Key.Key_O),
        (20_000, Qt.Key.Key_I),
        (15_000, Qt.Key.Key_O),
        (30_000, Qt.Key.Key_O),
    ):
        wave.set_position(position)
        QTest.keyClick(wave, key)
    assert spans == [Span(start_ms=20_000, end_ms=30_000)]
    wave.set_position(25_500)
    QTest.keyClick(wave, Qt.Key.Key_I)
    wave.set_position(50_000)
    QTest.keyClick(wave, Qt.Key.Key_O)
    assert wave.selection == Span(start_ms=25_500, end_ms=50_000)
    QTest.keyClick(wave, Qt.Key.Key_Escape)
    assert spans[-1] is None is wave.selection


def annotation(name: str, start_ms: int, end_ms: int | None, text: str = "") -> Annotation:
    now = datetime(2026, 5, 28, tzinfo=UTC)
    kind = AnnotationKind.MOMENT if end_ms is None else AnnotationKind.SPAN
    return Annotation(
        annotation_id=name,
        connection="demo",
        session_id="s1",
        kind=kind,
        start_ms=start_ms,
        end_ms=end_ms,
        turn_index=None,
        role=None,
        quote="",
        tag=f"tag of {name}",
        severity=None,
        text=text,
        author="ann",
        created_at=now,
        updated_at=now,
    )


@pytest.mark.parametrize(("x", "expected"), [(250, ["wide"]), (305, ["narrow"]), (609, ["moment"]), (611, [])])
def test_a_double_click_opens_the_annotation_under_it(
    qtbot: QtBot, wave: Waveform, x: int, expected: list[str]
) -> None:
    wave.set_annotations(
        [annotation("wide", 20_000, 40_000), annotation("narrow", 30_000, 31_000), annotation("moment", 60_000, None)]
    )
    opened: list[str] = []
    wave.annotation_activated.connect(opened.append)
    qtbot.mouseDClick(wave, LEFT, pos=QPoint(x, 60))
    assert opened == expected


def test_a_tool_tip_shows_an_annotation_as_text_never_as_markup(qtbot: QtBot, wave: Waveform) -> None:
    from PySide6.QtGui import QHelpEvent

    wave.set_annotations([annotation("a", 20_000, 40_000, "<b>bold</b> <img src=x>")])
    place = QPoint(300, 60)
    QApplication.sendEvent(wave, QHelpEvent(QHelpEvent.Type.ToolTip, place, wave.mapToGlobal(place)))
    assert "tag of a" in QToolTip.text()
    assert "&lt;b&gt;bold" in QToolTip.text()
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def play(wave: Waveform, start_ms: int, end_ms: int, step: int = 500) -> None:
    for position in range(start_ms, end_ms, step):
        wave.set_position(position)


def test_the_view_turns_the_page_with_the_playhead(wave: Waveform) -> None:
    views: list[tuple[int, int]] = []
    wave.view_changed.connect(lambda start, end: views.append((start, end)))
    play(wave, 0, 250_000)
    assert len(views) == 2
    assert all(start <= 250_000 for start, _ in views)
    assert wave.view[0] < 250_000 < wave.view[1]


def test_looking_elsewhere_pauses_following_until_it_is_asked_for(wave: Waveform) -> None:
    told: list[bool] = []
    wave.follow_changed.connect(told.append)
    wave.set_position(10_000)
    turn_wheel(wave, 500, angle=-120 * 30)
    play(wave, 10_000, 12_000)
    assert (wave.view, wave.follow, told) == ((300_000, 400_000), False, [False])
    wave.set_follow(True)
    assert wave.view[0] <= 12_000 < wave.view[1]
    assert (wave.follow, told) == (True, [False, True])


def test_zooming_around_the_playhead_does_not_pause_following(wave: Waveform) -> None:
    wave.set_position(50_000)
    turn_wheel(wave, 500, angle=120, keys=CONTROL)
    assert wave.follow


def test_a_view_moved_by_hand_stays_wherever_the_playhead_goes(wave: Waveform) -> None:
    wave.set_view(300_000, 400_000)
    for position_ms in (700_000, 699_990, 5_000, 900_000):
        wave.set_position(position_ms)
    assert (wave.view, wave.follow) == ((300_000, 400_000), False)


def test_the_view_holds_still_under_a_drag(qtbot: QtBot, wave: Waveform) -> None:
    wave.set_position(95_000)
    qtbot.mousePress(wave, LEFT, pos=QPoint(300, 90))
    play(wave, 95_000, 110_000)
    move(wave, 500, LEFT, NONE)
    qtbot.mouseRelease(wave, LEFT, pos=QPoint(500, 90))
    assert wave.selection == Span(start_ms=30_000, end_ms=50_000)
    wave.set_position(110_500)
    assert wave.view[0] > 0


def test_a_wider_window_shows_more_and_a_fitted_view_stays_fitted(wave: Waveform) -> None:
    wave.resize(1_500, 200)
    assert wave.view == (0, 150_000)
    wave.fit()
    wave.resize(700, 200)
    assert wave.view == (0, 1_000_000)
