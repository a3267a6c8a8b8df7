"""CTM: one word a line with its time, as recognisers write it.

Source: NIST's scoring toolkit: file, channel, start, *duration*, word, confidence; ``;;`` begins a comment.
"""

from __future__ import annotations

from qa_player.formats.transcript_file import Transcript, TurnsBeingRead, Word, milliseconds, text_of, unreadable


def read(data: bytes) -> Transcript:
    """Words gathered into turns by file and channel. Raises UsageError."""
    reading = TurnsBeingRead()
    words: dict[str, list[Word]] = {}
    for number, line in enumerate(text_of(data).split("\n"), 1):
        fields = line.split()
        if not fields or line.lstrip().startswith(";;"):
            reading.lost("comments", bool(fields))
            continue
        start, lasts = (milliseconds(field) for field in fields[2:4]) if len(fields) >= 5 else (None, None)
        if start is None or lasts is None:
            reading.problem("this is no word with its time", line=number)
            continue
        reading.lost("confidences", len(fields) > 5)
        # the file field is the same for all unless it carries the speaker, as Gecko's does
        words.setdefault(f"{fields[0]} {fields[1]}", []).append(Word("", fields[4], start, start + lasts))
    if not words:
        unreadable("no line is a word with its time")
    one_file = len({key.split()[0] for key in words}) == 1
    for key, spoken in words.items():
        for word in spoken:
            word.speaker = f"channel {key.split()[1]}" if one_file else key
        reading.add_words(sorted(spoken, key=lambda word: word.start_ms or 0))
    return reading.sorted()
