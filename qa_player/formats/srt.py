"""SubRip captions: numbered blocks, times with a comma, no field for who speaks."""

from __future__ import annotations

import re

from qa_player.formats.cues import add_cue, voice_and_text
from qa_player.formats.transcript_file import Transcript, TurnsBeingRead, text_of, unreadable


def read(data: bytes) -> Transcript:
    """Captions as turns in the order of the file; a name and a colon in front say who speaks. Raises UsageError.

    A blank line inside a caption does not end it: only what looks like the next one does.
    """
    lines = text_of(data).split("\n")
    reading = TurnsBeingRead()
    starts = [number for number, line in enumerate(lines) if "-->" in line]
    if not starts:
        unreadable("no line has times")
    for at, following in zip(starts, [*starts[1:], len(lines)], strict=True):
        said = lines[at + 1 : following]
        if following < len(lines) and said and said[-1].strip().isdigit():
            said.pop()
        plain = re.sub(r"</?[a-zA-Z][^<>]*>|\{\\[^{}]*\}", "", "\n".join(said).strip())
        speaker, text = voice_and_text(re.sub(r"\n\s*\n", "\n", plain))
        add_cue(reading, lines[at], speaker, text, line=at + 1)
    return reading.done()
