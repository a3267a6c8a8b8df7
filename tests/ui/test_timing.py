"""The Timing dialog by keys: the window follows every nudge, what is measured is suggested, Cancel takes it back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from parts import accessible
from parts.clocks import sample_named
from parts.window import Room
from qa_player.model.timing import TimingOrigin
from qa_player.ui.dialogs.timing import TimingDialog

LATE = "Address change"
"""Its transcript begins 1.37 s after its recording."""

ALT = Qt.KeyboardModifier.AltModifier


async def ready(room: Room, subject: str = LATE) -> TimingDialog:
    """The session open and the dialog in front, with the keys in its first field."""
    await room.open(subject)
    await room.until(lambda: room.app.playback.state.verified)
    room.panels.transcript.take_focus()
    return await dialog(room)


async def dialog(room: Room) -> TimingDialog:
    await room.press(Qt.Key.Key_T)
    await room.until(lambda: isinstance(QApplication.activeWindow(), TimingDialog))
    found = QApplication.activeWindow()
    assert isinstance(found, TimingDialog)
    await room.until(found.offset.hasFocus)
    return found


async def gone(room: Room) -> None:
    await room.until(lambda: not isinstance(QApplication.activeWindow(), TimingDialog))
    room.shell.activateWindow()  # as a window manager does
    await room.until(lambda: QApplication.activeWindow() is room.shell)
    await room.until(lambda: not room.tasks.running("timing-place"))


def starts(room: Room) -> list[int | None]:
    return [turn.start_ms for turn in room.panels.transcript.view.turns.turns]


def told(room: Room) -> str:
    (read,) = accessible.named(room.shell, "Timing of the transcript")
    return read.description


async def test_keys_move_every_turn_at_once_and_cancel_takes_it_back(room: Room) -> None:
    tried = await ready(room)
    before = starts(room)
    waveform = room.panels.player.waveform
    await room.press(Qt.Key.Key_PageUp)
    await room.press(Qt.Key.Key_PageUp)
    await room.press(Qt.Key.Key_Down)
    moved = [None if start is None else start + 190 for start in before]
    await room.until(lambda: starts(room) == moved)
    assert [turn.start_ms for turn in waveform._spoken.turns] == moved
    assert room.panels.transcript.timing.text() == "Timing +0.19 s"
    assert tried.offset.value() == 0.19
    QTest.keyClick(tried, Qt.Key.Key_Escape)
    await gone(room)
    await room.until(lambda: starts(room) == before)
    session = room.app.playback.session
    assert session is not None
    assert await room.app.timings.kept(session.connection.name, session.session_id) is None
    assert told(room) == "Transcript and recording begin together, as the provider says"


async def test_what_was_nudged_is_kept_and_moves_no_annotation(room: Room) -> None:
    await room.open(LATE)
    noted = await room.app.review.annotate(start_ms=20_000, end_ms=21_000, tag="x")
    await ready(room)
    for _ in range(4):
        await room.press(Qt.Key.Key_PageDown)
    await room.press(Qt.Key.Key_Return)
    await gone(room)
    assert told(room) == "Transcript 0.400 s earlier in the recording, set by a person"
    session = room.app.playback.session
    assert session is not None
    kept = await room.app.timings.kept(session.connection.name, session.session_id)
    assert kept is not None
    assert (kept.origin, kept.offset_ms, kept.drift_ppm) == (TimingOrigin.PERSON, -400, 0)
    assert room.app.review.annotations == (noted,)
    assert "The timing is kept." in room.panels.messages.text()
    await room.open("Refund status")
    await room.open(LATE)
    assert told(room) == "Transcript 0.400 s earlier in the recording, set by a person"


async def test_a_measured_clock_is_suggested_heard_and_accepted(room: Room) -> None:
    asked = await ready(room)
    QTest.keyClick(asked.offset, Qt.Key.Key_M, ALT)
    await room.until(asked.said.text)
    assert asked.said.text().startswith("28 of 28 turns begin where speech sets in")
    truth = [spoken.start_ms for spoken in sample_named(LATE).truth]
    await room.until(
        lambda: all(
            start is not None and abs(start - true) <= 60 for start, true in zip(starts(room), truth, strict=True)
        )
    )
    QTest.keyClick(asked.offset, Qt.Key.Key_H, ALT)
    await room.until(lambda: room.app.playback.state.playing)
    first = starts(room)[0]
    assert first is not None
    await room.until(lambda: room.app.playback.position_ms > first)
    assert room.app.playback.active_turns == (0,)
    # nudged while it sounds, the turn is heard again from its new start
    await room.press(Qt.Key.Key_PageUp, on=asked.offset)
    await room.until(lambda: starts(room)[0] == first + 100)
    await room.press(Qt.Key.Key_PageDown)
    await room.until(lambda: starts(room)[0] == first)
    room.app.playback.pause()
    QTest.keyClick(asked.offset, Qt.Key.Key_M, ALT)
    await room.until(lambda: asked.timing().origin is TimingOrigin.MEASURED)
    await room.press(Qt.Key.Key_Return)
    await gone(room)
    assert told(room).endswith(", measured")
    (event,) = [event for event in await room.app.audit.show() if event.action == "timing.set"]
    assert (event.detail["origin"], event.detail["matched"]) == ("measured", 28)


async def test_where_it_cannot_tell_it_says_so_and_changes_nothing(room: Room) -> None:
    asked = await ready(room, "Ten thousand turns")
    before = starts(room)
    QTest.keyClick(asked.offset, Qt.Key.Key_M, ALT)
    await room.until(lambda: asked.measure.accessibleName() == "Stop measuring")
    await room.until(asked.said.text, timeout=60)
    assert asked.said.text().startswith("The clock cannot be told.")
    assert asked.timing().origin is TimingOrigin.PROVIDER
    assert starts(room) == before
    QTest.keyClick(asked, Qt.Key.Key_Escape)
    await gone(room)


async def test_measuring_stops_when_it_is_told_to_or_left(room: Room) -> None:
    asked = await ready(room, "Long support call")
    for leave in (lambda: QTest.keyClick(asked.offset, Qt.Key.Key_M, ALT), asked.reject):
        QTest.keyClick(asked.offset, Qt.Key.Key_M, ALT)
        await room.until(lambda: room.tasks.running("timing-measure"))
        leave()
        await room.until(lambda: not room.tasks.running("timing-measure"))
    await gone(room)
    assert room.troubles == []


async def test_what_a_command_beside_the_window_kept_is_in_force_here(room: Room) -> None:
    from qa_player.services.timing import set_by_person

    await room.open(LATE)
    session = room.app.playback.session
    assert session is not None
    await room.app.timings.keep(session.connection.name, session.session_id, set_by_person(700, 0))
    await room.desk.retiming.follow()
    assert told(room).startswith("Transcript 0.700 s later")
    assert starts(room) == [None if turn.raw_start_ms is None else turn.raw_start_ms + 700 for turn in session.turns]
