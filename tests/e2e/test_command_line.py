"""Every command as a person types it: the installed program, a real keychain, and `qa-player demo` as the provider.

What stands here is the public face; it changes only with a note in CHANGELOG.md.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from parts import process
from parts.command import Outcome, QaPlayer, keychain_of_its_own
from parts.secret_service import PROGRAMS
from qa_player.demo.samples import Sample, load_samples

pytestmark = [
    pytest.mark.keychain,
    pytest.mark.skipif(process.missing(*PROGRAMS) is not None, reason=str(process.missing(*PROGRAMS))),
]

SESSION = {
    "connection",
    "provider",
    "session_id",
    "title",
    "agent",
    "state",
    "started_at",
    "ended_at",
    "duration_ms",
    "retention_deadline",
    "parties",
    "metadata",
    "transcript_digest",
    "timing",
}
TURN = {
    "index",
    "role",
    "raw_role",
    "speaker",
    "text",
    "start_ms",
    "end_ms",
    "raw_start_ms",
    "raw_end_ms",
    "time_source",
    "flags",
    "interrupted",
    "confidence",
    "delay_ms",
}
RECORDING = {"part_id", "sequence", "start_ms", "duration_ms", "mode", "mime", "expires_at", "state"}
FACTS = {"sha256", "bytes", "container", "codec", "duration_ms", "channels", "sample_rate", "verified"}
COLUMNS = [
    "session_id",
    "annotation_id",
    "kind",
    "start_ms",
    "end_ms",
    "turn_index",
    "role",
    "quote",
    "tag",
    "severity",
    "text",
    "author",
    "created_at",
    "updated_at",
]
COMMANDS = (
    "demo",
    "connection",
    "sessions",
    "show",
    "fetch",
    "peaks",
    "timing",
    "annotate",
    "annotations",
    "export",
    "audit",
    "cache",
)

WRONG_USES: list[tuple[list[str | bytes], int, str]] = [
    (["nonsense"], 2, "usage"),
    (["connection"], 2, "usage"),
    (["connection", "list", "--home", ""], 2, "usage"),
    (["open", "--home", ""], 2, "usage"),
    (["open", "--bogus"], 2, "usage"),
    (["open", "demo", "sess_1", "--at", "z"], 2, "usage"),
    (["sessions"], 2, "usage"),
    (["sessions", "demo", "--limit", "0"], 2, "usage"),
    (["sessions", "demo", "--since", "yesterday"], 2, "usage"),
    (["sessions", "demo", "--ids", "/nowhere/ids"], 2, "usage"),
    (["sessions", b"\xff"], 2, "usage"),
    (["sessions", "nobody"], 4, "not_found_or_forbidden"),
    (["show", "demo", "sess_nobodys"], 4, "not_found_or_forbidden"),
    (["show", "demo", "../../etc/passwd"], 4, "not_found_or_forbidden"),
    (["show", "demo", "nobody's"], 4, "not_found_or_forbidden"),
    (["annotations", "nobody", "sess_1"], 4, "not_found_or_forbidden"),
    (["annotations", "demo", "sess_nobodys"], 4, "not_found_or_forbidden"),
    (["score", "demo", "sess_nobodys"], 4, "not_found_or_forbidden"),
    (["search", "fee", "--connection", "nobody"], 4, "not_found_or_forbidden"),
    (["results", "--connection", "nobody"], 4, "not_found_or_forbidden"),
    (["queue", "sample", "--count", "1", "--seed", "x", "--connection", "nobody"], 4, "not_found_or_forbidden"),
    (["annotate", "demo", "sess_1", "--start", "nan", "--tag", "x"], 2, "usage"),
    (["annotate", "demo", "sess_1", "--start", "1", "--tag", b"\xff"], 2, "usage"),
    (["peaks", "/nowhere/call.wav"], 4, "not_found_or_forbidden"),
    (["peaks", "/etc/passwd"], 8, "media"),
    (["peaks", "/etc/passwd", "--out", "/nowhere/p.json"], 2, "usage"),
    (["doctor", "--bundle", "/nowhere/bundle"], 2, "usage"),
    (["export", "demo", "sess_1", "--format", "csv", "--out", "/dev/null"], 2, "usage"),
    (["tags", "export", "usual", "--out", "/nowhere/tags.json"], 2, "usage"),
    (["export", "demo", "sess_1", "--format", "docx", "--out", "/tmp/x"], 2, "usage"),
    (["connection", "remove", "live"], 2, "usage"),
    (["connection", "add", "x", "--provider", "nobody", "--key-stdin"], 2, "usage"),
    (["connection", "add", "x", "--provider", "oshara", "--option", "colour", "--key-stdin"], 2, "usage"),
    (["connection", "add", "x", "--provider", "oshara", "--key-stdin"], 2, "usage"),
    (["connection", "add", "x", "--provider", "oshara"], 2, "usage"),
]
"""The words, the status, and the kind of the error."""


@pytest.fixture(scope="module")
def qa_player() -> Iterator[QaPlayer]:
    """A home with the demo's connection ``demo``; the provider and the keychain live as long as this module's tests."""
    with tempfile.TemporaryDirectory() as folder, keychain_of_its_own() as keychain:
        program = QaPlayer(Path(folder) / "home", keychain.environment)
        provider = program.start("demo", "--headless")
        assert provider.stdout is not None
        try:
            offered = document(provider.stdout)["connections"][0]
            program.connect("demo", offered["base_url"], offered["key"])
            yield program
        finally:
            process.stop(provider)


def document(stream: Any) -> Any:
    """The first JSON document of a stream that goes on."""
    text = ""
    while True:
        line = stream.readline().decode()
        assert line, text
        text += line
        try:
            return json.loads(text)
        except ValueError:
            continue


@pytest.fixture(scope="module")
def sample() -> Sample:
    """The shortest finished conversation with a recording."""
    heard = [sample for sample in load_samples() if sample.recording is not None and sample.truth and sample.ours]
    return min(heard, key=lambda sample: sample.duration_ms)


def test_demo_prints_its_connections_and_serves_until_interrupted(qa_player: QaPlayer) -> None:
    provider = qa_player.start("demo", "--headless")
    assert provider.stdout is not None
    told = document(provider.stdout)
    assert set(told) == {"connections"}
    for connection in told["connections"]:
        assert set(connection) == {"name", "provider", "base_url", "options", "key"}
    provider.terminate()
    assert provider.wait(10) == 0
    process.stop(provider)


def test_version_and_help(qa_player: QaPlayer) -> None:
    assert qa_player("--version").out.startswith("qa-player ")
    help_page = qa_player("--help").out
    for command in [
        "demo",
        "connection",
        "sessions",
        "show",
        "fetch",
        "peaks",
        "annotate",
        "annotations",
        "export",
        "audit",
        "doctor",
    ]:
        assert command in help_page


def test_connections(qa_player: QaPlayer) -> None:
    (connection,) = qa_player("connection", "list", "--json").json
    assert {"name", "provider", "base_url", "options"} <= set(connection)
    assert (connection["name"], connection["provider"]) == ("demo", "oshara")
    assert qa_player("connection", "list").out.startswith("demo\toshara\t")
    assert qa_player("connection", "check", "demo").status == 0
    refused = qa_player.connect("wrong", connection["base_url"], "sk_wrong")
    assert (refused.status, refused.out) == (3, "")
    assert "key" in refused.sentence
    assert len(qa_player("connection", "list", "--json").json) == 1
    again = qa_player.connect("demo", connection["base_url"], "sk_wrong")
    assert (again.status, "already a connection" in again.sentence) == (2, True)


def test_a_connection_that_is_removed_takes_its_key_along(qa_player: QaPlayer) -> None:
    provider = qa_player.start("demo", "--headless")
    assert provider.stdout is not None
    offered = document(provider.stdout)["connections"][0]
    assert qa_player.connect("short", offered["base_url"], offered["key"]).status == 0
    process.stop(provider)
    unreachable = qa_player("connection", "check", "short", "--json")
    assert (unreachable.status, unreachable.error["kind"]) == (7, "transient")
    assert qa_player("connection", "remove", "short").status == 0
    assert qa_player("connection", "check", "short", "--json").error["kind"] == "not_found_or_forbidden"
    assert qa_player("connection", "remove", "short").status == 4


def test_the_listing_is_newest_first_and_takes_every_option(qa_player: QaPlayer, tmp_path: Path) -> None:
    listed = qa_player("sessions", "demo", "--json").json
    assert all(set(session) >= SESSION for session in listed)
    assert not any({"turns", "recordings"} & set(session) for session in listed)
    instants = [session["started_at"] for session in listed]
    assert instants == sorted(instants, reverse=True)
    mine = [sample.session_id for sample in load_samples() if sample.ours]
    assert sorted(session["session_id"] for session in listed) == sorted(mine)

    def ids(*options: str | Path) -> list[str]:
        return [session["session_id"] for session in qa_player("sessions", "demo", *options, "--json").json]

    assert ids("--limit", "2") == [session["session_id"] for session in listed[:2]]
    wanted = listed[1]
    assert wanted["session_id"] in ids("--query", wanted["title"].upper())
    assert ids("--query", "nobody ever said this") == []
    assert set(ids("--agent", wanted["agent"])) == {
        session["session_id"] for session in listed if session["agent"] == wanted["agent"]
    }
    day = wanted["started_at"][:10]
    on_that_day = {session["session_id"] for session in listed if session["started_at"].startswith(day)}
    assert set(ids("--since", day, "--until", day)) == on_that_day
    later = (datetime.fromisoformat(wanted["started_at"]) + timedelta(seconds=1)).isoformat()
    assert wanted["session_id"] not in ids("--since", later)
    names = tmp_path / "ids.txt"
    names.write_text(f"{listed[2]['session_id']}\n\n{listed[0]['session_id']}\r\n")
    assert ids("--ids", names) == [listed[2]["session_id"], listed[0]["session_id"]]
    assert all(one["timing"]["quality"] == "unknown" for one in listed), "nothing of them was opened yet"
    lines = qa_player("sessions", "demo").out.splitlines()
    assert len(lines) == len(listed)
    assert wanted["session_id"] in lines[1]


def test_show_tells_one_session_whole_and_touches_no_recording(qa_player: QaPlayer, sample: Sample) -> None:
    shown = qa_player("show", "demo", sample.session_id, "--json")
    session = shown.json
    assert set(session) >= SESSION | {"turns", "recordings"}
    assert all(set(turn) == TURN for turn in session["turns"])
    assert all(set(part) == RECORDING for part in session["recordings"])
    assert set(session["timing"]) == {"quality", "origin", "offset_ms", "drift_ppm"}
    assert [turn["index"] for turn in session["turns"]] == list(range(len(sample.transcript)))
    assert session["turns"][0]["text"] == sample.transcript[0]["text"]
    assert session["started_at"].endswith("Z")
    assert "X-Amz" not in shown.out
    assert "http" not in json.dumps(session["recordings"])
    words = qa_player("show", "demo", sample.session_id).out
    assert sample.transcript[0]["text"] in words


def test_fetch_gives_the_source_and_its_facts(qa_player: QaPlayer, sample: Sample, tmp_path: Path) -> None:
    assert sample.recording is not None
    out = tmp_path / "call"
    fetched = qa_player("fetch", "demo", sample.session_id, "--out", out, "--reason", "a test", "--json")
    facts = fetched.json
    assert set(facts) == FACTS | {"parts"}
    assert [set(part) for part in facts["parts"]] == [FACTS | {"sequence"}]
    source = sample.recording.read_bytes()
    assert out.read_bytes() == source
    assert (facts["sha256"], facts["bytes"]) == (hashlib.sha256(source).hexdigest(), len(source))
    assert facts["verified"] is True
    assert abs(facts["duration_ms"] - sample.duration_ms) < 100
    assert out.stat().st_mode & 0o777 == 0o600
    assert "sha256" in qa_player("fetch", "demo", sample.session_id).out
    refused = qa_player("fetch", "demo", sample.session_id, "--out", "/dev/null", "--json")
    assert (refused.status, refused.error["kind"], Path("/dev/null").is_file()) == (2, "usage", False)


def test_what_is_kept_is_read_again_and_damage_is_found(qa_player: QaPlayer, sample: Sample) -> None:
    fetched = qa_player("fetch", "demo", sample.session_id, "--json").json
    assert qa_player("cache", "verify", "--json").json["damaged"] == []
    assert "are what was fetched" in qa_player("cache", "verify").out
    (file,) = (qa_player.home / "recordings").glob(f"*{sample.session_id.replace('_', '-')}*.part")
    whole = file.read_bytes()
    file.write_bytes(whole[:1_000] + bytes([whole[1_000] ^ 1]) + whole[1_001:])
    found = qa_player("cache", "verify", "--json")
    (damaged,) = json.loads(found.out)["damaged"]
    assert (damaged["session_id"], found.status) == (sample.session_id, 8)
    assert found.error["kind"] == "integrity"
    assert [event["action"] for event in qa_player("audit", "show", "--json", "--limit", "2").json] == [
        "cache.verified",
        "recording.damaged",
    ]
    assert qa_player("fetch", "demo", sample.session_id, "--json").json == fetched
    assert qa_player("cache", "verify", "--json").json == {"recordings": 1, "bytes": fetched["bytes"], "damaged": []}


def test_peaks_in_both_of_audiowaveforms_formats(qa_player: QaPlayer, sample: Sample, tmp_path: Path) -> None:
    assert sample.recording is not None
    words = ("peaks", sample.recording, "--pixels-per-second", "10", "--out")
    assert qa_player(*words, tmp_path / "peaks.dat").out == ""
    written = qa_player(*words, tmp_path / "peaks.json", "--json").json
    told = json.loads((tmp_path / "peaks.json").read_text())
    facts = {name: value for name, value in told.items() if name != "data"}
    place = {"path": str(tmp_path / "peaks.json"), "bytes": (tmp_path / "peaks.json").stat().st_size}
    assert written == place | facts
    assert set(told) == {"version", "channels", "sample_rate", "samples_per_pixel", "bits", "length", "data"}
    assert (told["version"], told["bits"]) == (2, 8)
    assert len(told["data"]) == 2 * told["length"] * told["channels"]
    assert abs(told["length"] - sample.duration_ms / 100) <= 2
    head = struct.unpack("<iIiiIi", (tmp_path / "peaks.dat").read_bytes()[:24])
    assert head == (2, 1, told["sample_rate"], told["samples_per_pixel"], told["length"], told["channels"])
    assert list((tmp_path / "peaks.dat").read_bytes()[24:]) == [value % 256 for value in told["data"]]
    printed = qa_player("peaks", sample.recording, "--json").json
    assert printed["samples_per_pixel"] == 256
    wrong = qa_player("peaks", sample.recording, "--out", tmp_path / "peaks.png")
    assert (wrong.status, (tmp_path / "peaks.png").exists()) == (2, False)


def test_an_annotation_is_listed_exported_and_in_the_trail(qa_player: QaPlayer, sample: Sample, tmp_path: Path) -> None:
    start_s = sample.truth[1].start_ms / 1_000
    place = ("demo", sample.session_id)
    span = ("--start", str(start_s), "--end", str(start_s + 0.5))
    added = qa_player(
        "annotate", *place, *span, "--tag", "=fee", "--severity", "major", "--text", "not\nsaid “before”", "--json"
    ).json
    assert set(added) == {"annotation_id"}
    moment = qa_player("annotate", *place, "--start", "0", "--tag", "тон")
    assert moment.out.startswith("Saved as ")

    rows = qa_player("annotations", *place, "--json").json
    assert [row["start_ms"] for row in rows] == sorted(row["start_ms"] for row in rows)
    row = next(row for row in rows if row["annotation_id"] == added["annotation_id"])
    assert list(row) == COLUMNS
    assert (row["kind"], row["start_ms"], row["end_ms"]) == (
        "span",
        round(start_s * 1_000),
        round(start_s * 1_000) + 500,
    )
    assert (row["turn_index"], row["quote"]) == (1, sample.transcript[1]["text"])
    assert (row["tag"], row["severity"], row["text"]) == ("=fee", "major", "not\nsaid “before”")
    assert "not␊said" in qa_player("annotations", *place).out

    written = {}
    for form in ("json", "jsonl", "csv", "vtt"):
        out = tmp_path / f"review.{form}"
        exported = qa_player("export", *place, "--format", form, "--out", out, "--json").json
        data = out.read_bytes()
        not_carried = exported.pop("not_carried")
        assert exported == {"path": str(out), "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        assert bool(not_carried) == (form != "json"), "only our own document holds everything"
        assert out.stat().st_mode & 0o777 == 0o600
        written[form] = data.decode("utf-8-sig")
    assert [json.loads(line) for line in written["jsonl"].splitlines()] == rows
    table = list(csv.reader(io.StringIO(written["csv"], newline="")))
    assert table[0] == COLUMNS
    assert "'=fee" in [cells[COLUMNS.index("tag")] for cells in table]
    native = json.loads(written["json"])
    assert {"session", "turns", "annotations", "scorecards", "coverage", "export"} <= set(native)
    assert written["vtt"].startswith("WEBVTT")
    assert "<v " in written["vtt"]

    verdict = qa_player("audit", "verify", "--json").json
    assert set(verdict) == {"consistent", "end_proven", "entries", "anchored_at"}
    assert (verdict["consistent"], verdict["end_proven"]) == (True, False)
    trail = qa_player("audit", "show", "--json").json
    assert len(trail) >= verdict["entries"]
    mine = [event["action"] for event in trail if event["subject"] == added["annotation_id"]]
    assert mine == ["annotation.added"]
    assert len([event for event in trail if event["action"] == "review.exported"]) >= 4
    assert "not\\nsaid" not in json.dumps(trail)
    assert len(qa_player("audit", "show", "--limit", "3").out.splitlines()) == 3


def test_the_trail_is_written_to_a_file_and_its_chain_with_it(qa_player: QaPlayer, tmp_path: Path) -> None:
    trail = qa_player("audit", "show", "--json").json
    out = tmp_path / "trail.jsonl"
    written = qa_player("audit", "export", "--out", str(out), "--json").json
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert lines == trail
    assert written == {
        "path": str(out),
        "events": len(lines),
        "bytes": out.stat().st_size,
        "sha256": hashlib.sha256(out.read_bytes()).hexdigest(),
    }
    assert [line["previous"] for line in lines[1:]] == [line["digest"] for line in lines[:-1]]
    exported = qa_player("audit", "show", "--json", "--limit", "1").json[0]
    assert (exported["action"], exported["detail"]["sha256"]) == ("trail.exported", written["sha256"])
    assert qa_player("audit", "export", "--out", str(tmp_path / "no" / "such.jsonl")).status == 2


def test_doctor_says_what_works_and_its_bundle_holds_no_secret(qa_player: QaPlayer, tmp_path: Path) -> None:
    report = qa_player("doctor", "--bundle", tmp_path / "report.json", "--json").json
    checks = {check["name"]: check for check in report["checks"]}
    assert {"display", "sound", "keychain", "database", "proxy", "network"} <= set(checks)
    assert checks["keychain"]["works"] is checks["database"]["works"] is checks["network"]["works"] is True
    assert report["versions"]["qa-player"]
    text = (tmp_path / "report.json").read_text()
    (connection,) = qa_player("connection", "list", "--json").json
    assert connection["base_url"] not in text
    assert str(qa_player.home) not in text
    assert "sk_" not in text


def test_wrong_use_has_its_status_one_line_and_for_scripts_one_object(qa_player: QaPlayer) -> None:
    with ThreadPoolExecutor(2) as both_cores:
        told = list(both_cores.map(lambda use: qa_player(*use[0], "--json"), WRONG_USES))
    seen = [(each.status, each.error["kind"], each.out) for each in told]
    assert dict(zip(map(repr, WRONG_USES), seen, strict=True)) == {
        repr(use): (use[1], use[2], "") for use in WRONG_USES
    }


def test_a_failure_in_words_is_one_line_with_a_next_step(qa_player: QaPlayer) -> None:
    assert qa_player("nonsense").sentence == "No such command 'nonsense'. See `qa-player --help`."
    assert qa_player("open", "--bogus").sentence == "Unrecognized arguments: --bogus. See `qa-player open --help`."
    assert qa_player("sessions", "nobody").sentence.endswith("See `qa-player connection list`, or add it.")


def test_a_team_s_database_is_not_passed_over_in_silence(qa_player: QaPlayer) -> None:
    for address, words in (
        ("postgresql+psycopg://rita:secret@db.example.org/qa", "password"),
        ("postgresql+psycopg://db.example.org/qa?password=secret", "password"),
        ("postgresql+psycopg://rita@db.example.org/qa", "cannot use yet"),
    ):
        refused = qa_player("connection", "list", "--json", QA_PLAYER_STORE=address)
        assert (refused.status, refused.error["kind"], words in refused.error["message"]) == (2, "usage", True)
        assert "secret" not in refused.err


def test_an_interrupt_before_anything_is_loaded_is_one_line_too(qa_player: QaPlayer) -> None:
    interrupted = """
import sys
class Interrupts:
    def find_spec(self, name, *_):
        if name == "qa_player.cli.main":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupts())
from qa_player.__main__ import main
main()
"""
    for words in (["connection", "list"], ["connection", "list", "--json"]):
        ended = subprocess.run(
            [sys.executable, "-c", interrupted, *words], env=qa_player.surroundings(), capture_output=True, check=False
        )
        told = Outcome(ended.returncode, ended.stdout.decode(), ended.stderr.decode())
        assert (told.status, told.out) == (130, "")
        assert "--json" not in words or told.error["kind"] == "interrupted"
        assert told.sentence


def test_home_may_stand_before_the_command_and_wins_over_the_environment(qa_player: QaPlayer, tmp_path: Path) -> None:
    for arguments in (
        ("--home", tmp_path / "new", "connection", "list"),
        ("connection", "list", "--home", tmp_path / "new"),
    ):
        assert qa_player(*arguments).out == ""
    assert (tmp_path / "new" / "qa-player.db").exists()


def test_every_file_of_the_home_is_its_owners_alone(qa_player: QaPlayer) -> None:
    everything = [qa_player.home, *qa_player.home.rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in everything if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in everything if path.is_file()} == {0o600}
    assert [path.name for path in everything if path.suffix == ".db"] == ["qa-player.db"]


def test_a_home_that_was_open_to_others_is_closed(qa_player: QaPlayer) -> None:
    qa_player.home.chmod(0o755)
    (qa_player.home / "qa-player.db").chmod(0o644)
    assert qa_player("connection", "list").status == 0
    test_every_file_of_the_home_is_its_owners_alone(qa_player)


SLOW = {"httpx", "httpcore", "av", "numpy", "PySide6", "qasync", "alembic", "rich", "truststore", "jinja2"}


@pytest.mark.parametrize("command", ["connection list", "annotations demo SESSION", "audit show", "audit verify"])
def test_what_prints_stored_data_loads_neither_network_nor_media_nor_window(
    qa_player: QaPlayer, sample: Sample, command: str
) -> None:
    assert qa_player("sessions", "demo").status == 0
    look = (
        "import sys; from qa_player.cli.main import main; status = main(sys.argv[1:]);"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr); sys.exit(status)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", look, *command.replace("SESSION", sample.session_id).split()],
        env=qa_player.surroundings(),
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(ended.stderr.split())
    assert {"sqlalchemy", "keyring", "qa_player"} <= loaded
    assert not SLOW & loaded


def test_a_review_goes_out_and_comes_in_again(qa_player: QaPlayer, sample: Sample, tmp_path: Path) -> None:
    place = ("demo", sample.session_id)
    peer = tmp_path / "peer.jsonl"
    peer.write_text('{"start_ms": 100, "tag": "tone", "text": "calm"}\n{"start_ms": "soon", "tag": "x"}\n')
    taken = qa_player("import", *place, peer, "--json")
    assert taken.json == {
        "contents": "annotations",
        "format": "jsonl",
        "added": 1,
        "already_there": 0,
        "refused": ["Line 2: start_ms is no whole number of milliseconds or turns."],
        "not_carried": [],
    }
    assert taken.err == "Line 2: start_ms is no whole number of milliseconds or turns.\n"
    out = tmp_path / "review.eaf"
    assert "Not carried by eaf: " in qa_player("export", *place, "--format", "eaf", "--out", out).err
    again = qa_player("import", *place, out)
    assert "were there already" in again.out
    other = tmp_path / "other.json"
    other.write_text('{"session": {"session_id": "another"}, "annotations": [{"session_id": "another", "tag": "x"}]}')
    assert "another session" in qa_player("import", *place, other).sentence
