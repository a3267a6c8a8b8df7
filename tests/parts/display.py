"""A display of the run's own: Xvfb with real windows, or Qt's offscreen pictures where there is no Xvfb."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from parts import process

SCREEN = "1600x1000x24"


@dataclass(frozen=True)
class Display:
    """What Qt draws on. ``real``: windows of an X server, which take focus and input as a person's would."""

    platform: str
    name: str | None

    @property
    def real(self) -> bool:
        return self.name is not None

    @property
    def environment(self) -> dict[str, str]:
        """What a program must find in its environment to draw here."""
        named = {} if self.name is None else {"DISPLAY": self.name}
        return {"QT_QPA_PLATFORM": self.platform, **named}


def start_display(folder: Path) -> Display:
    """Start Xvfb under a number of its own choosing; without Xvfb everything is drawn offscreen."""
    if process.missing("Xvfb"):
        return Display(platform="offscreen", name=None)
    reading, writing = os.pipe()
    try:
        process.start(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-dpi", "96", "-nolisten", "tcp", "-noreset"],
            log=folder / "xvfb.log",
            pass_fds=[writing],
        )
        os.close(writing)
        writing = -1
        number = process.first_line(reading, seconds=20, of="Xvfb")
    finally:
        os.close(reading)
        if writing != -1:
            os.close(writing)
    return Display(platform="xcb", name=f":{number}")
