"""A window that is killed while somebody writes: all that was typed up to two seconds before comes back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from parts.heard import SESSION, SUBJECT
from parts.person import Person, at_the_program
from parts.secret_service import SecretService
from qa_player.demo.server import DemoServer


def qa_player(home: Path, *words: str, typed: str = "") -> str:
    """What a command prints."""
    command = [sys.executable, "-m", "qa_player", *words, "--home", str(home)]
    ended = subprocess.run(
        command, input=typed, stdout=subprocess.PIPE, env=dict(os.environ), check=True, timeout=60, text=True
    )
    return ended.stdout


def begin(person: Person) -> None:
    person.until_open(SUBJECT)
    person.press("Ctrl+Home", "M")
    person.until(lambda: person.focus() == "Comment", "the editor")
    person.tab_to("Tag")
    person.type("policy")
    person.press("Shift+Tab")
    person.until(lambda: person.focus() == "Comment", "the comment again")


@pytest.mark.usefixtures("display")
def test_what_was_typed_comes_back_after_a_kill(
    secret_service: SecretService, tmp_path: Path, demo: DemoServer
) -> None:
    home = tmp_path / "home"
    offered = demo.connections[0]
    words = ("connection", "add", "mine", "--provider", offered.provider, "--base-url", offered.base_url)
    qa_player(home, *words, "--key-stdin", typed=offered.key)
    where = ("mine", SESSION)
    typed: list[tuple[float, str]] = []
    with at_the_program(home, request=where, log=tmp_path / "killed") as person:
        begin(person)
        begun = time.monotonic()
        while time.monotonic() - begun < 4:
            person.type(f"{len(typed):03} ")
            typed.append((time.monotonic(), f"{len(typed):03} "))
        killed = time.monotonic()
        os.kill(person.program.pid, signal.SIGKILL)
    with at_the_program(home, request=where, log=tmp_path / "again") as person:
        person.until_open(SUBJECT)
        person.until(lambda: "What you were writing here is back." in person.said(), "that it is back")
        assert person.there("Comment")
        person.tab_to("Comment")
        person.press("Ctrl+Return")
        person.until(lambda: person.described("Saved"), "that it is kept now")
        person.close()
    (kept,) = json.loads(qa_player(home, "annotations", *where, "--json"))
    promised = "".join(word for at, word in typed if at < killed - 2)
    assert len(promised) > 20, "the test typed too slowly to show anything"
    assert kept["tag"] == "policy"
    assert kept["text"].startswith(promised)
    assert "".join(word for _, word in typed).startswith(kept["text"])
