"""What the program says of the machine it runs on, whatever that machine lacks."""

from __future__ import annotations

import pytest

from parts.display import Display
from qa_player.ui import machine


def test_a_display_that_works_is_said_to_work(display: Display, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in display.environment.items():
        monkeypatch.setenv(name, value)
    facts = {fact.name: fact for fact in machine.look()}
    assert facts["display"].works
    assert set(facts) == {"display", "sound"}


@pytest.mark.parametrize("broken", [{}, {"DISPLAY": ":9999", "QT_QPA_PLATFORM": "xcb"}])
def test_without_a_display_it_is_said_and_nothing_breaks(
    monkeypatch: pytest.MonkeyPatch, broken: dict[str, str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in broken.items():
        monkeypatch.setenv(name, value)
    facts = {fact.name: fact for fact in machine.look()}
    assert not facts["display"].works
    assert not facts["sound"].works
