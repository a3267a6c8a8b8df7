"""Make the demo's clinic visits: ``python3 packaging/demo/visits.py [slug …]`` (all when none is named).

Reads packaging/demo/visits/*.toml, writes resources/demo/visits: one JSON file each, and a WAV for each recording.
Needs flite, espeak-ng and ffmpeg, and no Python package. The same dialogues give the same files.
"""

from __future__ import annotations

import json
import os
import sys
import tomllib
from pathlib import Path
from typing import Any

import make
from recording import length_ms, record

HERE = Path(__file__).resolve().parent
VISITS = HERE.parent.parent / "resources" / "demo" / "visits"
OF_THE_MAKING = ("script", "voices", "sound", "gap_s")
END_OF_RECORDING = "---"


def main(wanted: list[str]) -> None:
    """Make the visits of these names, or all of them."""
    os.nice(10)
    VISITS.mkdir(exist_ok=True)
    for path in sorted((HERE / "visits").glob("*.toml")):
        if not wanted or path.stem in wanted:
            visit = made(path)
            (VISITS / f"{path.stem}.json").write_text(json.dumps(visit, indent=1) + "\n", "utf-8")
            print(f"{path.stem}: {len(visit['turns'])} turns, {visit['length_ms'] / 1_000:.1f} s")


def made(path: Path) -> dict[str, Any]:
    """One visit: its recordings, when it has any, and what its file says.

    A turn's times are from the beginning of the session's audio, its recordings laid end to end.
    """
    told = tomllib.loads(path.read_text("utf-8"))
    recordings: list[dict[str, Any]] = []
    turns: list[dict[str, Any]] = list(told.get("turns", []))
    reached_ms, wall_ms = 0, 0
    scripts = told["script"].split(END_OF_RECORDING) if "script" in told else []
    for number, script in enumerate(scripts):
        lines = make._lines({"script": script}, f"{path.stem} {number}")
        spoken = make._spoken(lines, told["voices"])
        name = f"{path.stem}-{number + 1}.wav" if len(scripts) > 1 else f"{path.stem}.wav"
        record(spoken, told["sound"], VISITS / name)
        recordings.append({"media": name, "length_ms": length_ms(spoken), "wall_ms": wall_ms})
        turns += [
            {
                "who": "clinician" if turn.who == "A" else "patient",
                "text": turn.text,
                "recording": number,
                "start_ms": reached_ms + turn.start_ms,
                "end_ms": reached_ms + turn.end_ms,
            }
            for turn in spoken
        ]
        reached_ms += length_ms(spoken)
        wall_ms = reached_ms + round(1_000 * told.get("gap_s", 0))
    kept = {name: value for name, value in told.items() if name not in OF_THE_MAKING}
    return {
        "status": "completed",
        "recording": "ready",
        "length_ms": reached_ms,
        "note": [],
        "faults": [],
        "structured_data": {},
        **kept,
        "recordings": recordings,
        "turns": turns,
    }


if __name__ == "__main__":
    main(sys.argv[1:])
