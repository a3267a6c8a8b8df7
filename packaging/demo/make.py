"""Make the demo's recordings and sessions from the conversations written beside this file.

    python packaging/demo/make.py [NAME …]      NAME is a conversation's file name without .toml; all without one

Needs flite (voices slt, rms, awb), ffmpeg and numpy. What it writes to resources/demo is committed; the demo itself
needs none of them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import conversation
import encode
from odd import oddly_told
from tape import Tape
from voices import Voice

HERE = Path(__file__).parent
RESOURCES = HERE.parents[1] / "resources" / "demo"
MOST_LATE_MS = 1.0
TAIL_MS = 800
WRITTEN = ("dialogue", "closing", "rounds", "voices", "recording", "odd", "unspoken", "spoken_only", "minutes")
"""What of a conversation's file is about the making and not told on."""


def main(names: list[str]) -> None:
    """Make what is named, or everything."""
    for folder in ("sessions", "recordings"):
        (RESOURCES / folder).mkdir(parents=True, exist_ok=True)
    for path in sorted((HERE / "conversations").glob("*.toml")):
        if not names or path.stem in names:
            make(path)


def make(path: Path) -> None:
    """One conversation: its recording, where it has one, and its session."""
    told = conversation.read(path)
    session = {name: value for name, value in told.items() if name not in WRITTEN}
    if "dialogue" in told:
        session |= spoken(told, path.stem)
    target = RESOURCES / "sessions" / f"{path.stem}.json"
    target.write_text(json.dumps(session, indent=1, ensure_ascii=True) + "\n", "utf-8")
    print(f"{path.stem}: {session.get('duration_ms', 0) / 1_000:.1f} s, {len(session.get('turns', []))} turns")


def spoken(told: dict[str, Any], name: str) -> dict[str, Any]:
    """What is known of a conversation once it was spoken: ``turns`` with their true times, length, file."""
    tape = Tape({role: Voice.of(voice) for role, voice in told["voices"].items()}, end_ms=told.get("lead_ms", 0))
    if "rounds" in told:
        opening, rounds, closing = conversation.repeated(told)
        tape.say(opening)
        while tape.end_ms < told["minutes"] * 60_000 - 60_000:
            tape.say(next(rounds))
        tape.say(closing)
    else:
        tape.say(conversation.lines(told))
    length_ms = max(int(str(turn["end_ms"])) for turn in tape.turns) + TAIL_MS
    made: dict[str, Any] = {"duration_ms": length_ms, "turns": tape.turns}
    if told.get("odd") or told.get("unspoken"):
        made["raw_transcript"] = oddly_told(tape.turns, told)
    if "recording" in told:
        made["media"] = _record(tape, length_ms, told["recording"], name)
    return made


def _record(tape: Tape, length_ms: int, how: dict[str, Any], name: str) -> str:
    """The recording's file; ends the making when sound and truth do not fit."""
    kind, channels = encode.KINDS[how["container"]], how.get("channels", 1)
    sound = tape.recorded(length_ms, channels=channels)
    path = RESOURCES / "recordings" / f"{name}{kind.suffix}"
    encode.write(sound, path, kind, kbits=how.get("kbits"))
    decoded = encode.read(path, channels)
    late = encode.late_by_ms(sound, decoded)
    print(f"  {path.name}: {path.stat().st_size:,} bytes, late by {late:.2f} ms, {len(decoded) / 16:.0f} ms long")
    if abs(late) > MOST_LATE_MS:
        raise SystemExit("the recording does not sound when its turns say")
    return path.name


if __name__ == "__main__":
    main(sys.argv[1:])
