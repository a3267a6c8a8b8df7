"""`qa-player connection allow` as a person types it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from parts import process
from parts.command import QaPlayer, keychain_of_its_own
from parts.secret_service import PROGRAMS
from qa_player.demo.server import DemoServer

pytestmark = [
    pytest.mark.keychain,
    pytest.mark.skipif(process.missing(*PROGRAMS) is not None, reason=str(process.missing(*PROGRAMS))),
]


def test_fetching_ahead_is_off_until_somebody_allows_it_and_the_trail_says_who() -> None:
    with tempfile.TemporaryDirectory() as folder, keychain_of_its_own() as keychain, DemoServer() as server:
        qa_player = QaPlayer(Path(folder) / "home", keychain.environment)
        offered = server.connections[0]
        assert qa_player.connect("demo", offered.base_url, offered.key).status == 0
        (listed,) = qa_player("connection", "list", "--json").json
        assert "prefetch" not in listed["options"]
        allowed = qa_player("connection", "allow", "demo", "--prefetch", "--json").json
        assert allowed["options"]["prefetch"] == "yes"
        assert "not fetched ahead" in qa_player("connection", "allow", "demo", "--no-prefetch").out
        (listed,) = qa_player("connection", "list", "--json").json
        assert listed["options"]["prefetch"] == "no"
        changes = [one for one in qa_player("audit", "show", "--json").json if one["action"] == "connection.changed"]
        assert [one["detail"] for one in changes] == [{"prefetch": True}, {"prefetch": False}]
        assert qa_player("connection", "allow", "nobody", "--prefetch", "--json").status == 4
        assert qa_player("connection", "allow", "demo", "--json").status == 2
