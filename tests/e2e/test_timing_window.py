"""The clock set and measured in the whole program by keys alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from parts.clocks import sample_named
from parts.person import at_the_program
from qa_player.demo.server import DemoServer

pytestmark = pytest.mark.usefixtures("display", "sound_card")

LATE = sample_named("Address change")
CLOCK = "Timing of the transcript"


def test_a_clock_is_nudged_and_measured_by_keys(tmp_path: Path) -> None:
    with DemoServer() as demo:
        where = (demo.connections[0].name, LATE.session_id)
        with at_the_program(tmp_path / "home", demo=demo, request=where, log=tmp_path / "stderr") as person:
            person.until_open(LATE.subject)
            assert person.described(CLOCK) == "Transcript and recording begin together, as the provider says"
            person.press("T")
            person.until(lambda: person.focus() == "Offset", "the dialog")
            person.press(*["PgUp"] * 13, *["Up"] * 7)
            person.until(lambda: "later in the recording" in person.described(CLOCK), "the window following")
            person.press("Return")
            person.until_dialog_ends()
            assert person.described(CLOCK) == "Transcript 1.370 s later in the recording, set by a person"
            person.press("Ctrl+Home", "Ctrl+Down")
            person.until(lambda: person.described("Active turn").startswith("0 agent 0:01.79"), "the turn in its place")
            person.press("T")
            person.until(lambda: person.focus() == "Offset", "the dialog")
            person.press("Alt+M")
            person.until(lambda: "28 of 28 turns" in person.said(), "what was measured")
            person.press("Return")
            person.until_dialog_ends()
            assert person.described(CLOCK).endswith(", measured")
            assert person.described("Active turn").startswith("0 agent 0:01.7")
            person.close()
