"""RTTM: who spoke when, in ten fields with blanks between them; it has no words.

Source: NIST's Rich Transcription evaluation plan: type, file, channel, start, *duration*, orthography, subtype, name …
"""

from __future__ import annotations

import re

from qa_player.formats.provenance import provenance_lines
from qa_player.formats.tiers import speaker_of
from qa_player.formats.transcript_file import Transcript, TurnsBeingRead, milliseconds, text_of, unreadable
from qa_player.model.review import Review

NOTHING = "<NA>"


def write(review: Review) -> bytes:
    """One SPEAKER line for each turn with a time, by start; names keep no blanks. Comments say what the file is of."""
    session = _field(review.session.session_id)
    lines = [f";; {line}" for line in provenance_lines(review)]
    timed = sorted((turn for turn in review.turns if turn.start_ms is not None), key=lambda turn: turn.start_ms or 0)
    for turn in timed:
        start_ms = turn.start_ms or 0
        lasts_ms = max((start_ms if turn.end_ms is None else turn.end_ms) - start_ms, 1)
        name = _field(speaker_of(turn))
        when = f"{start_ms / 1000:.3f} {lasts_ms / 1000:.3f}"
        lines.append(f"SPEAKER {session} 1 {when} {NOTHING} {NOTHING} {name} {NOTHING} {NOTHING}")
    return "".join(f"{line}\n" for line in lines).encode()


def read(data: bytes) -> Transcript:
    """A turn without words for each SPEAKER line; other types of line are left out. Raises UsageError."""
    reading = TurnsBeingRead()
    found = False
    for number, line in enumerate(text_of(data).split("\n"), 1):
        fields = line.split()
        if fields[:2] == [";;", "session:"]:
            reading.of_session(" ".join(fields[2:]))
        if not fields or fields[0] != "SPEAKER":
            reading.lost("lines of other types", bool(fields) and not fields[0].startswith(";"))
            continue
        found = True
        if len(fields) < 8:
            reading.problem("a SPEAKER line has fewer than eight fields", line=number)
            continue
        start, lasts = milliseconds(fields[3]), milliseconds(fields[4])
        bad = start is None or lasts is None
        if bad:
            reading.problem("the times cannot be read", line=number)
        end = None if start is None or lasts is None else start + lasts
        speaker = "" if fields[7] == NOTHING else fields[7]
        words = "" if fields[5] == NOTHING else fields[5]
        reading.lost("confidences", fields[8:9] not in ([], [NOTHING]))
        reading.add(words, speaker=speaker, start_ms=start, end_ms=end, bad_time=bad)
    if not found:
        unreadable("no line begins with SPEAKER")
    return reading.done()


def _field(text: str) -> str:
    return re.sub(r"[\s\0]+", "_", text.strip()) or NOTHING
