"""`qa-player results` as a lead types it: printed, as JSON, as files."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parts import process
from parts.command import QaPlayer, keychain_of_its_own
from parts.conversations import conversation
from parts.secret_service import PROGRAMS
from qa_player.demo.server import DemoServer

pytestmark = [
    pytest.mark.keychain,
    pytest.mark.skipif(process.missing(*PROGRAMS) is not None, reason=str(process.missing(*PROGRAMS))),
]
FORM = "support-call"


@pytest.fixture
def lead() -> Iterator[QaPlayer]:
    """Somebody with four sessions of two agents."""
    samples = [conversation(number) for number in (4, 3, 2, 1)]
    with (
        tempfile.TemporaryDirectory() as folder,
        keychain_of_its_own() as keychain,
        DemoServer(samples=samples) as server,
    ):
        program = QaPlayer(Path(folder) / "home", keychain.environment)
        offered = server.connections[0]
        added = program.connect("acme", offered.base_url, offered.key)
        assert added.status == 0, added.err
        yield program


def best_answers(form: Any) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for one in (item["Question"] for section in form["Items"] for item in section["Section"]["Items"]):
        if one["QuestionType"] == "TEXT":
            given[one["RefId"]] = {"text": "well"}
        elif one["QuestionType"] == "NUMERIC":
            given[one["RefId"]] = one["QuestionTypeProperties"]["Numeric"]["MaxValue"]
        else:
            options = one["QuestionTypeProperties"]["SingleSelect"]["Options"]
            given[one["RefId"]] = max(options, key=lambda option: option.get("Score", 0))["Text"]
    return given


def test_results_are_printed_told_and_written(lead: QaPlayer, tmp_path: Path) -> None:
    lead("sessions", "acme")
    assert "No scorecard was submitted" in lead("results").out
    form = lead("forms", "show", FORM, "--json").json
    path = tmp_path / "answers.json"
    path.write_text(json.dumps({"answers": best_answers(form)}))
    for number in (1, 2, 3):
        card = lead("score", "acme", f"sess_{number:06}", "--form", FORM, "--answers", path)
        assert card.status == 0, card.err
    told = lead("results", "--by", "agent", "--json").json
    (version,) = told["forms"]
    assert (version["form_id"], version["form_version"], version["scorecards"]) == (FORM, 1, 3)
    assert [(row["label"], row["population"], row["scorecards"]) for row in version["rows"]] == [
        ("billing-bot", 2, 1),
        ("support-bot", 2, 2),
    ]
    passed = version["rows"][1]
    assert (passed["passed"], passed["passed_of"], passed["passed_low"]) == (2, 2, 34.24), "Wilson's interval of 2 in 2"
    assert "support-bot: 2 of 2  mean 100.0 %" in lead("results", "--by", "agent").out
    out = tmp_path / "results.csv"
    written = lead("results", "--by", "week", "--out", out, "--json").json
    assert written["file"]["bytes"] == out.stat().st_size
    assert "2026-W10" in out.read_text()
    assert lead("results", "--until", "2026-03-01", "--json").json["forms"] == []
    assert lead("results", "--form", "clinical-note").status == 4
    assert lead("results", "--out", tmp_path / "results.doc").status == 2
