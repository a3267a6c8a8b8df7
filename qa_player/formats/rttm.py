"""RTTM: who spoke when, in ten fields with blanks between them; it has no words.

Source: NIST's Rich Transcription evaluation plan: type, file, channel, start, *duration*, orthography, subtype, name …
"""

from __future__ import annotations

from qa_player.formats.transcript_file import Transcript, TurnsBeingRead, milliseconds, text_of, unreadable

NOTHING = "<NA>"


def read(data: bytes) -> Transcript:
    """A turn without words for each SPEAKER line; other types of line are left out. Raises UsageError."""
    reading = TurnsBeingRead()
    found = False
    for number, line in enumerate(text_of(data).split("\n"), 1):
        fields = line.split()
        if not fields or fields[0] != "SPEAKER":
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
        reading.add(words, speaker=speaker, start_ms=start, end_ms=end, bad_time=bad)
    if not found:
        unreadable("no line begins with SPEAKER")
    return reading.done()
