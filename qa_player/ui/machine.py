"""What of display and sound works here, asked in a process of its own: a missing display ends a Qt program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

LIMIT_SECONDS = 20


@dataclass(frozen=True)
class Fact:
    """One thing that was looked at: whether it works, in words for a person."""

    name: str
    works: bool
    words: str


def look() -> tuple[Fact, ...]:
    """Display and sound device; takes a second or two and never raises."""
    if sys.platform.startswith("linux") and not any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        words = "none; set DISPLAY or start a session with a screen"
        return (Fact("display", False, words), Fact("sound", False, "not looked at without a display"))
    try:
        answer = subprocess.run(
            [sys.executable, "-m", "qa_player.ui.machine"], capture_output=True, timeout=LIMIT_SECONDS, check=True
        )
        told = json.loads(answer.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        words = "Qt cannot open a window here; see the system libraries that run.py names"
        return (Fact("display", False, words), Fact("sound", False, "not looked at without a display"))
    return tuple(Fact(name, works, words) for name, works, words in told)


def _tell() -> None:
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtMultimedia import QMediaDevices

    app = QGuiApplication([])
    screen = app.primaryScreen()
    size = f"{screen.size().width()}×{screen.size().height()} at {screen.devicePixelRatio():g}" if screen else "none"
    device = QMediaDevices.defaultAudioOutput()
    sound = "a device takes sound" if not device.isNull() else "no device; the player runs on a silent clock"
    facts = [
        ("display", screen is not None, f"{app.platformName()}, {size}"),
        ("sound", not device.isNull(), sound),
    ]
    sys.stdout.write(json.dumps(facts))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    _tell()
