"""`qa-player export --what`: ended early at any place, the next run goes on and its file is the same to the byte."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from parts import process
from parts.command import QaPlayer, finished, keychain_of_its_own
from parts.conversations import conversation
from parts.secret_service import PROGRAMS
from qa_player.demo.server import DemoServer

pytestmark = [
    pytest.mark.keychain,
    pytest.mark.skipif(process.missing(*PROGRAMS) is not None, reason=str(process.missing(*PROGRAMS))),
]

SESSIONS = 60
MANY = ("export", "acme", "--since", "2026-03-02", "--what", "transcripts", "--format", "jsonl", "--out")


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with DemoServer(samples=tuple(conversation(number) for number in range(SESSIONS, 0, -1))) as server:
        yield server


@pytest.fixture
def homes(server: DemoServer) -> Iterator[tuple[QaPlayer, QaPlayer]]:
    """Two homes with the same connection."""
    with tempfile.TemporaryDirectory() as folder, keychain_of_its_own() as keychain:
        programs = tuple(QaPlayer(Path(folder) / name, keychain.environment) for name in ("one", "other"))
        for program in programs:
            (offered,) = [one for one in server.connections if one.provider == "oshara"]
            assert program.connect("acme", offered.base_url, offered.key).status == 0
        yield programs[0], programs[1]


def asked(server: DemoServer, since: int = 0) -> Counter[str]:
    paths = [one.path.strip("/") for one in server.log[since:]]
    return Counter(path.rpartition("/")[2] for path in paths if "/sess_" in path)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_ended_goes_on(
    homes: tuple[QaPlayer, QaPlayer], server: DemoServer, tmp_path: Path, end: signal.Signals
) -> None:
    qa_player, undisturbed = homes
    out = tmp_path / "turns.jsonl"
    server.api_faults.latency_s = 0.02
    running = qa_player.start(*MANY, out)
    deadline = time.monotonic() + 30
    while len(asked(server)) < SESSIONS // 2:
        assert time.monotonic() < deadline, "half of the sessions were never asked for"
        time.sleep(0.005)
    os.kill(running.pid, end)
    outcome = finished(running)
    assert outcome.status == (-signal.SIGKILL if end is signal.SIGKILL else 130)
    before = set(asked(server))
    assert SESSIONS // 2 <= len(before) < SESSIONS
    assert not out.exists()
    server.api_faults.latency_s = 0
    since = len(server.log)
    told = qa_player(*MANY, out, "--json").json
    assert (told["sessions"], told["lines"], told["refused"]) == (SESSIONS, 4 * SESSIONS, [])
    again = set(asked(server, since)) & before
    assert len(again) <= 1, "only the one that was on its way"
    assert [each.name for each in tmp_path.iterdir()] == [out.name]
    other = tmp_path / "other.jsonl"
    assert undisturbed(*MANY, other).status == 0
    assert out.read_bytes() == other.read_bytes()
    assert qa_player("audit", "verify").status == 0


def test_annotations_come_along_and_one_session_is_as_before(homes: tuple[QaPlayer, QaPlayer], tmp_path: Path) -> None:
    qa_player, _ = homes
    out = tmp_path / "marks.jsonl"
    for number in (2, 1):
        marked = qa_player("annotate", "acme", f"sess_{number:06}", "--start", "0.5", "--tag", "tone")
        assert marked.status == 0
    told = qa_player("export", "acme", "--what", "annotations", "--format", "jsonl", "--out", out, "--json").json
    assert (told["sessions"], told["unchanged"]) == (2, False)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["session_id"] for row in rows] == ["sess_000001", "sess_000002"]
    again = qa_player("export", "acme", "--what", "annotations", "--format", "jsonl", "--out", out)
    assert "Nothing in it is new." in again.out
    one = qa_player("export", "acme", "sess_000001", "--format", "jsonl", "--out", out, "--json").json
    assert one["bytes"] == out.stat().st_size
    both = qa_player("export", "acme", "sess_000001", "--what", "scores", "--format", "jsonl", "--out", out)
    neither = qa_player("export", "acme", "--format", "jsonl", "--out", out)
    assert (both.status, neither.status) == (2, 2)
