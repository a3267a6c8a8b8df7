"""The command line when things go wrong: a sentence and a status each time, nothing half, nothing lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from parts import process, small_disk
from parts.command import Outcome, QaPlayer, finished, keychain_of_its_own
from parts.conversations import conversation, newest_first, tone
from parts.secret_service import PROGRAMS, SecretService
from qa_player.demo.samples import Sample
from qa_player.demo.server import DemoServer

pytestmark = [
    pytest.mark.keychain,
    pytest.mark.skipif(process.missing(*PROGRAMS) is not None, reason=str(process.missing(*PROGRAMS))),
]

TESTS = Path(__file__).parents[1]
HOSTILE = "\x1b[2J\x1b]0;owned\x07 \x9b31m \x00 \x7f \u202e \r\n<b>"


@pytest.fixture(scope="module")
def media() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def server(media: Path) -> Iterator[DemoServer]:
    """Conversation 1 has a recording of 320 KB, 2 none, 3 hostile words and a recording that is none."""
    odd = media / "odd.mp4"
    odd.write_bytes(b"\0\0\0\x18ftypmp42" + b"x" * 9_000)
    hostile = [{"role": HOSTILE, "text": HOSTILE + "\ud800", "turn_index": 0, "ts": 0.1}]
    samples = (
        conversation(1, tone(media, "call", seconds=20)),
        conversation(2),
        conversation(3, odd, raw_transcript=hostile, metadata={"subject": HOSTILE}),
    )
    with DemoServer(samples=newest_first(*samples)) as server:
        yield server


@pytest.fixture(scope="module")
def keychain() -> Iterator[SecretService]:
    with keychain_of_its_own() as keychain:
        yield keychain


@pytest.fixture(scope="module")
def shared(keychain: SecretService, server: DemoServer, media: Path) -> QaPlayer:
    """A home with the connection ``acme``, which no test may spoil."""
    program = QaPlayer(media / "home", keychain.environment)
    offered = server.connections[0]
    assert program.connect("acme", offered.base_url, offered.key).status == 0
    assert program("show", "acme", "sess_000001").status == 0
    return program


@pytest.fixture
def own(keychain: SecretService, tmp_path: Path) -> Iterator[Callable[..., tuple[QaPlayer, DemoServer]]]:
    """``own(*samples, **options)``: a home and a provider for one test."""
    with ExitStack() as stack:

        def make(*samples: Sample, **options: float) -> tuple[QaPlayer, DemoServer]:
            server = stack.enter_context(DemoServer(samples=newest_first(*samples), **options))
            program = QaPlayer(tmp_path / "home", keychain.environment)
            offered = server.connections[0]
            assert program.connect("acme", offered.base_url, offered.key).status == 0
            return program, server

        yield make


@pytest.fixture
def faulty(server: DemoServer) -> Iterator[DemoServer]:
    """The shared provider; whatever it was told to do wrong is over after the test."""
    yield server
    for faults in (server.api_faults, server.recording_faults):
        for name, value in vars(type(faults)()).items():
            setattr(faults, name, value)
    server.api.key_works = True


def test_hostile_words_are_shown_and_never_obeyed(shared: QaPlayer) -> None:
    words = shared("show", "acme", "sess_000003").out + shared("sessions", "acme").out
    documents = [shared(*command, "--json") for command in (("show", "acme", "sess_000003"), ("sessions", "acme"))]
    for text in (words, *(each.out for each in documents)):
        assert not {character for character in text if not character.isprintable()} - {"\n"}
    assert "␛[2J" in words
    assert documents[0].json["title"].startswith("\x1b[2J")
    assert "\x9b31m" in documents[0].json["title"]


@pytest.mark.parametrize("locale", ["C", pytest.param("en_US.ISO-8859-1", marks=pytest.mark.nightly)])
def test_a_locale_without_unicode_changes_nothing(shared: QaPlayer, locale: str) -> None:
    surroundings = {"LC_ALL": locale, "LANG": locale, "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    wanted = shared("show", "acme", "sess_000003")
    assert shared("show", "acme", "sess_000003", **surroundings) == wanted
    assert "␛" in wanted.out


def through(shared: QaPlayer, shell: str, *arguments: str) -> Outcome:
    """``$@`` is the command."""
    return shared(*arguments, under=("bash", "-c", shell, "bash"))


def test_a_reader_that_goes_away_is_no_error(shared: QaPlayer) -> None:
    for arguments in (("show", "acme", "sess_000001", "--json"), ("connection", "list"), ("sessions", "acme")):
        outcome = through(shared, '"$@" | true; exit ${PIPESTATUS[0]}', *arguments)
        assert (outcome.status, outcome.err) == (0, "")
    assert through(shared, '"$@" >&-', "connection", "list").status == 0


def test_output_that_no_disk_takes_is_told(shared: QaPlayer) -> None:
    for arguments in (("show", "acme", "sess_000001", "--json"), ("--version",)):
        outcome = through(shared, '"$@" > /dev/full', *arguments)
        assert (outcome.status, len(outcome.err.splitlines())) == (9, 1)
        assert "disk is full" in outcome.err


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ({"status": 500, "times": None}, 7, "transient"),
        ({"status": 403}, 3, "auth_invalid"),
        ({"status": 429, "retry_after": "86400"}, 7, "rate_limited"),
        ({"captive_portal": True}, 7, "contract"),
        ({"replace_body": b'{"success": true, "data": [1, NaN]}'}, 7, "contract"),
        ({"replace_body": b"\xff\xfe"}, 7, "contract"),
        ({"cut_after": 30}, 7, None),
    ],
)
def test_what_a_provider_does_has_its_status(
    shared: QaPlayer, faulty: DemoServer, fault: dict[str, object], status: int, kind: str | None
) -> None:
    for name, value in fault.items():
        setattr(faulty.api_faults, name, value)
    told = shared("sessions", "acme", "--json")
    assert (told.status, told.out) == (status, "")
    assert kind in (None, told.error["kind"])
    assert faulty.connections[0].base_url not in told.err
    assert faulty.connections[0].key not in told.err


def test_a_key_that_was_withdrawn_is_status_3(shared: QaPlayer, faulty: DemoServer) -> None:
    faulty.api.key_works = False
    for command in (("connection", "check", "acme"), ("show", "acme", "sess_000001"), ("sessions", "acme")):
        assert shared(*command).status == 3


def test_without_a_network_what_is_stored_is_shown_and_judged(
    own: Callable[..., tuple[QaPlayer, DemoServer]], tmp_path: Path
) -> None:
    program, server = own(conversation(1), conversation(2))
    assert program("show", "acme", "sess_000001").status == 0
    server.stop()
    assert len(program("show", "acme", "sess_000001", "--json").json["turns"]) == 4
    assert program("annotate", "acme", "sess_000001", "--start", "0.5", "--tag", "offline").status == 0
    assert program("export", "acme", "sess_000001", "--format", "csv", "--out", tmp_path / "x.csv").status == 0
    assert program("show", "acme", "sess_000002").status == 7
    assert "offline" in (tmp_path / "x.csv").read_text("utf-8-sig")


def test_what_is_no_recording_is_told_and_leaves_no_file(shared: QaPlayer, tmp_path: Path) -> None:
    for session, status in (("sess_000002", 4), ("sess_000003", 8)):
        out = tmp_path / session
        told = shared("fetch", "acme", session, "--out", out)
        assert (told.status, told.out, out.exists()) == (status, "", False)


def test_each_state_of_a_recording_has_its_status(own: Callable[..., tuple[QaPlayer, DemoServer]]) -> None:
    program, _server = own(
        conversation(1, recording_status="DELETED"),
        conversation(2, recording_status="PROCESSING"),
        conversation(3, recording_status="RECORDING", finalized=False),
    )
    told = [program("fetch", "acme", f"sess_{number:06}", "--json") for number in (1, 2, 3)]
    assert [(each.status, each.error["kind"]) for each in told] == [(5, "gone"), (6, "not_ready"), (6, "not_ready")]


def test_an_interrupted_fetch_leaves_a_cache_that_the_next_one_completes(
    own: Callable[..., tuple[QaPlayer, DemoServer]], media: Path, tmp_path: Path
) -> None:
    recording = tone(media, "long", seconds=60)
    program, server = own(conversation(1, recording))
    server.recording_faults.bytes_per_second = 400_000
    out = tmp_path / "call.wav"
    fetching = program.start("fetch", "acme", "sess_000001", "--out", out)
    wait_for(lambda: sum(path.stat().st_size for path in (program.home / "recordings").rglob("*")) > 200_000)
    fetching.send_signal(signal.SIGINT)
    stopped = finished(fetching)
    assert stopped.status == 130
    assert stopped.err.splitlines()[-1].startswith("Interrupted.")
    assert "Traceback" not in stopped.err
    assert not out.exists()
    assert program("audit", "verify").status == 0
    asked = len(server.log)
    server.recording_faults.bytes_per_second = None
    facts = program("fetch", "acme", "sess_000001", "--out", out, "--json").json
    assert (facts["verified"], out.read_bytes()) == (True, recording.read_bytes())
    first = next(entry for entry in server.log[asked:] if entry.origin == "recordings")
    assert first.range is not None
    assert int(first.range.removeprefix("bytes=").partition("-")[0]) > 100_000


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"did not come true within {seconds} s"
        time.sleep(0.01)


def test_an_interrupt_at_any_moment_of_a_start_is_one_line(shared: QaPlayer) -> None:
    for pause_s in (0.08, 0.16, 0.24, 0.32):
        running = shared.start("sessions", "acme")
        time.sleep(pause_s)
        running.send_signal(signal.SIGINT)
        outcome = finished(running)
        assert outcome.status in (0, 130)
        assert len(outcome.err.splitlines()) <= 1, outcome.err


def test_an_interrupt_at_the_prompt_ends_the_program(own: Callable[..., tuple[QaPlayer, DemoServer]]) -> None:
    program, server = own(conversation(1))
    terminal, other_end = os.openpty()
    arguments = ["connection", "add", "second", "--provider", "oshara", "--base-url", server.connections[0].base_url]
    asking = process.start(
        ["setsid", "--ctty", *map(str, program.command(*arguments))],
        environment=program.surroundings(),
        stdin=other_end,
        stdout=other_end,
        stderr=other_end,
    )
    os.close(other_end)
    shown = read_until(terminal, b"Key: ")
    os.write(terminal, b"\x03")
    assert asking.wait(10) == 130
    process.stop(asking)
    os.close(terminal)
    assert b"Traceback" not in shown
    assert len(program("connection", "list", "--json").json) == 1


def test_a_key_typed_at_the_prompt_is_not_echoed(own: Callable[..., tuple[QaPlayer, DemoServer]]) -> None:
    program, server = own(conversation(1))
    offered = server.connections[0]
    terminal, other_end = os.openpty()
    asking = process.start(
        [
            "setsid",
            "--ctty",
            *map(str, program.command("connection", "add", "second", "--provider", "oshara")),
            "--base-url",
            offered.base_url,
        ],
        environment=program.surroundings(),
        stdin=other_end,
        stdout=other_end,
        stderr=other_end,
    )
    os.close(other_end)
    shown = read_until(terminal, b"Key: ")
    os.write(terminal, offered.key.encode() + b"\n")
    shown += read_until(terminal, b"kept.")
    assert asking.wait(10) == 0
    process.stop(asking)
    os.close(terminal)
    assert offered.key.encode() not in shown


def read_until(terminal: int, wanted: bytes) -> bytes:
    shown = b""
    while wanted not in shown:
        shown += os.read(terminal, 4096)
    return shown


def dying_addresses(
    own: Callable[..., tuple[QaPlayer, DemoServer]], media: Path, tmp_path: Path, *, lifetime_s: float, seconds: float
) -> None:
    recording = tone(media, f"dying-{lifetime_s}", seconds=seconds)
    program, server = own(conversation(1, recording), address_lifetime_s=lifetime_s)
    server.recording_faults.bytes_per_second = round(recording.stat().st_size / (4 * lifetime_s))
    out = tmp_path / "call.wav"
    facts = program("fetch", "acme", "sess_000001", "--out", out, "--json").json
    assert facts["verified"] is True
    assert out.read_bytes() == recording.read_bytes()
    renewals = [entry for entry in server.log if "/sessions/" in entry.path]
    assert len(renewals) >= 4
    asked = [entry for entry in server.log if entry.origin == "recordings"]
    assert asked
    assert not [entry for entry in asked if {"x-api-key", "authorization", "cookie"} & entry.header_names]
    assert all("x-api-key" in entry.header_names for entry in renewals)


def test_a_fetch_outlives_its_addresses_and_never_shows_the_key_to_the_recordings_host(
    own: Callable[..., tuple[QaPlayer, DemoServer]], media: Path, tmp_path: Path
) -> None:
    dying_addresses(own, media, tmp_path, lifetime_s=1, seconds=40)


@pytest.mark.nightly
def test_a_fetch_outlives_addresses_that_die_every_four_seconds(
    own: Callable[..., tuple[QaPlayer, DemoServer]], media: Path, tmp_path: Path
) -> None:
    dying_addresses(own, media, tmp_path, lifetime_s=4, seconds=120)


def test_a_keychain_in_memory_opens_no_home_of_another(shared: QaPlayer, tmp_path: Path) -> None:
    told = shared("connection", "list", "--json", QA_PLAYER_KEYCHAIN="memory")
    assert (told.status, told.error["kind"]) == (9, "keychain")
    fresh = QaPlayer(tmp_path / "fresh", shared.environment)
    made = fresh("connection", "list", QA_PLAYER_KEYCHAIN="memory")
    assert (made.status, "lives in this process only" in made.err) == (0, True)
    assert fresh("connection", "list", QA_PLAYER_KEYCHAIN="memory").status == 9
    assert fresh("connection", "list").status == 9
    assert shared("connection", "list", QA_PLAYER_KEYCHAIN="nonsense").status == 2


def test_a_home_begun_under_another_keychain_is_not_taken_over(shared: QaPlayer, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "home-id").write_text("0" * 32 + "\n")
    begun = QaPlayer(tmp_path / "home", shared.environment)
    assert begun("connection", "list", QA_PLAYER_KEYCHAIN="memory").status == 9
    assert not (tmp_path / "home" / "qa-player.db").exists()
    assert begun("connection", "list").status == 0


def test_a_byte_of_the_database_that_is_not_ours_is_status_8(
    own: Callable[..., tuple[QaPlayer, DemoServer]],
) -> None:
    program, _server = own(conversation(1))
    assert program("annotate", "acme", "sess_000001", "--start", "0.1", "--tag", "x").status == 0
    path = program.home / "qa-player.db"
    whole = path.read_bytes()
    for at in (3, len(whole) // 2, len(whole) - 1):
        damaged = bytearray(whole)
        damaged[at] ^= 0x10
        path.write_bytes(damaged)
        told = program("audit", "verify", "--json")
        assert (told.status, told.error["kind"]) == (8, "integrity"), at
        assert ".." not in told.err
    path.write_bytes(whole)
    assert program("audit", "verify").status == 0


def test_settings_and_names_that_cannot_be_read_are_told(own: Callable[..., tuple[QaPlayer, DemoServer]]) -> None:
    program, _server = own(conversation(1))
    settings = program.home / "settings.toml"
    settings.write_text("nonsense = [")
    assert program("connection", "list").status == 2
    settings.write_text('speed = "fast"\n')
    assert "speed" in program("connection", "list").sentence
    settings.unlink()
    name = (program.home / "home-id").read_bytes()
    for damage in (b"\xff\xfe", b""):
        (program.home / "home-id").write_bytes(damage)
        assert program("connection", "list", "--json").error["kind"] == "storage"
    (program.home / "home-id").write_bytes(name)
    assert program("connection", "list").status == 0
    program.home = program.home / "qa-player.db"
    assert program("connection", "list").status == 9


def test_many_first_starts_at_once_make_one_home(keychain: SecretService, tmp_path: Path) -> None:
    program = QaPlayer(tmp_path / "home", keychain.environment)
    starts = [program.start("connection", "list", "--json") for _ in range(3)]
    assert [finished(start).out.strip() for start in starts] == ["[]"] * 3
    assert program("audit", "verify").status == 0


def test_two_processes_that_annotate_at_once_lose_nothing(own: Callable[..., tuple[QaPlayer, DemoServer]]) -> None:
    program, _server = own(conversation(1))
    assert program("show", "acme", "sess_000001").status == 0
    said: list[int] = []

    def annotate(who: int) -> None:
        for number in range(2):
            start = str(who / 100 + number / 10)
            said.append(program("annotate", "acme", "sess_000001", "--start", start, "--tag", f"{who}-{number}").status)

    threads = [threading.Thread(target=annotate, args=(who,)) for who in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = program("annotations", "acme", "sess_000001", "--json").json
    assert said == [0] * 4
    assert {row["tag"] for row in kept} == {f"{who}-{number}" for who in range(2) for number in range(2)}
    assert program("audit", "verify").status == 0


def test_a_locked_keychain_is_told_and_nothing_is_done(server: DemoServer, tmp_path: Path) -> None:
    offered = server.connections[0]
    with keychain_of_its_own() as keychain:
        program = QaPlayer(tmp_path / "home", keychain.environment)
        assert program.connect("acme", offered.base_url, offered.key).status == 0
        keychain.lock()
        told = program("sessions", "acme", "--json")
        assert (told.status, told.error["message"]) == (9, "The keychain is locked.")
    absent = program("sessions", "acme")
    assert (absent.status, absent.out) == (9, "")
    assert "keychain" in absent.sentence


def test_a_full_disk_is_told_and_nothing_is_half(shared: QaPlayer, server: DemoServer, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    reason = small_disk.missing(disk)
    if reason:
        pytest.skip(reason)
    ended = subprocess.run(
        small_disk.command(
            disk, kib=3_072, run=[sys.executable, "-m", "parts.full_command", str(disk), *map(str, shared.command())]
        ),
        cwd=TESTS,
        env=shared.surroundings(ADDRESS=server.connections[0].base_url),
        input=server.connections[0].key,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    report = json.loads(ended.stdout)
    assert report["really_full"] is True
    for command in ("annotate", "export", "fetch"):
        assert report[command]["status"] == 9, report
        assert report[command]["kind"] == "disk_full", report
    assert report["left"] == []
    assert report["annotations"] == report["saved"]
    assert (report["verify"], report["again"]) == (0, 0)
