"""The ends of an annotation, dragged on the wave and nudged by keys; each move can be taken back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from parts.window import Room
from qa_player.model.annotation import Annotation, AnnotationKind
from qa_player.store import annotations
from qa_player.ui.widgets.chosen_annotation import Place
from qa_player.ui.widgets.editable_waveform import EditableWaveform

SUBJECT = "Cancel the add-on"
CONTROL = Qt.KeyboardModifier.ControlModifier


async def ready(room: Room) -> EditableWaveform:
    """Two annotations, one over the other; the first is under the cursor."""
    await room.open(SUBJECT)
    await room.until(lambda: room.app.playback.state.verified)
    wave = room.panels.player.waveform
    wave.set_follow(False)
    wave.set_view(0, 20_000)
    first = await room.app.review.annotate(start_ms=4_000, end_ms=8_000, tag="fee", text="kept")
    await room.app.review.annotate(start_ms=5_000, end_ms=9_000, tag="tone")
    await room.app.review.annotate(start_ms=14_000, tag="moment")
    room.panels.annotations.list.select(first.annotation_id)
    room.panels.transcript.take_focus()
    await room.until(room.panels.transcript.view.hasFocus)
    return wave


def of(room: Room, tag: str) -> Annotation:
    return next(one for one in room.app.review.annotations if one.tag == tag)


def place(room: Room, tag: str = "fee") -> tuple[int | None, int | None]:
    return of(room, tag).start_ms, of(room, tag).end_ms


def drag(wave: EditableWaveform, from_ms: int, to_ms: int, *, release: bool = True) -> None:
    at, to = (QPoint(round(wave.scale().x(ms)), 60) for ms in (from_ms, to_ms))
    QTest.mousePress(wave, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    for step in (QPointF(at + (to - at) / 2), QPointF(to)):
        held = Qt.MouseButton.LeftButton
        QApplication.sendEvent(
            wave,
            QMouseEvent(QMouseEvent.Type.MouseMove, step, wave.mapToGlobal(step), held, held, Qt.KeyboardModifier(0)),
        )
    if release:
        QTest.mouseRelease(wave, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, to)


async def moved(room: Room, before: object) -> None:
    await room.until(lambda: place(room) != before and not room.tasks.running("save"))


async def test_an_end_is_dragged_and_the_drag_is_taken_back(room: Room) -> None:
    wave = await ready(room)
    was = of(room, "fee")
    drag(wave, 8_000, 11_000)
    await moved(room, (4_000, 8_000))
    start_ms, end_ms = place(room)
    assert start_ms == 4_000
    assert end_ms == pytest.approx(11_000, abs=40)
    assert (of(room, "fee").text, of(room, "fee").annotation_id) == ("kept", was.annotation_id)
    assert wave.selection is None, "no stretch was selected by it"
    drag(wave, 4_000, 2_000)
    await moved(room, (start_ms, end_ms))
    assert place(room)[0] == pytest.approx(2_000, abs=40)
    assert place(room, "tone") == (5_000, 9_000), "another that it overlaps stays"
    for _ in range(2):
        await room.press(Qt.Key.Key_Z, CONTROL)
    await room.until(lambda: place(room) == (4_000, 8_000))
    await room.press(Qt.Key.Key_Z, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    await room.until(lambda: place(room) == (4_000, end_ms))
    entries = [event for event in await room.app.audit.show() if event.subject == was.annotation_id]
    assert [event.action for event in entries].count("annotation.changed") == 2


async def test_an_end_never_passes_the_other_nor_leaves_the_recording(room: Room) -> None:
    wave = await ready(room)
    drag(wave, 8_000, 1_000)
    await moved(room, (4_000, 8_000))
    assert place(room) == (4_000, 4_001)
    duration_ms = room.app.playback.state.duration_ms
    assert duration_ms is not None
    wave.chosen.drag(duration_ms + 5_000, duration_ms=duration_ms)
    assert wave.chosen.place is not None
    assert wave.chosen.place.end_ms == duration_ms


async def test_keys_nudge_the_end_that_was_moved_last_and_many_nudges_are_one_step(room: Room) -> None:
    wave = await ready(room)
    for _ in range(4):
        await room.press(Qt.Key.Key_Period)
    assert wave.chosen.place is not None
    assert wave.chosen.place.end_ms == 8_200, "it is seen at once"
    await room.until(lambda: place(room) == (4_000, 8_200))
    await room.press(Qt.Key.Key_Semicolon)
    await room.press(Qt.Key.Key_Comma)
    await room.press(Qt.Key.Key_Z, CONTROL)
    await room.until(lambda: not room.tasks.running("save") and room.app.review.can_redo)
    assert place(room) == (4_000, 8_200), "what was not kept yet was kept first, and then taken back"
    await room.press(Qt.Key.Key_Z, CONTROL)
    await room.until(lambda: place(room) == (4_000, 8_000))


async def test_a_selection_is_nudged_before_an_annotation(room: Room) -> None:
    await ready(room)
    room.panels.player.select(10_000, 12_000)
    await room.press(Qt.Key.Key_Period)
    assert room.panels.player.selection == (10_000, 12_050)
    await room.press(Qt.Key.Key_Semicolon)
    await room.press(Qt.Key.Key_Comma)
    assert room.panels.player.selection == (9_950, 12_050)
    assert place(room) == (4_000, 8_000)


async def test_a_click_takes_the_annotation_under_it_and_moments_are_moved(room: Room) -> None:
    wave = await ready(room)
    x = round(wave.scale().x(14_000)) + 4
    QTest.mouseClick(wave, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(x, 60))
    moment = of(room, "moment")
    await room.until(lambda: room.panels.annotations.list.current_id() == moment.annotation_id)
    drag(wave, 14_000, 16_000)
    await room.until(lambda: place(room, "moment")[0] == pytest.approx(16_000, abs=40))
    assert of(room, "moment").kind is AnnotationKind.MOMENT


async def test_a_move_that_cannot_be_kept_is_shown_where_it_still_lies(room: Room) -> None:
    wave = await ready(room)
    one = of(room, "fee")
    await room.app._database.write(
        lambda transaction: annotations.delete(transaction, one.annotation_id, expected_revision=one.revision)
    )
    drag(wave, 8_000, 11_000)
    await room.until(room.panels.annotations.trouble.isVisible)
    assert room.panels.annotations.trouble.text().startswith("Not saved. This annotation was deleted by somebody else.")
    assert wave.chosen.place in (Place(4_000, 8_000), None), "null once the list was read again"


async def test_an_annotation_of_a_turn_has_the_ends_of_its_turn(room: Room) -> None:
    wave = await ready(room)
    turn = await room.app.review.annotate(start_ms=None, turn_index=2, tag="turn")
    room.panels.annotations.list.select(turn.annotation_id)
    assert wave.chosen.place is None
    await room.press(Qt.Key.Key_Period)
    await room.until(lambda: not room.tasks.running("save"))
    assert of(room, "turn") == turn


async def test_what_was_nudged_is_kept_when_the_session_is_left_at_once(room: Room) -> None:
    await ready(room)
    one = of(room, "fee")
    await room.press(Qt.Key.Key_Period)
    room.panels.sessions.step(1)
    await room.until(lambda: room.panels.player.title.text() not in (SUBJECT, "Opening …"))
    await room.until(lambda: not room.tasks.running("save"))
    kept = await room.app.review.of_session(one.connection, one.session_id)
    assert {entry.end_ms for entry in kept if entry.tag == "fee"} == {8_050}


async def test_a_drag_goes_on_while_others_are_read_again(room: Room) -> None:
    wave = await ready(room)
    drag(wave, 8_000, 10_000, release=False)
    await room.app.review.reload()
    assert wave.chosen.place is not None
    assert wave.chosen.place.end_ms == pytest.approx(10_000, abs=40)
    at = QPoint(round(wave.scale().x(10_000)), 60)
    QTest.mouseRelease(wave, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    await moved(room, (4_000, 8_000))
    assert place(room)[1] == pytest.approx(10_000, abs=40)
