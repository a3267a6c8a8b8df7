"""Lay spoken turns beside and over one another, and encode them."""

from __future__ import annotations

import subprocess
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import speech

TAIL_MS = 700
# nothing in the file tells of the day or the machine it was made on: the same turns give the same bytes
_EXACT = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
_CODECS = {
    "mp4": ["-c:a", "aac", "-cutoff", "8000"],
    "ogg": ["-c:a", "libopus"],
    "mp3": ["-c:a", "libmp3lame"],
    "wav": ["-c:a", "pcm_s16le"],
}


@dataclass(frozen=True)
class SpokenTurn:
    """One turn where it is heard; ``who`` is A for the agent, C for the customer."""

    who: str
    text: str
    start_ms: int
    samples: array[int]

    @property
    def end_ms(self) -> int:
        return self.start_ms + len(self.samples) // speech.PER_MS


def length_ms(turns: Sequence[SpokenTurn]) -> int:
    """How long the recording is: to the end of the last turn and a little quiet."""
    return max(turn.end_ms for turn in turns) + TAIL_MS


def record(turns: Sequence[SpokenTurn], sound: dict[str, Any], path: Path) -> None:
    """Write the recording as ``sound`` asks; a stereo one has the agent on the left and the customer on the right."""
    stereo = sound.get("stereo", False)
    mix = _mixed(turns, "A" if stereo else "AC")
    if stereo:
        both = array("h", bytes(4 * len(mix)))
        both[0::2], both[1::2] = mix, _mixed(turns, "C")
        mix = both
    options = [*_CODECS[path.suffix[1:]], "-ar", str(sound.get("rate", speech.RATE))]
    if "kbps" in sound:
        options += ["-b:a", f"{sound['kbps']}k"]
    if sound.get("faststart"):
        options += ["-movflags", "+faststart"]
    plain = ["-f", "s16le", "-ar", str(speech.RATE), "-ac", "2" if stereo else "1", "-i", "-"]
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", *plain, *options, *_EXACT, str(path)], check=True, input=mix.tobytes()
    )


def _mixed(turns: Sequence[SpokenTurn], parties: str) -> array[int]:
    """The samples of the whole conversation, of these parties only."""
    mix = array("h", bytes(2 * speech.PER_MS * length_ms(turns)))
    for turn in turns:
        if turn.who in parties:
            at = turn.start_ms * speech.PER_MS
            under = mix[at : at + len(turn.samples)]
            both = (max(-32_768, min(32_767, a + b)) for a, b in zip(under, turn.samples, strict=True))
            mix[at : at + len(turn.samples)] = array("h", both)
    return mix
