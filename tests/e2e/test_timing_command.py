"""`qa-player timing` as a person types it, beside the demo's providers."""

from __future__ import annotations

import json
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


def test_a_clock_is_measured_shown_and_set(qa_player: QaPlayer, tmp_path: Path) -> None:
    late = sample_named("Address change").session_id
    own = qa_player("timing", "demo", late, "--json").json
    assert own == {"quality": own["quality"], "origin": "provider", "offset_ms": 0, "drift_ppm": 0}

    outcome = qa_player("timing", "demo", late, "--measure", "--json")
    assert "Listening: 100 %" in outcome.err
    measured = outcome.json
    assert measured["origin"] == "measured"
    assert abs(measured["offset_ms"] - 1_370) <= 60
    assert measured["measured"]["matched"] > 20
    assert measured["unclear"] is None
    shown = qa_player("show", "demo", late, "--json").json
    assert shown["timing"] == {name: measured[name] for name in ("quality", "origin", "offset_ms", "drift_ppm")}
    for turn in shown["turns"]:
        expected = turn["raw_start_ms"] * (1 + measured["drift_ppm"] / 1e6) + measured["offset_ms"]
        assert turn["start_ms"] == round(expected)

    wanted = qa_player("timing", "demo", late, "--offset", "-1.25", "--drift", "200", "--json").json
    assert wanted == {"quality": "approximate", "origin": "person", "offset_ms": -1_250, "drift_ppm": 200}
    assert qa_player("timing", "demo", late, "--offset", "2", "--json").json["drift_ppm"] == 200
    assert "offset +2.000 s, drift +200 ppm (person, approximate)" in qa_player("timing", "demo", late).out
    for form in ("json", "vtt"):
        assert qa_player("export", "demo", late, "--format", form, "--out", tmp_path / f"x.{form}").status == 0
    assert json.loads((tmp_path / "x.json").read_text("utf-8"))["export"]["timing"]["offset_ms"] == 2_000
    said = qa_player("audit", "show", "--json").json
    assert [event["detail"]["origin"] for event in said if event["action"] == "timing.set"] == [
        "measured",
        "person",
        "person",
    ]


def test_what_cannot_be_told_is_said_and_changes_nothing(qa_player: QaPlayer) -> None:
    odd = sample_named("Ten thousand turns").session_id
    before = qa_player("timing", "demo", odd, "--json").json
    told = qa_player("timing", "demo", odd, "--measure", "--json").json
    assert told["measured"] is None
    assert told["unclear"] in ("no_agreement", "ambiguous")
    assert {name: told[name] for name in before} == before
    for wrong in (("--measure", "--offset", "1"), ("--offset", "nan"), ("--drift", "inf"), ("--drift", "1e9")):
        refused = qa_player("timing", "demo", odd, *wrong, "--json")
        assert (refused.status, refused.error["kind"]) == (2, "usage")
