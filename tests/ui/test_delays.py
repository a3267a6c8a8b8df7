"""Delays and interruptions as a person meets them: the strip, the words beside turns, the rows alone, keys, facts."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from parts.clocks import sample_named
from parts.window import Room
from qa_player.model.connection import Sides
from qa_player.model.delay import Answer, Basis, Delays, Interruption
from qa_player.model.transcript import Role
from qa_player.ui import theme
from qa_player.ui.delays import BEFORE_MS
from qa_player.ui.widgets.delay_strip import DelayStrip
from qa_player.ui.widgets.text import Label

SLOW, CUT = "Complaint", "Talking over each other"


async def measured(room: Room, subject: str) -> DelayStrip:
    """The strip of a session once its recording was listened to."""
    await room.open(subject)
    strip = room.panels.player.delays
    await room.until(lambda: strip.isVisible() and strip.accessibleDescription().endswith("measured"))
    return strip


def facts(room: Room) -> dict[str, str]:
    labels = [label.text() for label in room.panels.details.widget().findChildren(Label)]
    begin = labels.index("Answers and interruptions") + 1
    return dict(zip(labels[begin::2], labels[begin + 1 :: 2], strict=False))


def row_of(room: Room, turn_index: int) -> str:
    turns = room.panels.transcript.view.turns
    return turns.row_text(turns.row_of(turn_index))


def truly_slowest() -> tuple[int, int]:
    """The turn that took longest to come, and when the one before it had ended."""
    spoken = sample_named(SLOW).truth
    gaps = {
        at: spoken[at].start_ms - spoken[at - 1].end_ms
        for at in range(1, len(spoken))
        if spoken[at].role == "assistant" and spoken[at - 1].role == "user"
    }
    slowest = max(gaps, key=lambda at: gaps[at])
    return slowest, spoken[slowest - 1].end_ms


async def test_a_slow_answer_is_seen_reached_by_a_key_and_shown_alone(room: Room) -> None:
    await measured(room, SLOW)
    slowest, ended_ms = truly_slowest()
    assert "after 11." in row_of(room, slowest)
    assert facts(room)["Answers"] == "25, measured"
    assert facts(room)["Slowest"].endswith(f"turn {slowest}")
    assert facts(room)["Provider's count"] == "0"
    room.panels.transcript.take_focus()
    await room.press(Qt.Key.Key_D)
    await room.until(lambda: abs(room.app.playback.position_ms - (ended_ms - BEFORE_MS)) < 40)
    await room.press(Qt.Key.Key_D)
    second = room.app.playback.position_ms
    assert abs(second - (ended_ms - BEFORE_MS)) > 1_000
    await room.press(Qt.Key.Key_D, Qt.KeyboardModifier.ShiftModifier)
    await room.until(lambda: abs(room.app.playback.position_ms - (ended_ms - BEFORE_MS)) < 40)
    assert room.panels.player.delays.accessibleDescription().startswith("Answered after 11.")

    narrow = room.panels.transcript.notable
    assert narrow.text() == "Delays 1"
    narrow.click()
    turns = room.panels.transcript.view.turns
    assert [turn.index for turn in turns.turns] == [slowest - 1, slowest]
    assert "after 11." in row_of(room, slowest)
    narrow.click()
    assert turns.rowCount() == 52


async def test_interruptions_are_drawn_counted_and_stepped_through(room: Room) -> None:
    await measured(room, CUT)
    spoken = sample_named(CUT).truth
    cuts = [one for before, one in pairwise(spoken) if one.start_ms < before.end_ms]
    starts = [one.start_ms for one in cuts]
    by_agent = sum(one.role == "assistant" for one in cuts)
    assert facts(room)["Interruptions"] == f"26 found here (Agent {by_agent}, Customer {26 - by_agent}), measured"
    assert facts(room)["Provider's count"] == "26"
    assert "cut in" in row_of(room, 1)
    room.panels.transcript.take_focus()
    for start_ms in starts[:3]:
        await room.press(Qt.Key.Key_B)
        await room.until(
            lambda start_ms=start_ms: abs(room.app.playback.position_ms - max(start_ms - BEFORE_MS, 0)) < 40
        )
    await room.press(Qt.Key.Key_B, Qt.KeyboardModifier.ShiftModifier)
    await room.until(lambda: abs(room.app.playback.position_ms - max(starts[1] - BEFORE_MS, 0)) < 40)


async def test_another_session_begins_anew_and_one_without_says_nothing(room: Room) -> None:
    strip = await measured(room, CUT)
    room.panels.transcript.notable.click()
    await room.open("Opening hours")
    assert not strip.isVisible()
    assert not room.panels.transcript.notable.isVisible()
    assert room.panels.transcript.view.turns.rowCount() == 9
    room.panels.transcript.take_focus()
    await room.press(Qt.Key.Key_D)
    assert "not known" in room.panels.messages.text()
    await room.press(Qt.Key.Key_B)
    assert "No interruption is known" in room.panels.messages.text()


async def test_what_counts_as_slow_is_a_setting(room: Room) -> None:
    await measured(room, SLOW)
    room.desk.preferences.change(room.app.settings.model_copy(update={"slow_answer_ms": 600}))
    marked = room.panels.transcript.notable.text()
    assert marked.startswith("Delays ")
    assert int(marked.removeprefix("Delays ")) > 5


async def test_mono_is_called_an_estimate(room: Room) -> None:
    await room.open("Cancel the add-on")
    strip = room.panels.player.delays
    await room.until(lambda: strip.accessibleDescription().endswith("estimated"))
    assert facts(room)["Answers"].endswith("estimated")


async def test_annotations_stay_beside_their_turns_when_rows_are_shown_alone(room: Room) -> None:
    await measured(room, SLOW)
    slowest, _ = truly_slowest()
    spoken = sample_named(SLOW).truth[slowest]
    await room.app.review.annotate(start_ms=spoken.start_ms + 200, end_ms=spoken.end_ms, tag="compliance")
    await room.until(lambda: "compliance" in row_of(room, slowest))
    room.panels.transcript.notable.click()
    assert "compliance" in row_of(room, slowest)


# the strip by itself

ANSWERS = (
    Answer(user_turn=0, agent_turn=1, from_ms=100_000, to_ms=150_000, basis=Basis.MEASURED, told_ms=49_000),
    Answer(user_turn=2, agent_turn=3, from_ms=400_000, to_ms=400_500, basis=Basis.ESTIMATED),
)
CUT_IN = Interruption(role=Role.USER, turn=4, interrupted_turn=3, at_ms=700_000, overlap_ms=900, basis=Basis.MEASURED)


@pytest.fixture
def strip(qtbot: QtBot, qapp: QApplication) -> DelayStrip:
    """1,000 seconds over 1,000 pixels."""
    theme.apply(qapp, "light")
    strip = DelayStrip()
    qtbot.addWidget(strip)
    strip.resize(1_000, strip.height())
    strip.set_duration(1_000_000)
    strip.show_delays(Delays(answers=ANSWERS, interruptions=(CUT_IN,)), Sides(), 2_000)
    return strip


def test_slow_answers_stand_out_and_who_cut_in_is_seen_by_colour(strip: DelayStrip) -> None:
    image = strip.grab().toImage()
    light = theme.LIGHT
    low, high = strip.height() - 2, strip.height() - 6
    assert QColor(image.pixel(125, high)) == QColor(light.accent)
    assert QColor(image.pixel(400, low)) == QColor(light.border_strong)
    assert QColor(image.pixel(400, high)) != QColor(light.border_strong)
    assert QColor(image.pixel(700, 2)) == QColor(light.user)


def test_a_press_chooses_what_is_near_and_nothing_elsewhere(strip: DelayStrip) -> None:
    chosen: list[object] = []
    strip.chosen.connect(chosen.append)
    for x in (120, 404, 697, 550):
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(x, 4))
    assert chosen == [ANSWERS[0], ANSWERS[1], CUT_IN]


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (120, "Answered after 50.00 s (49.00 s by the provider)"),
        (401, "Answered after ≈0.5 s"),
        (700, "Customer cut in, both for 0.90 s"),
        (550, "2 answers, median 25.25 s, slowest 50.00 s, 1 interruption, estimated"),
    ],
)
def test_the_pointer_is_told_what_is_under_it(strip: DelayStrip, x: int, words: str) -> None:
    at = QPoint(x, 4)
    QApplication.sendEvent(strip, QHelpEvent(QHelpEvent.Type.ToolTip, at, strip.mapToGlobal(at)))
    assert words in QToolTip.text()


def test_without_anything_or_any_length_there_is_no_strip(strip: DelayStrip) -> None:
    assert not strip.isHidden()
    strip.set_duration(None)
    assert strip.isHidden()
    strip.set_duration(1_000)
    strip.show_delays(Delays(told_interruptions=3), Sides(), 2_000)
    assert strip.isHidden()
