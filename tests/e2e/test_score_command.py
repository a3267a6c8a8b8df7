"""`qa-player forms` and `score` as a person types them: a form taken in, answered from a file, handed on."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parts import process
from parts.command import QaPlayer, keychain_of_its_own
from parts.secret_service import PROGRAMS
from qa_player.demo.server import DemoServer
from qa_player.demo.visits import load_visits

pytestmark = [
    pytest.mark.keychain,
    pytest.mark.skipif(process.missing(*PROGRAMS) is not None, reason=str(process.missing(*PROGRAMS))),
]
VISIT = "6f1d2a8e-4b0c-4c57-9d2e-1f6a7b3c9d01"
SPAN = {"start_ms": 1_000, "end_ms": 2_500}
ANSWERS: dict[str, Any] = {
    "invented": {"option": "Yes", "evidence": [SPAN], "comment": "nobody said so"},
    "negation": "no",
    "numbers": {"does_not_apply": True},
    "history": "yes",
    "medication": "yes",
    "allergies": "yes",
    "plan": "yes",
    "clarity": 4,
    "amended": "small",
}


@pytest.fixture(scope="module")
def qa_player() -> Iterator[QaPlayer]:
    with (
        tempfile.TemporaryDirectory() as folder,
        keychain_of_its_own() as keychain,
        DemoServer(samples=(), visits=load_visits()) as server,
    ):
        program = QaPlayer(Path(folder) / "home", keychain.environment)
        offered = next(one for one in server.connections if one.provider == "suki")
        options = [word for name, value in offered.options.items() for word in ("--option", f"{name}={value}")]
        words = ("connection", "add", "clinic", "--provider", "suki", "--base-url", offered.base_url)
        added = program(*words, *options, "--key-stdin", typed=f"{offered.key}\n")
        assert added.status == 0, added.err
        yield program


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.json"
    path.write_text(json.dumps({"answers": ANSWERS}))
    return path


def score(qa_player: QaPlayer, path: Path) -> Any:
    return qa_player("score", "clinic", VISIT, "--form", "clinical-note", "--answers", path, "--json")


def test_a_form_is_answered_and_stands_in_the_export(qa_player: QaPlayer, answers: Path, tmp_path: Path) -> None:
    """Supported: (0 + 1) / 2, complete: 1, readable: (0.8 + 0.8) / 2; 0.5 x 0.5 + 0.3 x 1 + 0.2 x 0.8 = 71 %."""
    card = score(qa_player, answers).json
    assert (card["score_percent"], card["passed"], card["failed_by"]) == (71.0, False, ["invented"])
    assert [section["score_percent"] for section in card["sections"]] == [50.0, 100.0, 80.0]
    first = card["sections"][0]["answers"][0]
    assert (first["answer"], first["evidence"], first["failing"]) == ("Yes", [SPAN], True)
    assert qa_player("score", "clinic", VISIT, "--json").json == [card]
    assert "71 %, not passed" in qa_player("score", "clinic", VISIT).out
    out = tmp_path / "review.json"
    qa_player("export", "clinic", VISIT, "--format", "json", "--out", out)
    assert json.loads(out.read_text())["scorecards"] == [card]
    lost = qa_player("export", "clinic", VISIT, "--format", "csv", "--out", tmp_path / "a.csv", "--json").json
    assert "scorecards: 1" in lost["not_carried"]
    assert qa_player("audit", "verify", "--json").json["consistent"] is True


def test_a_reproach_without_evidence_is_refused_and_nothing_is_kept(qa_player: QaPlayer, answers: Path) -> None:
    before = qa_player("score", "clinic", VISIT, "--json").json
    for changed, words in (
        ({"invented": "yes"}, "needs a span of audio"),
        ({"invented": {"option": "yes", "absent": True}}, "length of the recording is not known"),
        ({"clarity": None}, "not answered"),
        ({"plan": "perhaps"}, "no such answer"),
        ({"poem": "yes"}, "no question poem"),
    ):
        answers.write_text(json.dumps({"answers": ANSWERS | changed}))
        refused = score(qa_player, answers)
        assert (refused.status, words in refused.error["message"]) == (2, True), refused.err
    assert qa_player("score", "clinic", VISIT, "--json").json == before


def test_a_form_is_checked_taken_in_and_given_out_again(qa_player: QaPlayer, tmp_path: Path) -> None:
    listed = qa_player("forms", "list", "--json").json
    assert {form["form_id"] for form in listed} >= {"support-call", "compliance-call", "clinical-note"}
    form = qa_player("forms", "show", "support-call", "--json").json
    form["Items"][0]["Section"]["Weight"] = 20.0
    path = tmp_path / "form.json"
    path.write_text(json.dumps(form))
    checked = qa_player("forms", "check", path)
    fault = "The weights of the sections add up to 105 %, not to 100 %."
    assert (checked.status, checked.out.splitlines()[0]) == (2, fault)
    assert checked.sentence.startswith("The form has ")
    assert qa_player("forms", "check", path, "--json").error["faults"][0] == fault
    refused = qa_player("forms", "add", path, "--json")
    assert (refused.status, refused.error["kind"], refused.error["faults"][0]) == (2, "faulty_file", fault)
    form["Items"][1]["Section"]["Weight"] = 25.0
    path.write_text(json.dumps(form))
    assert qa_player("forms", "add", path).status == 2, "version 1 is there and says something else"
    form["EvaluationFormVersion"] = 2
    path.write_text(json.dumps(form))
    added = qa_player("forms", "add", path, "--json").json
    assert (added["form_id"], added["version"]) == ("support-call", 2)
    out = tmp_path / "out.json"
    qa_player("forms", "export", "support-call", "--out", out)
    assert json.loads(out.read_text()) == form
    assert qa_player("forms", "show", "nothing").status == 4


def test_what_was_said_and_written_is_found_with_its_moment(qa_player: QaPlayer) -> None:
    shown = qa_player("show", "clinic", VISIT, "--json").json
    turn = next(turn for turn in shown["turns"] if "knee" in turn["text"].casefold() and turn["start_ms"] is not None)
    qa_player("annotate", "clinic", VISIT, "--start", "3", "--tag", "knee", "--text", "said twice", "--json")
    found = qa_player("search", "knee", "--json").json
    said = next(hit for hit in found if hit["turn_index"] == turn["index"])
    assert (said["start_ms"], said["session_id"], said["kind"]) == (turn["start_ms"], VISIT, "turn")
    assert said["link"] == f"qa-player://clinic/{VISIT}?t={turn['start_ms'] / 1_000:g}"
    (written,) = qa_player("search", "twice", "--tag", "knee", "--json").json
    assert (written["kind"], written["start_ms"]) == ("annotation", 3_000)
    assert qa_player("search", "knee", "--connection", "none", "--json").error["kind"] == "not_found_or_forbidden"
    assert qa_player("search", "***").status == 2
    assert "said twice" in qa_player("search", "twice").out


def test_a_review_is_written_to_be_signed(qa_player: QaPlayer, tmp_path: Path) -> None:
    for form, begins in (("html", b"<!DOCTYPE html>"), ("pdf", b"%PDF-")):
        out = tmp_path / f"review.{form}"
        told = qa_player("export", "clinic", VISIT, "--format", form, "--out", out, "--json").json
        assert out.read_bytes().startswith(begins)
        assert told["bytes"] == out.stat().st_size
        assert all("annotations" not in lost for lost in told["not_carried"])


def test_a_private_note_is_listed_here_and_handed_on_to_nobody(qa_player: QaPlayer, tmp_path: Path) -> None:
    qa_player("annotate", "clinic", VISIT, "--start", "1", "--tag", "hunch", "--private")
    rows = qa_player("annotations", "clinic", VISIT, "--json").json
    assert [row["tag"] for row in rows if row.get("private")] == ["hunch"]
    assert "hunch [private]" in qa_player("annotations", "clinic", VISIT).out
    out = tmp_path / "out.jsonl"
    told = qa_player("export", "clinic", VISIT, "--format", "jsonl", "--out", out, "--json").json
    assert told["not_carried"][0] == "private annotations, which no export carries: 1"
    assert "hunch" not in out.read_text()


def test_a_sample_goes_into_the_queue_and_can_be_drawn_again(qa_player: QaPlayer) -> None:
    qa_player("show", "clinic", VISIT)
    words = ("queue", "sample", "--count", "1", "--seed", "week 48", "--connection", "clinic")
    first, again = (qa_player(*words, "--json").json for _ in range(2))
    assert first["drawn"] == again["drawn"]
    assert first["population_digest"] == again["population_digest"]
    assert "seed week 48" in qa_player("queue", "samples").out
    listed = qa_player("queue", "list", "--json").json
    assert [one["session_id"] for one in listed] == [one["session_id"] for one in first["drawn"]]
    assert qa_player("queue", "remove", "clinic", listed[0]["session_id"]).status == 0
    assert qa_player("queue", "next", "--json").json is None
    assert qa_player("queue", "add", "clinic", VISIT, "--due", "2026-12-01", "--json").json == {"added": True}
    assert qa_player("queue", "list", "--json").json[0]["due_at"].startswith("2026-12-01T23:59:59")
    assert qa_player("queue", "remove", "clinic", "none").status == 4
