"""What was heard, as a person sees it: the strip, the words, the key that plays the rest; and a kill in the middle."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage

from parts import accessible
from parts.heard import SESSION, SUBJECT
from parts.person import at_the_program
from parts.secret_service import SecretService
from parts.window import Room
from qa_player.demo.server import DemoServer
from qa_player.media.engine.null_output import NullOutput
from qa_player.model.coverage import Manner, spans_of
from qa_player.ui.theme import tokens_for

LENGTH_MS = 8_000


def described(room: Room, name: str) -> str:
    (read,) = accessible.named(room.shell, name)
    return read.description


def strip(room: Room, colour: str, up: int) -> list[tuple[float, float]]:
    """The stretches (ms) of the overview's strip, ``up`` pixels above its lower edge, that are painted in a colour."""
    bar = room.panels.player.seek_bar
    image = bar.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    ratio = image.width() / bar.width()
    y = image.height() - round(up * ratio)
    row = np.array([image.pixel(x, y) == QColor(colour).rgba() for x in range(image.width())], np.int8)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row, [0]])))
    scale = LENGTH_MS / image.width()
    found = [(edges[at] * scale, edges[at + 1] * scale) for at in range(0, len(edges), 2)]
    # the playhead stands in front of the strip
    joined: list[tuple[float, float]] = []
    for start, end in found:
        if joined and start - joined[-1][1] <= 4 * scale:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


async def ready(room: Room) -> None:
    await room.open(SUBJECT)
    await room.until(lambda: room.app.playback.state.verified and room.app.playback.state.duration_ms == LENGTH_MS)
    room.panels.transcript.take_focus()


async def play_to(room: Room, position_ms: int) -> None:
    await room.press(Qt.Key.Key_Space)
    await room.until(lambda: room.app.playback.position_ms >= position_ms)
    await room.press(Qt.Key.Key_Space)


def heard(room: Room) -> list[tuple[int, int]]:
    return [(span.start_ms, span.end_ms) for span in spans_of(room.app.coverage.mine, Manner.HEARD)]


async def test_only_what_was_heard_is_shown_as_heard_and_one_key_plays_the_rest(room: Room) -> None:
    room.app.playback.set_output(NullOutput())
    await ready(room)
    await room.until(lambda: described(room, "Heard") == "Heard 0 % of 0:08")
    await play_to(room, 1_500)
    room.app.playback.set_speed(2)
    await room.press(Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    await room.press(Qt.Key.Key_Right)
    await play_to(room, 6_500)
    await room.until(lambda: len(heard(room)) == 2 and heard(room)[1][1] >= room.app.playback.position_ms - 2)
    (first, first_end), (second, second_end) = heard(room)
    assert (first, second) == (0, 5_000)
    assert first_end >= 1_450
    assert second_end >= 6_400
    percent = round(100 * (first_end + second_end - second) / LENGTH_MS)
    assert described(room, "Heard") == f"Heard {percent} % of 0:08"
    green = strip(room, tokens_for(room.shell.palette()).good, 3)
    pixel = 3 * LENGTH_MS / room.panels.player.seek_bar.width()
    assert len(green) == 2
    for (start, end), (drawn, drawn_end) in zip(heard(room), green, strict=True):
        assert abs(start - drawn) <= pixel
        assert abs(end - drawn_end) <= pixel

    await room.press(Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    room.app.playback.set_speed(3)
    positions: list[float] = []
    room.app.playback.position_changed.connect(positions.append)
    await room.press(Qt.Key.Key_U)
    assert room.window.actions is not None
    assert room.window.actions["play.unheard"].isChecked()
    await room.until(lambda: "playing only what is unheard" in described(room, "Heard"))
    await room.until(lambda: "All of it has been heard." in room.panels.messages.text())
    assert not room.window.actions["play.unheard"].isChecked()
    await room.until(lambda: described(room, "Heard") == "Heard 100 % of 0:08")
    assert not [at for at in positions if 100 < at < first_end - 100 or 5_200 < at < second_end - 200]


async def test_without_a_device_nothing_is_heard_and_it_is_said_otherwise(room: Room) -> None:
    await ready(room)
    await play_to(room, 700)
    await room.until(lambda: spans_of(room.app.coverage.mine, Manner.MUTED))
    assert described(room, "Heard") == "Heard 0 % of 0:08"
    tokens = tokens_for(room.shell.palette())
    await room.until(lambda: strip(room, tokens.muted, 2))
    assert strip(room, tokens.good, 3) == []


@pytest.mark.usefixtures("display", "sound_card")
def test_a_killed_window_keeps_what_was_heard_until_two_seconds_before(
    secret_service: SecretService, tmp_path: Path, demo: DemoServer
) -> None:
    home = tmp_path / "home"
    offered = demo.connections[0]
    words = ("connection", "add", "mine", "--provider", offered.provider, "--base-url", offered.base_url)
    subprocess.run(
        [sys.executable, "-m", "qa_player", *words, "--key-stdin", "--home", str(home)],
        input=offered.key.encode(),
        env=dict(os.environ),
        check=True,
        timeout=60,
    )
    where = ("mine", SESSION)
    with at_the_program(home, request=where, log=tmp_path / "killed") as person:
        person.until_open(SUBJECT)
        if "No sound device" in person.said():
            pytest.skip("no sound device: nothing can be heard")
        begun = time.monotonic()
        person.press("Space")
        person.until(lambda: person.described("Position") >= "0:04.50", "the middle")
        said = _seconds(person.described("Position"))
        assert time.monotonic() - begun > 3
        os.kill(person.program.pid, signal.SIGKILL)
    with at_the_program(home, request=where, log=tmp_path / "again") as person:
        person.until_open(SUBJECT)
        person.until(lambda: "Heard" in person.described("Heard"), "what was heard")
        person.until(lambda: not person.described("Heard").startswith("Heard 0 %"), "what was heard before")
        found = re.match(r"Heard (\d+) % of 0:08", person.described("Heard"))
        assert found
        kept = int(found[1]) / 100 * LENGTH_MS / 1_000
        assert said - 2.0 <= kept <= said + 0.5
        person.close()


def _seconds(position: str) -> float:
    minutes, _, seconds = position.split(" / ", maxsplit=1)[0].partition(":")
    return 60 * int(minutes) + float(seconds)
