"""`qa-player dispute` as an agent's team leader, a judge and the lead use it, each with a home of their own."""

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
SESSION = "sess_000001"


@pytest.fixture
def people() -> Iterator[dict[str, QaPlayer]]:
    """A lead with a connection, and a judge without any."""
    with (
        tempfile.TemporaryDirectory() as folder,
        keychain_of_its_own() as keychain,
        DemoServer(samples=[conversation(1)]) as server,
    ):
        found = {name: QaPlayer(Path(folder) / name, keychain.environment) for name in ("lead", "judge")}
        offered = server.connections[0]
        added = found["lead"].connect("acme", offered.base_url, offered.key)
        assert added.status == 0, added.err
        yield found


def sheet(path: Path, questions: list[Any], failing: str) -> Path:
    """The best answer to everything, the worst to one question."""
    given: dict[str, Any] = {}
    for one in questions:
        if one["QuestionType"] == "TEXT":
            given[one["RefId"]] = {"text": "well"}
        elif one["QuestionType"] == "NUMERIC":
            given[one["RefId"]] = one["QuestionTypeProperties"]["Numeric"]["MaxValue"]
        else:
            options = one["QuestionTypeProperties"]["SingleSelect"]["Options"]
            best = max(options, key=lambda option: option.get("Score", 0))
            worst = min(options, key=lambda option: option.get("Score", 0))
            given[one["RefId"]] = (worst if one["RefId"] == failing else best)["Text"]
    evidence = [{"start_ms": 400, "end_ms": 700}]
    given[failing] = {"option": given[failing], "evidence": evidence}
    path.write_text(json.dumps({"answers": given}))
    return path


def test_a_dispute_goes_out_is_decided_and_applied(people: dict[str, QaPlayer], tmp_path: Path) -> None:
    lead, judge = people["lead"], people["judge"]
    form = lead("forms", "show", FORM, "--json").json
    questions = [item["Question"] for section in form["Items"] for item in section["Section"]["Items"]]
    contested = next(one for one in questions if one["QuestionType"] == "SINGLESELECT")["RefId"]
    lead("show", "acme", SESSION)
    answers = sheet(tmp_path / "answers.json", questions, contested)
    old = lead("score", "acme", SESSION, "--form", FORM, "--answers", answers, "--json").json
    packet, ruled = tmp_path / "dispute.json", tmp_path / "ruled.json"
    made = lead("dispute", "open", "acme", SESSION, "--question", contested, "--text", "It was said.", "--out", packet)
    assert made.status == 0, made.err
    assert "Nothing is decided yet" in judge("dispute", "show", packet).out
    question = next(one for one in questions if one["RefId"] == contested)
    options = question["QuestionTypeProperties"]["SingleSelect"]["Options"]
    named = max(options, key=lambda option: option.get("Score", 0))["Text"]
    words = ("dispute", "answer", packet, "--question", contested, "--decision", "accept", "--answer", named)
    done = judge(*words, "--text", "Heard it.", "--out", ruled)
    assert done.status == 0, done.err
    shown = judge("dispute", "show", ruled, "--json").json
    assert (shown["decided"], shown["questions"][0]["ruling"]["decision"]) == (True, "accept")
    assert shown["questions"][0]["turns"][0]["text"] == "I was charged twice."
    assert lead("dispute", "apply", packet).status == 2, "nothing is decided in the packet that went out"
    new = lead("dispute", "apply", ruled, "--json").json["scorecard"]
    assert new["replaces"] == old["scorecard_id"]
    assert new["score_percent"] == shown["after"]["score_percent"] > old["score_percent"]
    assert [card["scorecard_id"] for card in lead("score", "acme", SESSION, "--json").json] == [
        old["scorecard_id"],
        new["scorecard_id"],
    ]
    assert lead("dispute", "apply", ruled, "--json").error["kind"] == "conflict"
    assert judge("dispute", "apply", ruled, "--json").error["kind"] == "usage"
    assert lead("audit", "verify", "--json").json["consistent"] is True
