"""A provider that is described, from the command line: begun, tried, agreed to, connected and heard."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from parts import process, secret_service
from parts.command import QaPlayer, keychain_of_its_own
from parts.described_cases import talks
from parts.provider_cases import running
from parts.voice_apis import KEY, PlainApi
from qa_player.demo import recordings
from qa_player.demo.recordings import RecordingHost
from qa_player.demo.signing import Signer
from qa_player.demo.wire import Origin
from qa_player.files import resource


@dataclass(frozen=True)
class Place:
    """A stand-in that runs, and a description of it."""

    qa_player: QaPlayer
    address: str
    file: Path
    asked: Origin


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    missing = process.missing(*secret_service.PROGRAMS)
    if missing:
        pytest.skip(missing)
    media, signer = resource("demo", "recordings", "cancel-the-add-on.mp4"), Signer()
    host = RecordingHost({media.name: media}, signer)
    storage = Origin("recordings", host.answer, recordings.failure)
    api = PlainApi(talks(), media, lambda: signer.address(storage.address, media.name, 90.0))
    origin = Origin("api", api.answer, PlainApi.failure)
    file = tmp_path / "acme.toml"
    text = resource("providers", "skeleton", "description.toml").read_text("utf-8")
    file.write_text(text.replace("NAME", "acme").replace("https://api.example.com", origin.address))
    with keychain_of_its_own() as service, running(origin, storage):
        yield Place(QaPlayer(tmp_path / "home", service.environment), origin.address, file, origin)


def add(place: Place, *more: str, provider: str = "described") -> tuple[str, ...]:
    return ("connection", "add", "acme", "--provider", provider, "--key-stdin", *more)


def test_a_described_connection_is_listed_shown_and_fetched(place: Place) -> None:
    qa = place.qa_player
    added = qa(*add(place, "--base-url", str(place.file), "--json"), typed=KEY + "\n").json
    assert (added["provider"], added["base_url"]) == ("described", str(place.file))
    assert added["options"]["key_hosts"] == place.address.removeprefix("http://")
    listed = qa("sessions", "acme", "--limit", "3", "--json").json
    assert [session["session_id"] for session in listed] == ["heard", "silent", "going"]
    shown = qa("show", "acme", "heard", "--json").json
    assert [(turn["text"], turn["start_ms"]) for turn in shown["turns"]] == [("Hi", 0)]
    assert shown["timing"]["quality"] == "exact"
    media = resource("demo", "recordings", "cancel-the-add-on.mp4")
    assert qa("fetch", "acme", "heard", "--json").json["bytes"] == media.stat().st_size
    assert qa("fetch", "acme", "silent").status == 4
    assert qa("fetch", "acme", "going").status == 6


def test_a_description_that_is_changed_afterwards_gets_no_key(place: Place) -> None:
    qa = place.qa_player
    assert qa(*add(place, "--base-url", str(place.file)), typed=KEY + "\n").status == 0
    asked = len(place.asked.log)
    text = place.file.read_text()
    place.file.write_text(text.replace("# hosts = [", "hosts = ["))
    refused = qa("connection", "check", "acme")
    assert refused.status == 2
    assert "other hosts" in refused.sentence
    assert len(place.asked.log) == asked
    place.file.write_text(text)
    assert qa("connection", "check", "acme").status == 0, "the control"


def test_a_description_in_the_home_is_a_provider_of_its_own_name(place: Place) -> None:
    qa = place.qa_player
    folder = qa.home / "providers"
    folder.mkdir(parents=True)
    shutil.copy(place.file, folder)
    assert qa(*add(place, provider="acme"), typed=KEY + "\n").status == 0
    assert len(qa("sessions", "acme", "--json").json) == 14


def test_wrong_descriptions_and_wrong_keys_are_told(place: Place) -> None:
    qa = place.qa_player
    wrong = qa(*add(place, "--base-url", str(place.file)), typed="wrong\n")
    assert (wrong.status, "key" in wrong.sentence) == (3, True)
    assert qa(*add(place), typed=KEY + "\n").status == 2
    place.file.write_text(place.file.read_text().replace('kind = "bearer"', 'kind = "bear"'))
    told = qa(*add(place, "--base-url", str(place.file)), typed=KEY + "\n")
    assert told.status == 2
    assert "field credential" in told.sentence


def said_at_a_terminal(place: Place, *typed: tuple[bytes, bytes]) -> tuple[int, bytes]:
    """Status and what was said on standard error; each answer is typed once what it answers was said."""
    ours, theirs = pty.openpty()
    command = place.qa_player.command(
        "connection", "add", "acme", "--provider", "described", "--base-url", str(place.file)
    )
    started = subprocess.Popen(
        command,
        env=place.qa_player.surroundings(),
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert started.stderr is not None
    said = b""
    try:
        for question, answer in typed:
            while question not in said:
                piece = os.read(started.stderr.fileno(), 1_000)
                assert piece, said
                said += piece
            os.write(ours, answer)
        _, rest = started.communicate(timeout=60)
        return started.returncode, said + rest
    finally:
        process.stop(started)
        os.close(ours)
        os.close(theirs)


def test_the_hosts_are_shown_and_agreed_to_before_the_key_is_typed(place: Place) -> None:
    status, said = said_at_a_terminal(place, (b"[y/N] ", b"n\n"))
    assert status == 2
    assert place.address.removeprefix("http://").encode() in said
    assert b"Key: " not in said
    assert place.asked.log == []
    status, said = said_at_a_terminal(place, (b"[y/N] ", b"y\n"), (b"Key: ", KEY.encode() + b"\n"))
    assert status == 0, said
    assert KEY.encode() not in said
    assert len(place.asked.log) == 1


def test_a_provider_is_begun_and_tried(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    qa = place.qa_player
    monkeypatch.chdir(tmp_path)
    shared = tmp_path / "voice.samples"
    shared.mkdir(mode=0o755)
    shared.chmod(0o755)
    assert qa("provider", "new", "voice").status == 0
    assert shared.stat().st_mode & 0o777 == 0o755, "a folder that was there stays as it is"
    assert qa("provider", "new", "closed").status == 0
    assert (tmp_path / "closed.samples").stat().st_mode & 0o777 == 0o700
    assert qa("provider", "new", "voice").status == 2, "nothing is written over"
    assert qa("provider", "new", "../evil").status == 2
    tried = qa("provider", "test", "voice.toml", "--json").json
    assert len(tried) > 6
    assert all(promise["kept"] for promise in tried)
    live = qa("provider", "test", "voice.toml", "--base-url", f"{place.address}/v1", "--key-stdin", typed=KEY)
    assert "BROKEN  the list: 14 sessions, 1 unreadable" in live.out, "the stand-in has a bad row, and it is seen"
    assert "holds   a wrong key is refused" in live.out
    assert "holds   the recording: status 206" in live.out
    assert live.status == 7
    sample = tmp_path / "voice.samples" / "detail.json"
    sample.write_text(sample.read_text().replace('"start_ms": 1500', '"start_ms": "soon"'))
    broken = qa("provider", "test", "voice.toml")
    assert "BROKEN  detail: times of turns: 1 of 2" in broken.out
    assert broken.status == 7
