"""`qa-player note` as a person types it: the note of a visit, or one from a file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

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
KNEE = "6f1d2a8e-4b0c-4c57-9d2e-1f6a7b3c9d01"
SHORT = next(visit.session_id for visit in load_visits() if visit.status.lower() == "skipped")


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
        added = program(
            "connection",
            "add",
            "clinic",
            "--provider",
            "suki",
            "--base-url",
            offered.base_url,
            *options,
            "--key-stdin",
            typed=f"{offered.key}\n",
        )
        assert added.status == 0, added.err
        yield program


def test_a_note_is_printed_with_its_sections(qa_player: QaPlayer) -> None:
    told = qa_player("note", "clinic", KNEE, "--json").json
    assert {"connection", "session_id", "digest", "origin", "received_at", "sections", "structured"} <= set(told)
    assert (told["connection"], told["session_id"], told["origin"]) == ("clinic", KNEE, "provider")
    assert next((one["loinc_code"], one["loinc_title"]) for one in told["sections"]) == (
        "10164-2",
        "History of present illness",
    )
    assert told["structured"]["diagnoses"]["values"][0]["codes"][0]["code"] == "M25.561"
    assert told["statements"][2]["text"] == "The patient denies night pain."
    assert told["statements"][2]["candidates"][0]["turn_index"] == 5
    assert told["statements"][2]["verdict"] is None
    assert told["unmentioned"][0]["turn_index"] == 11
    words = qa_player("note", "clinic", KNEE)
    assert "Most doubtful by the conversation" in words.out
    assert words.status == 0
    assert "Assessment and Plan  (LOINC 51847-2)" in words.out


def test_a_note_from_a_file_takes_its_place(qa_player: QaPlayer, tmp_path: Path) -> None:
    file = tmp_path / "note.txt"
    file.write_text("Plan:\nRest the knee.\n")
    told = qa_player("note", "clinic", KNEE, "--file", str(file), "--json").json
    assert (told["origin"], told["sections"][0]["text"]) == ("file", "Rest the knee.")
    file.write_bytes(b"\xff\xfe")
    assert qa_player("note", "clinic", KNEE, "--file", str(file), "--json").error["kind"] == "usage"
    missing = qa_player("note", "clinic", KNEE, "--file", str(tmp_path / "none"))
    assert (missing.status, "cannot be read" in missing.sentence) == (2, True)
    none = qa_player("note", "clinic", SHORT)
    assert (none.status, "no note" in none.sentence) == (4, True)
    assert qa_player("note", "nowhere", KNEE).status == 4


def test_sessions_come_from_a_table_and_from_a_folder_of_webhook_bodies(qa_player: QaPlayer, tmp_path: Path) -> None:
    table = tmp_path / "today.csv"
    table.write_text(f"title;session_id\nKnee;{KNEE}\n")
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "1.json").write_text(json.dumps({"status": "success", "session_id": KNEE}))
    links = tmp_path / "links.txt"
    links.write_text(f"qa-player://clinic/{KNEE}?t=12.5\n")
    for given in (table, tmp_path / "hooks", links):
        told = qa_player("sessions", "clinic", "--ids", given, "--json").json
        assert [one["session_id"] for one in told] == [KNEE], given
