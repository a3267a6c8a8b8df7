"""The whole program over a visit in two recordings, worked by keys alone: it plays through the join and to the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from parts.person import at_the_program
from parts.secret_service import SecretService
from qa_player.demo.server import DemoServer
from qa_player.demo.visits import load_visits

pytestmark = pytest.mark.usefixtures("display", "sound_card")
VISIT = "Blood pressure review"


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    visits = tuple(visit for visit in load_visits() if visit.title == VISIT)
    with DemoServer(samples=(), calls=(), visits=visits, phone_calls=()) as server:
        yield server


def test_a_visit_in_two_recordings_by_keys_alone(
    secret_service: SecretService, tmp_path: Path, demo: DemoServer
) -> None:
    with at_the_program(tmp_path / "home", demo=demo, log=tmp_path / "stderr") as person:
        person.until(lambda: person.ask("forward"), "the window in front")
        person.until(lambda: "1 session" in person.ask("labels"), "the list")
        person.press("Ctrl+L")
        person.until(lambda: person.focus() == "Search sessions", "the search")
        person.press("Down", "Return")
        person.until_open(VISIT)
        person.until(lambda: person.described("Position").endswith("/ 1:06.85"), "the length of both parts")
        assert "A guess: They are numbered in order and differ in length." in person.said()
        for _ in range(9):
            person.press("Ctrl+Down")
        person.until(lambda: person.described("Active turn").startswith("8 "), "the last turn of the first part")
        person.press("]", "]", "]", "]", "Space")
        person.until(lambda: person.described("Active turn").startswith("9 "), "the first turn of the second part")
        person.press("Space")
        person.until(lambda: person.there("Play"), "silence")
        assert "0:3" in person.described("Position") or "0:4" in person.described("Position")
        person.press("Ctrl+End", "Left", "Space")
        person.until(lambda: person.described("Position").startswith("1:06.8"), "the end")
        person.until(lambda: person.there("Play"), "rest at the end")
        person.close()
