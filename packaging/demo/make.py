"""Make the demo's conversations: ``python3 packaging/demo/make.py [slug …]`` (all when none is named).

Reads packaging/demo/dialogues/*.toml, writes resources/demo/sessions and resources/demo/recordings. Needs flite,
espeak-ng and ffmpeg, and no Python package. The same dialogues give the same files. Fields: README.md beside this.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import long_call
import speech
from recording import SpokenTurn, length_ms, record

HERE = Path(__file__).resolve().parent
RESOURCES = HERE.parent.parent / "resources" / "demo"
FIRST_MS = 420
ROLES = {"A": "assistant", "C": "user"}
OF_THE_MAKING = ("script", "minutes", "voices", "sound", "heard_with")
_LINE = re.compile(r"([AC])(?: \[(-?\d+)\])?: (.+)$")


class Line(NamedTuple):
    """One turn to speak; ``pause_ms`` lies between the end of the one before and this, negative when they overlap."""

    who: str
    text: str
    pause_ms: int


def main(wanted: list[str]) -> None:
    """Make the conversations of these names, or all of them."""
    os.nice(10)
    for path in sorted((HERE / "dialogues").glob("*.toml")):
        if not wanted or path.stem in wanted:
            make(path)


def make(path: Path) -> None:
    """One conversation: its recording, when it has one, and its session file."""
    told = tomllib.loads(path.read_text("utf-8"))
    turns = _spoken(_lines(told, path.stem), told.get("voices", {}), FIRST_MS + told.get("lead_ms", 0))
    session = _session(told, turns)
    if "sound" in told:
        container = told["sound"].get("container", "mp4")
        session |= {"media": f"{path.stem}.{container}", "container": container}
        record(turns, told["sound"], RESOURCES / "recordings" / session["media"])
    if "heard_with" in told:
        other = json.loads((RESOURCES / "sessions" / f"{told['heard_with']}.json").read_text("utf-8"))
        session |= {name: other[name] for name in ("media", "container", "duration_ms")}
    extra = path.with_suffix(".json")
    if extra.exists():
        session |= json.loads(extra.read_text("utf-8"))
    (RESOURCES / "sessions" / f"{path.stem}.json").write_text(json.dumps(session, indent=1) + "\n", "utf-8")
    print(f"{path.stem}: {len(turns)} turns, {session['duration_ms'] / 1_000:.1f} s", flush=True)


def _lines(told: dict[str, Any], slug: str) -> list[Line]:
    """The script's lines; a pause that is not told is 250 to 900 ms, always the same for the same dialogue."""
    script = long_call.script(told["minutes"]) if "minutes" in told else told.get("script", "")
    random = Random(slug)
    lines = []
    for text in filter(None, map(str.strip, script.splitlines())):
        found = _LINE.match(text)
        if found is None:
            raise ValueError(f"{slug}: not a line of a dialogue: {text}")
        who, pause, said = found.groups()
        usual = random.randint(250, 900)
        lines.append(Line(who, said, usual if pause is None else int(pause)))
    return lines


def _spoken(lines: list[Line], voices: dict[str, Any], first_ms: int) -> list[SpokenTurn]:
    """Every line spoken, one after the other, each party with its own voice."""
    cast = {who: speech.Voice(**voices[name]) for who, name in (("A", "agent"), ("C", "customer")) if name in voices}
    with ThreadPoolExecutor(2) as pool:
        sounds = list(pool.map(lambda line: speech.spoken(line.text, cast[line.who]), lines))
    turns: list[SpokenTurn] = []
    for line, samples in zip(lines, sounds, strict=True):
        start_ms = turns[-1].end_ms + line.pause_ms if turns else first_ms
        turns.append(SpokenTurn(line.who, line.text, start_ms, samples))
    return turns


def _session(told: dict[str, Any], turns: list[SpokenTurn]) -> dict[str, Any]:
    """The session file's fields, but for those of the recording."""
    kept = {name: value for name, value in told.items() if name not in OF_THE_MAKING}
    return {
        "tenant_id": "acme",
        "media": None,
        "container": "mp4",
        "duration_ms": length_ms(turns) if turns else 0,
        "lead_ms": 0,
        "recording_status": "READY",
        "finalized": True,
        "interruption_count": sum(a.end_ms > b.start_ms for a, b in pairwise(turns)),
        "origin_url": "https://acme.example/contact",
        **kept,
        "metadata": {"subject": told["subject"], **told.get("metadata", {})},
        "turns": [
            {"role": ROLES[turn.who], "text": turn.text, "start_ms": turn.start_ms, "end_ms": turn.end_ms}
            for turn in turns
        ],
    }


if __name__ == "__main__":
    main(sys.argv[1:])
