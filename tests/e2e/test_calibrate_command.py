"""`qa-player calibrate` as three people use it: each with a home of their own, by files alone."""

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


@pytest.fixture(scope="module")
def people() -> Iterator[dict[str, QaPlayer]]:
    """A lead with a connection, and two reviewers without any."""
    samples = [conversation(number) for number in (2, 1)]
    with (
        tempfile.TemporaryDirectory() as folder,
        keychain_of_its_own() as keychain,
        DemoServer(samples=samples) as server,
    ):
        found = {}
        for name in ("lead", "ann", "bob"):
            home = Path(folder) / name
            home.mkdir()
            (home / "settings.toml").write_text(f'display_name = "{name}"\n')
            found[name] = QaPlayer(home, keychain.environment)
        offered = server.connections[0]
        added = found["lead"].connect("acme", offered.base_url, offered.key)
        assert added.status == 0, added.err
        yield found


def answers(path: Path, form: Any, **changed: Any) -> Path:
    """Every question answered alike on both sessions, those of ``changed`` otherwise on the second."""
    questions = [one for section in form["Items"] for one in section["Section"]["Items"]]
    given: dict[str, Any] = {}
    for one in (item["Question"] for item in questions):
        if one["QuestionType"] == "NUMERIC":
            given[one["RefId"]] = one["QuestionTypeProperties"]["Numeric"]["MaxValue"]
        elif one["QuestionType"] == "TEXT":
            given[one["RefId"]] = {"text": "well"}
        else:
            given[one["RefId"]] = one["QuestionTypeProperties"]["SingleSelect"]["Options"][0]["Text"]
    sessions = [
        {"session_id": "sess_000001", "answers": given},
        {"session_id": "sess_000002", "answers": given | changed},
    ]
    path.write_text(json.dumps({"sessions": sessions}))
    return path


def test_three_people_calibrate_by_files(people: dict[str, QaPlayer], tmp_path: Path) -> None:
    packet = tmp_path / "packet.json"
    lead = people["lead"]
    made = lead(
        "calibrate", "pack", "acme", "sess_000001", "sess_000002", "--form", FORM, "--out", packet, "--json"
    ).json
    assert made["bytes"] == packet.stat().st_size
    form = lead("forms", "show", FORM, "--json").json
    first = next(
        item["Question"]
        for section in form["Items"]
        for item in section["Section"]["Items"]
        if item["Question"]["QuestionType"] == "SINGLESELECT"
    )
    other = first["QuestionTypeProperties"]["SingleSelect"]["Options"][1]["Text"]
    shown = people["ann"]("calibrate", "show", packet)
    assert first["RefId"] in shown.out
    assert "I was charged twice." in shown.out
    taken = people["ann"]("calibrate", "take", packet, "--json").json
    assert taken == {"form_id": FORM, "version": 1, "queued": 0}
    assert lead("calibrate", "take", packet, "--json").json["queued"] == 2
    files = []
    for name, changed in (("ann", {}), ("bob", {first["RefId"]: {"option": other, "comment": "no word of it"}})):
        path = tmp_path / f"{name}.sealed"
        sheet = answers(tmp_path / f"{name}.json", form, **changed)
        done = people[name]("calibrate", "answer", packet, "--answers", sheet, "--out", path)
        assert done.status == 0, done.err
        assert b"no word of it" not in path.read_bytes()
        files.append(path)
    told = lead("calibrate", "compare", packet, *files, "--json").json
    assert told["reviewers"] == ["ann", "bob"]
    (difference,) = told["differences"]
    assert (difference["session_id"], difference["question_id"]) == ("sess_000002", first["RefId"])
    assert [one["comment"] for one in difference["answers"]] == ["", "no word of it"]
    asked = next(one for one in told["questions"] if one["question_id"] == first["RefId"])
    assert (asked["units"], asked["agreement"], asked["pairs"][0]["cohen_kappa"]) == (2, 0.5, 0.0)
    page = lead("calibrate", "compare", packet, *files).out
    assert "ann and bob" in page
    assert f"bob: {other}" in page
    refused = people["ann"]("calibrate", "compare", packet, *files, "--json")
    assert (refused.status, "made by somebody else" in refused.error["message"]) == (2, True)
    assert lead("audit", "verify", "--json").json["consistent"] is True


def test_wrong_usage_is_told(people: dict[str, QaPlayer], tmp_path: Path) -> None:
    ann = people["ann"]
    packet = tmp_path / "packet.json"
    packet.write_text("{}")
    out = tmp_path / "out"
    assert ann("calibrate", "answer", packet, "--out", out).status == 2
    assert ann("calibrate", "answer", packet, "--from-store", "--out", out, "--json").error["kind"] == "usage"
    assert ann("calibrate", "compare", packet, tmp_path / "none").status == 2
    assert not out.exists()
