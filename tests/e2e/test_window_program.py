"""The whole program in a process of its own, worked by keys alone: a review from the first key to the exported file,
and starts, keychains and disks that are not as one would like them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from parts import process, small_disk
from parts.heard import SESSION, SUBJECT
from parts.person import Person, at_the_program
from parts.secret_service import SecretService
from qa_player.demo.server import DemoServer
from qa_player.ui.instance import socket_name

pytestmark = pytest.mark.usefixtures("display", "sound_card")

CONNECTION = "Oshara demo"


def command(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command line beside the window."""
    return subprocess.run(
        [sys.executable, "-m", "qa_player", *words, "--home", str(home)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=dict(os.environ),
    )


def add_connection(person: Person, demo: DemoServer, *, key: str) -> None:
    """Fill in the dialog by keys alone and press Enter."""
    person.press("Ctrl+Shift+N")
    person.until(lambda: person.ask("dialog") == "New connection", "the dialog")
    person.until(lambda: person.focus() == "Name", "the field for the name")
    person.type("mine")
    person.press("Tab")
    assert person.focus() == "Address"
    person.press("Ctrl+A")
    person.type(demo.connections[0].base_url)
    person.press("Tab")
    assert person.focus() == "Key"
    person.type(key)
    person.press("Return")


def test_a_review_by_keys_alone(secret_service: SecretService, tmp_path: Path, demo: DemoServer) -> None:
    home, target = tmp_path / "home", tmp_path / "review.json"
    with at_the_program(home, log=tmp_path / "stderr") as person:
        person.until(lambda: person.ask("forward"), "the window in front")
        person.until(lambda: "No connection yet" in person.said(), "the first step")
        add_connection(person, demo, key=demo.connections[0].key)
        person.until(lambda: "2 sessions" in person.said(), "the sessions")
        person.until_dialog_ends()
        choose(person)
        play(person)
        mark(person)
        find(person)
        export(person, target)
        person.close()
    (one,) = json.loads(target.read_text("utf-8"))["annotations"]
    assert (one["tag"], one["text"]) == ("compliance", "<b>no consent</b> asked")
    assert (one["start_ms"], one["end_ms"]) == (5_000, 6_000)
    verdict = json.loads(command(home, "audit", "verify", "--json").stdout)
    assert verdict["consistent"]
    acts = [event["action"] for event in json.loads(command(home, "audit", "show", "--json").stdout)]
    for act in ("connection.added", "session.opened", "recording.opened", "annotation.added", "annotation.undone"):
        assert act in acts
    kept = json.loads(command(home, "annotations", "mine", SESSION, "--json").stdout)
    assert [entry["text"] for entry in kept] == ["<b>no consent</b> asked"]


def choose(person: Person) -> None:
    person.press("Ctrl+L")
    person.until(lambda: person.focus() == "Search sessions", "the search")
    person.type("tape")
    person.until(lambda: "1 session" in person.ask("labels"), "the one that fits")
    person.press("Down")
    assert person.focus() == "Sessions"
    person.press("Return")
    person.until_open(SUBJECT)


def play(person: Person) -> None:
    """Faster and slower, from turn to turn."""
    person.press("Space")
    person.until(lambda: person.there("Pause"), "sound")
    person.until(lambda: person.described("Active turn").startswith("0 "), "the first turn")
    person.press("]", "]", "[")
    person.press("Ctrl+Down", "Ctrl+Down")
    person.press("Space")
    person.until(lambda: person.there("Play"), "silence")
    assert int(person.described("Active turn").split()[0]) >= 1


def mark(person: Person) -> None:
    """A span, written about, taken back, and made again."""
    person.press("Ctrl+Home", "Right", "I", "Shift+Right", "O", "C")
    person.until(lambda: person.focus() == "Comment", "the editor")
    person.type("<b>no consent</b> asked")
    person.tab_to("Tag")
    person.type("compliance")
    assert person.described("Saved") == ""
    person.press("Ctrl+Return")
    person.until(lambda: person.described("Saved"), "that it is saved")
    person.until(lambda: person.focus() == "Transcript", "the focus on the transcript")
    person.press("Ctrl+Z")
    person.until(lambda: "Nothing is marked" in person.said(), "that nothing is marked")
    person.press("Ctrl+Shift+Z")
    person.until(lambda: "Nothing is marked" not in person.said(), "the mark again")


def find(person: Person) -> None:
    person.press("Ctrl+F")
    person.type("number 5")
    person.until(lambda: "1 found" in person.said(), "the count")
    person.press("Return", "Escape")
    person.until(lambda: person.focus() == "Transcript", "the focus on the transcript")


def export(person: Person, target: Path) -> None:
    person.press("Ctrl+E")
    person.until(lambda: person.ask("dialog") == "Export this review", "the dialog")
    person.tab_to("File")
    person.press("Ctrl+A")
    person.type(str(target))
    person.press("Return")
    person.until(target.exists, "the file")
    person.until_dialog_ends()
    person.until(lambda: "review.json is written" in person.said(), "that it is written")


def test_a_wrong_key_is_told_in_the_dialog_and_nothing_is_stored(
    secret_service: SecretService, tmp_path: Path, demo: DemoServer
) -> None:
    home = tmp_path / "home"
    with at_the_program(home, log=tmp_path / "stderr") as person:
        person.until(lambda: person.ask("forward"), "the window in front")
        person.until(lambda: "No connection yet" in person.said(), "the first step")
        add_connection(person, demo, key="sk_planted_wrong_key")
        person.until(lambda: "refused the key" in person.described("Trouble"), "why")
        assert "Check the key" in person.described("Trouble")
        assert person.ask("dialog") == "New connection", "it stays open to be mended"
        person.press("Escape")
        person.until(lambda: not person.ask("dialog"), "the dialog's end")
        person.close()
    assert json.loads(command(home, "connection", "list", "--json").stdout) == []
    holding = [path for path in home.rglob("*") if path.is_file() and b"sk_planted_wrong_key" in path.read_bytes()]
    assert holding == []


def test_a_locked_keychain_is_told_and_tried_again(
    secret_service: SecretService, tmp_path: Path, demo: DemoServer
) -> None:
    home = tmp_path / "home"
    with at_the_program(home, log=tmp_path / "stderr") as person:
        person.until(lambda: "No connection yet" in person.said(), "the first step")
        person.close()
    secret_service.lock()
    with at_the_program(home, log=tmp_path / "stderr") as person:
        person.until(lambda: "locked" in person.said(), "why it does not open")
        said = person.said()
        assert "nlock" in said, "and what to do"
        assert person.there("Try again") or "Try again" in str(person.ask("tree"))
        person.close()


def test_a_second_start_hands_over_and_ends(tmp_path: Path, demo: DemoServer) -> None:
    home = tmp_path / "home"
    with at_the_program(home, demo=demo, log=tmp_path / "stderr") as person:
        person.until(lambda: "2 sessions" in person.said(), "the sessions")
        second = command(home, "open", CONNECTION, SESSION, "--at", "3.5")
        assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
        person.until_open(SUBJECT)
        person.until(lambda: person.described("Position").startswith("0:03.50"), "the place it was asked for")
        person.close()


def test_a_full_disk_loses_nothing_and_calls_nothing_saved(tmp_path: Path, demo: DemoServer) -> None:
    home = tmp_path / "home"
    home.mkdir()
    reason = small_disk.missing(home)
    if reason:
        pytest.skip(reason)
    with at_the_program(
        home,
        demo=demo,
        request=(CONNECTION, SESSION),
        log=tmp_path / "stderr",
        wrapped=lambda program: small_disk.command(home, kib=6_000, run=program),
    ) as person:
        person.until_open(SUBJECT)
        person.press("Ctrl+Home", "2")
        person.until(lambda: person.described("Saved"), "that the first is saved")
        saved = person.described("Saved")
        assert person.ask("fill", folder=str(home)) > 0
        time.sleep(1.1)
        person.press("C")
        person.until(lambda: person.focus() == "Comment", "the editor")
        person.ask("copied", text="w" * 30_000)
        person.press("Ctrl+V")
        person.tab_to("Tag")
        person.type("compliance")
        person.press("Ctrl+Return")
        person.until(lambda: "Not saved." in person.said(), "that it is not saved")
        assert "space" in person.said() or "full" in person.said()
        assert person.described("Saved") == saved, "nothing is called saved that was not"
        assert person.focus() == "Tag", "what was written is still there to be kept"
        person.ask("unfill", folder=str(home))
        person.press("Ctrl+Return")
        person.until(lambda: person.described("Saved") != saved, "that it is saved now")
        person.until(lambda: person.focus() == "Transcript", "the editor's end")
        marks = [one["name"] for one in person.ask("tree") if one["role"] == "ListItem"]
        assert any("interruption" in name for name in marks), "what was saved before is still there"
        assert any("w" * 100 in name for name in marks)
        person.close()


@pytest.mark.parametrize("cycles", [12, pytest.param(50, marks=pytest.mark.nightly)])
def test_opened_again_and_again_and_closed_while_it_plays(tmp_path: Path, demo: DemoServer, cycles: int) -> None:
    with at_the_program(tmp_path / "home", demo=demo, request=(CONNECTION, SESSION), log=tmp_path / "stderr") as person:
        person.until_open(SUBJECT)
        for cycle in range(cycles):
            person.press("Space", "Ctrl+PgUp" if cycle % 2 == 0 else "Ctrl+PgDown")
            title = SUBJECT if cycle % 2 else "Times that are none"
            person.until(lambda title=title: person.ask("title") == title, f"session {cycle}")
        person.until_open(SUBJECT)
        person.press("Ctrl+Home", "Space")
        person.until(lambda: person.described("Active turn"), "sound")
        person.close()


def test_the_demo_comes_up_and_ends_with_its_window(tmp_path: Path) -> None:
    home = tmp_path / "home"
    program = process.start(
        [sys.executable, "-m", "qa_player", "demo", "--home", str(home)], log=tmp_path / "words", environment=os.environ
    )
    deadline = time.monotonic() + 30
    # where Qt puts a socket that has a name and no folder
    socket = Path(tempfile.gettempdir()) / socket_name(home)
    while not socket.exists():
        assert time.monotonic() < deadline, (tmp_path / "words").read_text()
        assert program.poll() is None, (tmp_path / "words").read_text()
        time.sleep(0.05)
    program.terminate()
    assert program.wait(20) == 0
    assert (tmp_path / "words").read_text() == ""
