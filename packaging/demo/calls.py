"""Make the demo's calls with recordings as LiveKit makes them: ``python3 packaging/demo/calls.py``.

Reads packaging/demo/calls/*.toml, writes resources/demo/calls: a JSON file each, and an Ogg file for what is spoken.
Needs flite and ffmpeg, and no Python package.
"""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import replace
from pathlib import Path

import make
from recording import length_ms, record

HERE = Path(__file__).resolve().parent
CALLS = HERE.parent.parent / "resources" / "demo" / "calls"
OF_THE_MAKING = ("script", "voices", "sound")
OTHER_SIDE = {"A": "C", "C": "A"}


def main() -> None:
    """Make all calls."""
    os.nice(10)
    CALLS.mkdir(exist_ok=True)
    for path in sorted((HERE / "calls").glob("*.toml")):
        told = tomllib.loads(path.read_text("utf-8"))
        call = {name: value for name, value in told.items() if name not in OF_THE_MAKING}
        spoken = make._spoken(make._lines(told, path.stem), told.get("voices", {}))
        if spoken:
            # `record` has the agent on the left, LiveKit the user
            swapped = [replace(turn, who=OTHER_SIDE[turn.who]) for turn in spoken]
            record(swapped, {**told["sound"], "stereo": True}, CALLS / f"{path.stem}.ogg")
            call["media"] = f"{path.stem}.ogg"
        call["duration_ms"] = length_ms(spoken) if spoken else 30_000
        call["turns"] = told.get("turns") or [
            {"role": make.ROLES[turn.who], "text": turn.text, "start_ms": turn.start_ms, "end_ms": turn.end_ms}
            for turn in spoken
        ]
        (CALLS / f"{path.stem}.json").write_text(json.dumps(call, indent=1) + "\n", "utf-8")
        print(f"{path.stem}: {len(spoken)} turns, {call['duration_ms'] / 1_000:.1f} s")


if __name__ == "__main__":
    main()
