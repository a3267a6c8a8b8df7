"""What a reviewer's hands do to what is heard: by key, by menu, and in the box behind Sound."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from parts import tape
from parts.heard import TapeSample
from parts.window import Room
from qa_player.demo.server import DemoServer
from qa_player.model.annotation import Span
from qa_player.model.playback import Channels
from qa_player.settings import Settings
from qa_player.ui.audio_output import Device
from qa_player.ui.dialogs.settings import SettingsDialog

SUBJECT = "Two sides"
SHIFT = Qt.KeyboardModifier.ShiftModifier
TURNS = (("assistant", 0, 2_000), ("user", 3_000, 5_000), ("assistant", 20_000, 22_000), ("user", 23_000, 25_000))
LENGTH_MS = 26_000


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[DemoServer]:
    """A recording with the agent on the left and the customer on the right, and a long silence between."""
    sound = np.random.default_rng(3).normal(0, 0.0003, (LENGTH_MS * 16, 2)).astype(np.float32)
    for role, start, end in TURNS:
        at = np.arange((end - start) * 16) / 16_000
        sound[start * 16 : end * 16, int(role == "user")] += (0.3 * np.sin(2 * np.pi * 300 * at)).astype(np.float32)
    media = tmp_path / "sides.wav"
    media.write_bytes(tape.wav(sound, 16_000))
    told = {
        "session_id": "sess_SIDES001",
        "subject": SUBJECT,
        "character_slug": "support-bot",
        "duration_ms": LENGTH_MS,
        "media": str(media),
        "recording_status": "READY",
        "turns": [
            {"role": role, "text": f"turn at {start}", "start_ms": start, "end_ms": end} for role, start, end in TURNS
        ],
    }
    with DemoServer(samples=(TapeSample(told, datetime(2026, 11, 20, 9, tzinfo=UTC)),)) as server:
        yield server


async def ready(room: Room) -> None:
    await room.open(SUBJECT)
    await room.until(lambda: room.app.playback.state.verified and room.app.playback.state.apart)
    room.panels.transcript.take_focus()


def visible_text(room: Room) -> str:
    transport = room.panels.player.transport
    on = [button for button in (transport.loop, transport.silence) if button.isChecked()]
    return " ".join(button.accessibleDescription() for button in on)


async def test_what_is_not_used_is_not_shown(room: Room) -> None:
    await ready(room)
    assert visible_text(room) == ""
    assert not room.panels.player.transport.sound.box.isVisible()


async def test_r_hears_the_turn_again_and_shift_r_slower(room: Room) -> None:
    await ready(room)
    playback = room.app.playback
    playback.seek(4_000)
    await room.press(Qt.Key.Key_R)
    await room.until(lambda: playback.state.playing and 3_000 <= playback.position_ms < 3_900)
    await room.press(Qt.Key.Key_R, SHIFT)
    assert playback.state.speed == 0.75
    assert room.panels.player.transport.speed.currentText() == "0.75×"
    await room.press(Qt.Key.Key_R, SHIFT)
    await room.until(lambda: playback.position_ms < 1_000)
    playback.seek(10_000)
    await room.until(lambda: room.panels.player.transport.speed.currentText() == "1×")


async def test_a_loop_is_shown_with_its_span_and_ended_by_key_and_by_its_button(room: Room) -> None:
    await ready(room)
    loop = room.panels.player.transport.loop
    actions = room.window.actions
    assert actions is not None
    room.panels.player.select(3_200, 3_900)
    await room.press(Qt.Key.Key_L, SHIFT)
    assert room.app.playback.state.listening.loop == Span(start_ms=3_200, end_ms=3_900)
    assert (loop.isChecked(), loop.accessibleDescription()) == (True, "0:03.20 – 0:03.90")
    assert actions["play.loop"].isChecked()
    await room.press(Qt.Key.Key_L, SHIFT)
    assert (loop.isChecked(), actions["play.loop"].isChecked()) == (False, False)
    QTest.mouseClick(loop, Qt.MouseButton.LeftButton)
    assert (loop.isChecked(), actions["play.loop"].isChecked()) == (True, True)
    QTest.mouseClick(loop, Qt.MouseButton.LeftButton)
    assert room.app.playback.state.listening.loop is None
    await room.until(room.panels.transcript.view.hasFocus)


async def test_silence_is_skipped_by_key_and_the_saving_is_shown(room: Room) -> None:
    await ready(room)
    playback = room.app.playback
    await room.press(Qt.Key.Key_S)
    assert visible_text(room) == room.panels.player.transport.silence.text() == "0.0 s saved"
    playback.set_speed(3.0)
    playback.seek(4_500)
    playback.play()
    await room.until(lambda: playback.position_ms > 20_000, timeout=10)
    assert playback.state.saved_ms > 4_000
    assert room.app.coverage.covered() == (), "without a device a silence that is left out proves nothing"
    assert visible_text(room) == f"{playback.state.saved_ms / 1_000:.1f} s saved"
    await room.press(Qt.Key.Key_S)
    assert visible_text(room) == ""


async def test_a_view_that_was_moved_by_hand_stays_through_a_loop_and_over_a_silence(room: Room) -> None:
    await ready(room)
    playback, wave = room.app.playback, room.panels.player.waveform
    playback.seek(300)
    wave.set_follow(False)
    playback.set_loop(Span(start_ms=200, end_ms=900))
    wrapped = []
    playback.heard.connect(lambda stretch: wrapped.append(stretch) if stretch.end_ms == 900 else None)
    playback.play()
    await room.until(lambda: len(wrapped) >= 2 and 300 < playback.position_ms < 800)
    assert not wave.follow
    playback.set_loop(None)
    playback.listen(replace(playback.state.listening, skips_silence=True, speed=3.0))
    await room.until(lambda: playback.position_ms > 20_000)
    assert playback.state.saved_ms > 3_000
    playback.pause()
    assert not wave.follow
    playback.seek(5_000)
    assert wave.follow
    wave.set_follow(False)
    await room.press(Qt.Key.Key_R)
    assert wave.follow


async def test_the_box_is_worked_by_keys_and_names_the_parties(room: Room) -> None:
    await ready(room)
    transport, playback = room.panels.player.transport, room.app.playback
    await room.until(lambda: transport.channels.itemText(1) == "Agent only")
    assert transport.channels.itemText(2) == "Customer only"
    transport.sound.setFocus()
    await room.press(Qt.Key.Key_Space)
    box = transport.sound.box
    await room.until(box.isVisible)
    assert [slider.accessibleName() for slider in box.volumes] == ["Volume of Agent", "Volume of Customer"]
    QTest.keyClick(box.silence, Qt.Key.Key_Space)
    QTest.keyClick(box.loudness, Qt.Key.Key_Space)
    QTest.keyClick(box.volumes[1], Qt.Key.Key_Home)
    QTest.keyClick(box.volumes[0], Qt.Key.Key_PageDown)
    before = playback.position_ms
    QTest.keyClick(box.volumes[0], Qt.Key.Key_Left)
    QTest.keyClick(box.volumes[0], Qt.Key.Key_Right)
    assert playback.position_ms == before, "the arrows are the volume's"
    listening = playback.state.listening
    assert (listening.skips_silence, listening.levelled, listening.volumes) == (True, True, (0.8, 0.0))
    assert transport.sound.accessibleDescription() == "silence skipped, even loudness, volumes changed"
    QTest.keyClick(box, Qt.Key.Key_Escape)
    await room.until(lambda: not box.isVisible())
    room.shell.activateWindow()
    await room.until(room.panels.transcript.view.hasFocus)


async def test_the_menu_says_how_it_is_heard(room: Room) -> None:
    await ready(room)
    actions, playback = room.window.actions, room.app.playback
    assert actions is not None
    assert actions["sound.both"].isChecked()
    actions["sound.right"].trigger()
    assert playback.state.channels is Channels.RIGHT
    assert [actions[f"sound.{side}"].isChecked() for side in Channels] == [False, False, True]
    actions["sound.right"].trigger()
    assert actions["sound.right"].isChecked(), "a choice is not taken back by choosing it again"
    actions["sound.level"].trigger()
    assert playback.state.listening.levelled
    rows = dict(actions.keys())
    assert rows["Hear this turn slower; again: one turn more"] == "Shift+R"
    assert rows["Loop the selection or turn"] == "Shift+L"


async def test_the_sound_delay_is_in_force_at_once(room: Room) -> None:
    await ready(room)
    playback = room.app.playback
    for latency_ms, still in ((1_000, True), (0, False)):
        room.desk.preferences.edit_settings()
        dialog = room.shell.findChild(SettingsDialog)
        assert dialog is not None
        dialog.latency.setValue(latency_ms)
        dialog.go()
        playback.seek(5_000)
        playback.play()
        await asyncio.sleep(0.6)
        assert (playback.position_ms == 5_000) is still
        playback.pause()
        await room.until(lambda: room.shell.findChild(SettingsDialog) is None)


def test_a_device_is_chosen_by_its_name_and_one_that_is_away_is_kept(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    devices = (Device("usb-1", "Headset <b>"), Device("pci-0", "Speakers"))
    told: list[Settings] = []
    for before, words, index, after in (
        ("", "Like the system", 1, "usb-1"),
        ("usb-1", "Headset <b>", 0, ""),
        ("gone", "The one chosen before, which is not there now", 3, "gone"),
    ):
        dialog = SettingsDialog(Settings(output_device=before), parent, devices=devices)
        dialog.changed.connect(told.append)
        assert dialog.device.currentText() == words
        dialog.device.setCurrentIndex(index)
        dialog.go()
        assert told[-1].output_device == after
