"""Without a screen the program says so in one line, and how to get one, in place of Qt's last words."""

from __future__ import annotations

from pathlib import Path

import pytest

from parts.command import QaPlayer

WINDOW = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


@pytest.mark.parametrize("words", [(), ("demo",), ("open", "acme", "sess_1")], ids=["window", "demo", "open"])
def test_it_says_so_and_how_to_get_one(words: tuple[str, ...], tmp_path: Path) -> None:
    outcome = QaPlayer(tmp_path / "home", dict.fromkeys(WINDOW, ""))(*words)
    assert outcome.status == 10
    assert "There is no display" in outcome.sentence
    assert "xvfb-run" in outcome.sentence
    assert not (tmp_path / "home" / "qa-player.db").exists()
