"""`qa-player delays` as a person types it, beside the demo's providers."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from parts import process
from parts.clocks import sample_named
from parts.command import QaPlayer, keychain_of_its_own
from parts.secret_service import PROGRAMS
from qa_player.demo.server import DemoServer

pytestmark = [
    pytest.mark.keychain,
    pytest.mark.skipif(process.missing(*PROGRAMS) is not None, reason=str(process.missing(*PROGRAMS))),
]


@pytest.fixture
def qa_player() -> Iterator[QaPlayer]:
    """A home with the connection ``demo``."""
    with tempfile.TemporaryDirectory() as folder, keychain_of_its_own() as keychain, DemoServer() as server:
        program = QaPlayer(Path(folder) / "home", keychain.environment)
        offered = server.connections[0]
        assert program.connect("demo", offered.base_url, offered.key).status == 0
        yield program


def test_delays_are_measured_kept_and_printed_three_ways(qa_player: QaPlayer) -> None:
    place = "demo", sample_named("Complaint").session_id
    before = qa_player("delays", *place, "--json").json
    assert (before["basis"], before["answers"]) == (None, [])
    assert "With --measure" in qa_player("delays", *place).out

    outcome = qa_player("delays", *place, "--measure", "--json")
    assert "Listening: 100 %" in outcome.err
    found = outcome.json
    spoken = sample_named("Complaint").truth
    assert found["basis"] == "measured"
    assert len(found["answers"]) == 25
    for one in found["answers"]:
        true_ms = spoken[one["agent_turn"]].start_ms - spoken[one["user_turn"]].end_ms
        assert abs(one["delay_ms"] - true_ms) <= 30
    assert qa_player("delays", *place, "--json").json == found, "it is kept"

    rows = list(csv.DictReader(io.StringIO(qa_player("delays", *place, "--csv").out)))
    assert [(row["kind"], int(row["turn_index"]), int(row["length_ms"])) for row in rows] == [
        ("answer", one["agent_turn"], one["delay_ms"]) for one in found["answers"]
    ]
    told = qa_player("delays", *place).out
    assert told.startswith("25 answers, median ")
    assert "0 interruptions (Agent 0, Customer 0); 0 by the provider's count" in told


def test_what_cannot_be_is_refused(qa_player: QaPlayer) -> None:
    place = "demo", sample_named("Complaint").session_id
    assert qa_player("delays", *place, "--csv", "--json").error["kind"] == "usage"
    assert qa_player("delays", "demo", "sess_nobody", "--json").status == 4
    silent = sample_named("Opening hours").session_id
    assert qa_player("delays", "demo", silent, "--measure", "--json").status == 4
