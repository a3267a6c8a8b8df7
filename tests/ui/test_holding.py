"""A digit that is held while one listens marks a stretch; a short press, or one from the menu, tags as ever."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from parts.window import Room
from qa_player.model.annotation import Annotation, AnnotationKind
from qa_player.ui.dialogs.settings import SettingsDialog
from qa_player.ui.holding import TAP_S

SUBJECT = "Cancel the add-on"
FAST = 2.0


async def listening(room: Room, *, at_ms: int = 6_000) -> QWidget:
    """The session plays; what has the keys."""
    await room.open(SUBJECT)
    await room.until(lambda: room.app.playback.state.verified and room.panels.annotations.digits)
    room.app.playback.seek(at_ms)
    room.panels.transcript.take_focus()
    await room.until(room.panels.transcript.view.hasFocus)
    await room.press(Qt.Key.Key_Space)
    await room.until(lambda: room.app.playback.state.playing and room.app.playback.position_ms > at_ms)
    return room.panels.transcript.view


async def heard(room: Room, milliseconds: float) -> None:
    """So much more has been heard."""
    until = room.app.playback.position_ms + milliseconds
    await room.until(lambda: room.app.playback.position_ms >= until)


def set_lag(room: Room, lag_ms: int) -> None:
    room.app.settings = room.app.settings.model_copy(update={"reaction_ms": lag_ms})


def repeat(on: QWidget, key: Qt.Key) -> None:
    """What a keyboard sends again and again while a key is held."""
    for kind in (QEvent.Type.KeyRelease, QEvent.Type.KeyPress):
        QApplication.sendEvent(on, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, "1", True))


async def marked(room: Room, count: int = 1) -> tuple[Annotation, ...]:
    await room.until(lambda: len(room.app.review.annotations) == count)
    return room.app.review.annotations


async def test_a_held_digit_marks_what_was_heard_from_the_reviewers_lag_before(room: Room) -> None:
    on = await listening(room)
    set_lag(room, 500)
    pressed_ms = room.app.playback.position_ms
    QTest.keyPress(on, Qt.Key.Key_1)
    for _ in range(4):
        await heard(room, 200)
        repeat(on, Qt.Key.Key_1)
    assert room.app.review.annotations == (), "it goes on while the key is held"
    released_ms = room.app.playback.position_ms
    QTest.keyRelease(on, Qt.Key.Key_1)
    (one,) = await marked(room)
    assert (one.kind, one.tag) == (AnnotationKind.SPAN, "compliance")
    assert one.start_ms is not None
    assert one.end_ms is not None
    assert -1 <= one.start_ms - (pressed_ms - 500) < 250
    assert -1 <= one.end_ms - released_ms < 250
    assert room.app.playback.state.playing, "nobody was interrupted"


async def test_a_repeat_that_says_not_that_it_is_one_does_not_end_the_stretch(room: Room) -> None:
    """X11 tells a repeat from a release by what follows, and at times nothing does yet."""
    on = await listening(room)
    QTest.keyPress(on, Qt.Key.Key_1)
    for _ in range(3):
        await heard(room, 300)
        QTest.keyRelease(on, Qt.Key.Key_1)
        QTest.keyPress(on, Qt.Key.Key_1)
    await heard(room, 300)
    QTest.keyRelease(on, Qt.Key.Key_1)
    (one,) = await marked(room)
    assert one.end_ms is not None
    assert one.start_ms is not None
    assert one.end_ms - one.start_ms >= 1_200


async def test_the_lag_is_the_reviewers_own_time_whatever_the_speed(room: Room) -> None:
    on = await listening(room)
    room.app.playback.set_speed(FAST)
    set_lag(room, 600)
    await heard(room, 500)
    pressed_ms = room.app.playback.position_ms
    QTest.keyPress(on, Qt.Key.Key_2)
    await heard(room, (TAP_S + 0.2) * 1_000 * FAST)
    QTest.keyRelease(on, Qt.Key.Key_2)
    (one,) = await marked(room)
    assert one.start_ms is not None
    assert -1 <= one.start_ms - (pressed_ms - 600 * FAST) < 250 * FAST


async def test_a_short_press_tags_the_turn_that_was_heard_when_the_key_went_down(room: Room) -> None:
    on = await listening(room)
    await room.until(lambda: room.app.playback.active_turns)
    turn = room.app.playback.active_turns[0]
    QTest.keyClick(on, Qt.Key.Key_3)
    (one,) = await marked(room)
    assert (one.kind, one.turn_index, one.tag) == (AnnotationKind.TURN, turn, "empathy")


async def test_two_digits_held_together_mark_two_stretches(room: Room) -> None:
    on = await listening(room)
    QTest.keyPress(on, Qt.Key.Key_1)
    await heard(room, 300)
    QTest.keyPress(on, Qt.Key.Key_2)
    await heard(room, 600)
    QTest.keyRelease(on, Qt.Key.Key_1)
    await heard(room, 300)
    QTest.keyRelease(on, Qt.Key.Key_2)
    first, second = await marked(room, 2)
    assert (first.tag, second.tag) == ("compliance", "interruption")
    assert None not in (first.end_ms, second.start_ms, second.end_ms)
    assert first.start_ms < second.start_ms < first.end_ms < second.end_ms  # type: ignore[operator]


async def test_a_digit_that_needs_shift_ends_by_whatever_name_its_key_goes_up(room: Room) -> None:
    on = await listening(room)
    QTest.keyPress(on, Qt.Key.Key_1)
    QTest.keyClick(on, Qt.Key.Key_F, Qt.KeyboardModifier.AltModifier)
    await heard(room, 600)
    QTest.keyRelease(on, Qt.Key.Key_Shift)
    assert room.app.review.annotations == (), "another key that went down and up is not the one that is held"
    QTest.keyRelease(on, Qt.Key.Key_Ampersand)
    (one,) = await marked(room)
    assert one.kind is AnnotationKind.SPAN


async def test_another_window_in_front_ends_the_stretch(room: Room) -> None:
    on = await listening(room)
    QTest.keyPress(on, Qt.Key.Key_1)
    await heard(room, 600)
    QApplication.sendEvent(room.shell, QEvent(QEvent.Type.WindowDeactivate))
    (one,) = await marked(room)
    assert one.kind is AnnotationKind.SPAN
    QTest.keyRelease(on, Qt.Key.Key_1)
    await heard(room, 200)
    assert len(room.app.review.annotations) == 1


async def test_while_nothing_plays_and_from_the_menu_a_digit_tags_at_once(room: Room) -> None:
    on = await listening(room)
    assert room.window.actions is not None
    room.window.actions["tag.2"].trigger()
    (one,) = await marked(room)
    assert one.kind is AnnotationKind.TURN
    room.app.playback.pause()
    QTest.keyPress(on, Qt.Key.Key_1)
    first, second = await marked(room, 2)
    assert AnnotationKind.SPAN not in (first.kind, second.kind)
    QTest.keyRelease(on, Qt.Key.Key_1)


async def test_what_is_held_when_the_session_changes_marks_nothing(room: Room) -> None:
    on = await listening(room)
    before = room.app.playback.session
    QTest.keyPress(on, Qt.Key.Key_1)
    await heard(room, 600)
    room.panels.sessions.step(1)
    await room.until(lambda: room.app.playback.session not in (None, before) and not room.tasks.running("review-load"))
    QTest.keyRelease(room.panels.transcript.view, Qt.Key.Key_1)
    await room.until(lambda: not room.tasks.running("save"))
    assert room.app.review.annotations == ()
    assert before is not None
    assert await room.app.review.of_session(before.connection.name, before.session_id) == ()


async def test_the_lag_is_set_in_the_settings_and_in_force_at_once(room: Room) -> None:
    assert room.app.settings.reaction_ms == 400
    room.desk.preferences.edit_settings()
    await room.until(lambda: isinstance(QApplication.activeModalWidget(), SettingsDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, SettingsDialog)
    dialog.reaction.setValue(250)
    dialog.accept_button.click()
    await room.until(lambda: QApplication.activeModalWidget() is None)
    assert room.app.settings.reaction_ms == 250
    on = await listening(room)
    pressed_ms = room.app.playback.position_ms
    QTest.keyPress(on, Qt.Key.Key_1)
    await heard(room, 500)
    QTest.keyRelease(on, Qt.Key.Key_1)
    (one,) = await marked(room)
    assert one.start_ms is not None
    assert -1 <= one.start_ms - (pressed_ms - 250) < 130
