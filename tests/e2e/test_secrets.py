"""After everything that can go wrong went wrong, no key and no signature lies anywhere: files, output, processes."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from parts import process
from parts.canary import Canaries, spellings, watched
from parts.command import PROGRAM, QaPlayer, keychain_of_its_own
from parts.conversations import conversation, newest_first, tone
from parts.secret_service import PROGRAMS, SecretService
from qa_player.demo.samples import Sample
from qa_player.demo.server import DemoServer

KEY = 'sk_canary-7Zq/+=4f1e"\\%~Wm0'
WRONG_KEY = "sk_mistaken-Vt5/+=9c2b"


@dataclass
class Run:
    """One machine: its folders, its provider, every signature that was given out, and all that was seen."""

    folder: Path
    keychain: SecretService
    server: DemoServer
    signatures: set[str] = field(default_factory=set)
    seen: dict[str, bytes] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        given = self.server.api._address_of

        def noted(sample: Sample) -> str | None:
            address = given(sample)
            if address is not None:
                self.signatures.add(parse_qs(urlsplit(address).query)["X-Amz-Signature"][0])
            return address

        self.server.api._address_of = noted
        self.server.api.key = KEY
        for folder in ("user", "home", "tmp"):
            (self.folder / folder).mkdir()

    def start(self, *arguments: str | Path) -> subprocess.Popen[bytes]:
        program = QaPlayer(self.folder / "home", self.keychain.environment)
        private = {"HOME": str(self.folder / "user"), "TMPDIR": str(self.folder / "tmp")}
        private |= {
            name: f"{private['HOME']}/{name}" for name in os.environ if name.startswith("XDG_") and "RUN" not in name
        }
        return process.start(
            [str(PROGRAM), *map(str, arguments)],
            environment=program.surroundings(**private, PYTHONASYNCIODEBUG="1", PYTHONFAULTHANDLER="1"),
            cwd=self.folder / "tmp",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def __call__(self, *arguments: str | Path, typed: str = "", end: signal.Signals | None = None) -> int:
        """Run a command to its end, or ``end`` it once it has begun to fetch; all it shows is kept."""
        running = self.start(*arguments)
        with watched(running) as seen:
            if end is not None:
                asked = len(self.server.log)
                deadline = time.monotonic() + 20
                while not any(entry.origin == "recordings" for entry in self.server.log[asked:]):
                    assert time.monotonic() < deadline
                    time.sleep(0.01)
                running.send_signal(end)
            out, err = running.communicate(typed.encode(), timeout=60)
        process.stop(running)
        number = len(self.statuses)
        self.statuses.append(running.returncode)
        self.seen |= {f"{number} {where}": data for where, data in seen.items()}
        self.seen |= {f"{number} output": out, f"{number} errors": err}
        return running.returncode

    def canaries(self) -> Canaries:
        return Canaries([KEY, WRONG_KEY, *self.signatures])

    def found(self) -> list[str]:
        canaries = self.canaries()
        return canaries.in_folder(self.folder) + canaries.in_text_of(self.seen)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    reason = process.missing(*PROGRAMS)
    if reason:
        pytest.skip(reason)
    with tempfile.TemporaryDirectory() as media, keychain_of_its_own() as keychain:
        recordings = [tone(Path(media), f"call{number}", seconds=10) for number in range(3)]
        samples = newest_first(*(conversation(number, path) for number, path in enumerate(recordings, start=1)))
        with DemoServer(samples=samples) as server:
            yield Run(tmp_path, keychain, server)


def add(run: Run, name: str, key: str, **options: str) -> int:
    address = run.server.connections[0].base_url
    chosen = [word for option, value in options.items() for word in ("--option", f"{option}={value}")]
    return run(
        "connection", "add", name, "--provider", "oshara", "--base-url", address, *chosen, "--key-stdin", typed=key
    )


def go_wrong_in_every_way(run: Run) -> None:
    """Each line breaks something else; the status says that it really was broken."""
    api, recordings, out = run.server.api_faults, run.server.recording_faults, run.folder / "tmp"
    assert add(run, "wrong", WRONG_KEY) == 3
    assert add(run, "odd", KEY, colour="red") == 2
    assert add(run, "acme", KEY) == 0
    api.status = 500
    assert run("sessions", "acme") == 7
    api.status = None
    api.replace_body = f'{{"success": false, "message": "bad key {base64.b64encode(KEY.encode()).decode()}"}}'.encode()
    assert run("sessions", "acme", "--json") == 7
    api.replace_body = None
    api.captive_portal = True
    assert run("show", "acme", "sess_000001") == 7
    api.captive_portal = False
    run.server.api.key_works = False
    assert run("connection", "check", "acme") == 3
    run.server.api.key_works = True
    recordings.status = 403
    assert run("fetch", "acme", "sess_000001") in (3, 4, 7)
    recordings.status = None
    recordings.replace_body = b"<!DOCTYPE html><html>Please sign in</html>" * 9
    assert run("fetch", "acme", "sess_000001", "--out", out / "page.wav") == 7
    recordings.replace_body = None
    recordings.bytes_per_second = 30_000
    assert run("fetch", "acme", "sess_000001", end=signal.SIGINT) == 130
    assert run("fetch", "acme", "sess_000001", end=signal.SIGKILL) == -signal.SIGKILL
    # the dump of a crash walks through threads that still run, and may itself come to grief
    assert run("fetch", "acme", "sess_000001", end=signal.SIGABRT) in (-signal.SIGABRT, -signal.SIGSEGV)
    recordings.bytes_per_second = None
    recordings.truncate_to, recordings.cut_once_after = 100_000, 50_000
    assert run("fetch", "acme", "sess_000002") != 1
    recordings.truncate_to = None
    assert run("fetch", "acme", "sess_000003", "--out", out / "call.wav") == 0
    assert run("show", "acme", "sess_000003", "--json") == 0
    assert run("annotate", "acme", "sess_000003", "--start", "1", "--tag", "x") == 0
    for form in ("json", "csv"):
        assert run("export", "acme", "sess_000003", "--format", form, "--out", out / f"review.{form}") == 0
    assert run("audit", "show", "--json") == 0
    assert run("doctor", "--bundle", out / "bundle.json") == 0
    run.server.stop()
    assert run("fetch", "acme", "sess_000001") == 7
    run.keychain.lock()
    assert run("sessions", "acme") == 9


@pytest.mark.keychain
def test_no_secret_lies_anywhere_after_everything_went_wrong(run: Run) -> None:
    go_wrong_in_every_way(run)
    assert len(run.signatures) >= 5
    assert len([status for status in run.statuses if status]) >= 12
    assert 1 not in run.statuses
    assert run.found() == []
    everything = b"".join(run.seen.values())
    assert b"cmdline" in b" ".join(where.encode() for where in run.seen)
    assert b"QA_PLAYER_HOME" in everything
    assert (run.folder / "home" / "qa-player.db").stat().st_size > 10_000
    assert_planted_ones_are_found(run)


def assert_planted_ones_are_found(run: Run) -> None:
    """The control: each secret in each spelling in each place."""
    canaries = run.canaries()
    for secret in (KEY, min(run.signatures)):
        for name, spelled in spellings(secret).items():
            planted = b"before " + spelled + b" after"
            for folder in ("user", "home/recordings", "tmp"):
                place = run.folder / folder / "planted"
                place.write_bytes(planted)
                assert any(name in found for found in canaries.in_folder(place.parent)), (secret, name, folder)
                place.unlink()
            assert any(name in found for found in canaries.in_text_of({"output": planted}))
    for begins in range(3):
        inside = base64.b64encode(b"x" * begins + KEY.encode() + b" and more")
        assert canaries.in_bytes(inside)
    (run.folder / "tmp" / "sk_mistaken-Vt5").mkdir()
    named = Canaries(["sk_mistaken-Vt5"])
    assert named.in_folder(run.folder / "tmp")
    # the argument is a child's, which is looked at, too
    parent = process.start(
        ["sh", "-c", '"$@" & wait', "sh", sys.executable, "-S", "-c", "import time; time.sleep(30)", KEY]
    )
    with watched(parent) as seen:
        seen_at_last(seen, canaries)
    for child in Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split():
        os.kill(int(child), signal.SIGTERM)
    process.stop(parent)
    assert any(where.startswith("cmdline") for where in canaries.in_text_of(seen))
    with_environment = process.start(["sleep", "30"], environment={"TOKEN": KEY, "PATH": os.environ["PATH"]})
    with watched(with_environment) as seen:
        seen_at_last(seen, canaries)
    process.stop(with_environment)
    assert any(where.startswith("environ") for where in canaries.in_text_of(seen))


def seen_at_last(seen: dict[str, bytes], canaries: Canaries) -> None:
    deadline = time.monotonic() + 10
    while not canaries.in_text_of(dict(seen)):
        assert time.monotonic() < deadline
        time.sleep(0.01)
