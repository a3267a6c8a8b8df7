"""Oshara from the command line: by login, with its forms and facts, by ids of which some are bad, and each status."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from parts import process, secret_service
from parts.command import Outcome, QaPlayer, keychain_of_its_own
from parts.conversations import conversation, newest_first
from qa_player.demo.server import DemoServer

FORM = {"form_id": "lead-form", "values": {"Name": "Rowan Ellis"}}


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    samples = newest_first(
        conversation(1, forms=[FORM]),
        conversation(2, recording_status="FAILED"),
        conversation(3, recording_status="UPLOADING"),
        conversation(4, owner="somebody else"),
    )
    with DemoServer(samples=samples) as server:
        yield server
    assert server.bugs == ()


@pytest.fixture(scope="module")
def qa_player(server: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[QaPlayer]:
    missing = process.missing(*secret_service.PROGRAMS)
    if missing:
        pytest.skip(missing)
    with keychain_of_its_own() as keychain:
        program = QaPlayer(tmp_path_factory.mktemp("oshara") / "home", keychain.environment)
        assert log_in(program, server, "acme", server.logins[0].key).status == 0
        yield program


def log_in(program: QaPlayer, server: DemoServer, name: str, password: str) -> Outcome:
    (offered,) = server.logins
    where = ("--base-url", offered.base_url, "--option", f"email={offered.options['email']}")
    return program("connection", "add", name, "--provider", "oshara", *where, "--key-stdin", typed=f"{password}\n")


def test_a_login_lasts_over_commands_and_says_when_it_has_ended(qa_player: QaPlayer, server: DemoServer) -> None:
    refused = log_in(qa_player, server, "other", "wrong password")
    assert (refused.status, "e-mail address and password" in refused.sentence) == (3, True)
    for _ in range(2):
        assert len(qa_player("sessions", "acme", "--json").json) == 3
    assert log_in(qa_player, server, "ended", server.logins[0].key).status == 0
    server.api.login.end()
    outcome = qa_player("sessions", "ended")
    assert (outcome.status, "login at Oshara has ended" in outcome.sentence) == (3, True)
    assert qa_player("connection", "remove", "ended").status == 0
    assert qa_player("connection", "remove", "acme").status == 0
    assert log_in(qa_player, server, "acme", server.logins[0].key).status == 0, "as the sentence says"


def test_forms_and_facts_are_shown(qa_player: QaPlayer) -> None:
    told = qa_player("show", "acme", "sess_000001", "--json").json
    assert told["metadata"]["form_responses"][0]["values"] == {"Name": "Rowan Ellis"}
    assert [group["title"] for group in told["facts"]] == [
        "Form lead-form",
        "Where it came from",
        "Usage and cost",
        "Given along by the caller",
    ]
    stages = {one["session_id"]: one["recording_stage"] for one in qa_player("sessions", "acme", "--json").json}
    assert stages == {"sess_000001": "not_recorded", "sess_000002": "failed", "sess_000003": "uploading"}
    failed, uploading = (qa_player("fetch", "acme", f"sess_00000{number}") for number in (2, 3))
    assert (failed.status, uploading.status) == (4, 6)
    assert failed.sentence != uploading.sentence


def test_a_bad_id_hides_no_good_one(qa_player: QaPlayer, tmp_path: Path) -> None:
    file = tmp_path / "ids.txt"
    file.write_text("sess_000002\n\nsess_000004\nsess_000001\nnot an id\nsess_000002\n")
    some = qa_player("sessions", "acme", "--ids", file, "--json")
    assert [one["session_id"] for one in json.loads(some.out)] == ["sess_000002", "sess_000001"]
    assert some.status == 0
    assert [line.split(":")[0] for line in some.err.splitlines()] == ["Line 3 (sess_000004)", "Line 5 (not an id)"]
    file.write_text("sess_000004\nnot an id\n")
    none = qa_player("sessions", "acme", "--ids", file)
    assert (none.status, none.out, len(none.err.splitlines())) == (4, "", 2)
    told = qa_player("sessions", "acme", "--ids", file, "--json").error
    assert (told["kind"], len(told["faults"])) == ("not_found_or_forbidden", 2)


@pytest.mark.parametrize(
    ("status", "exit_status"),
    [(202, 6), (402, 7), (403, 3), (410, 5), (422, 2), (451, 4), (511, 7)],
)
def test_a_status_reaches_the_person(qa_player: QaPlayer, server: DemoServer, status: int, exit_status: int) -> None:
    """All of them, for every provider: tests/contract/test_statuses.py."""
    if qa_player("connection", "check", "keyed").status == 4:
        offered = server.connections[0]
        assert qa_player.connect("keyed", offered.base_url, offered.key).status == 0
    server.api_faults.status = status
    try:
        outcome = qa_player("show", "keyed", "sess_000001")
    finally:
        server.api_faults.status = None
    assert (outcome.status, len(outcome.sentence) > 20) == (exit_status, True)
