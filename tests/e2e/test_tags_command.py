"""`qa-player tags` as a person types it: a set given out, changed, checked, taken in and put in force."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from parts import process
from parts.command import QaPlayer, keychain_of_its_own
from parts.secret_service import PROGRAMS

pytestmark = [
    pytest.mark.keychain,
    pytest.mark.skipif(process.missing(*PROGRAMS) is not None, reason=str(process.missing(*PROGRAMS))),
]


@pytest.fixture(scope="module")
def qa_player() -> Iterator[QaPlayer]:
    with tempfile.TemporaryDirectory() as folder, keychain_of_its_own() as keychain:
        yield QaPlayer(Path(folder) / "home", keychain.environment)


def test_a_set_is_given_out_changed_and_put_in_force(qa_player: QaPlayer, tmp_path: Path) -> None:
    assert qa_player("tags", "list", "--json").json == [
        {"set_id": "usual", "title": "Usual tags", "tags": 4, "in_force": True}
    ]
    path = tmp_path / "tags.json"
    assert qa_player("tags", "export", "usual", "--out", path, "--json").json["path"] == str(path)
    told = json.loads(path.read_text())
    assert told == qa_player("tags", "show", "usual", "--json").json
    assert qa_player("tags", "add", path).status == 0, "the shipped one again"
    told["tags"][0]["key"] = 4
    path.write_text(json.dumps(told))
    checked = qa_player("tags", "check", path)
    fault = "Tag 'wrong answer': the key 4 belongs to 'compliance' already."
    assert (checked.status, checked.out) == (2, f"{fault}\n")
    assert checked.sentence == "The tag set has 1 fault. Mend what is said and check it again."
    for_a_script = qa_player("tags", "check", path, "--json")
    assert (for_a_script.out, for_a_script.error["faults"]) == ("", [fault])
    told["tags"][0]["key"] = 5
    path.write_text(json.dumps(told))
    assert qa_player("tags", "check", path, "--json").json["tags"] == 4
    assert qa_player("tags", "add", path, "--json").error["kind"] == "conflict"
    path.write_text(json.dumps(told | {"set_id": "ours", "title": "Ours \x1b[1m"}))
    assert qa_player("tags", "add", path, "--json").json["set_id"] == "ours"
    assert qa_player("tags", "use", "ours").status == 0
    assert 'tag_set = "ours"' in (qa_player.home / "settings.toml").read_text()
    assert [one["in_force"] for one in qa_player("tags", "list", "--json").json] == [False, True]
    assert "* ours  Ours ␛[1m, 4 tags" in qa_player("tags", "list").out
    assert "  5  compliance  blue  A duty" in qa_player("tags", "show", "ours").out
    assert qa_player("tags", "use", "theirs").status == 4
    assert qa_player("tags", "show", "theirs", "--json").error["kind"] == "not_found_or_forbidden"
