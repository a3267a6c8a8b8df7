"""Audacity's label track: start, end and text with tabs between them.

Source: Audacity's manual, "Importing and exporting labels": a second line that begins with a backslash has frequencies.
"""

from __future__ import annotations

from qa_player.formats.cues import voice_and_text
from qa_player.formats.tiers import label_of
from qa_player.formats.transcript_file import Transcript, TurnsBeingRead, milliseconds, text_of, unreadable
from qa_player.model.review import Review


def write(review: Review) -> bytes:
    """Annotations with a time, by start, in seconds with six decimals; a moment's two times are the same."""
    lines = []
    for one in review.annotations:
        if one.start_ms is not None:
            end_ms = one.start_ms if one.end_ms is None else one.end_ms
            label = " ".join(label_of(one).replace("\0", "\N{SYMBOL FOR NULL}").replace("\t", " ").splitlines())
            lines.append(f"{one.start_ms / 1000:.6f}\t{end_ms / 1000:.6f}\t{label}\n")
    return "".join(lines).encode()


def read(data: bytes) -> Transcript:
    """A turn for each label; one whose ends are the same is a moment. Raises UsageError."""
    reading = TurnsBeingRead()
    found, problems = labels(data)
    for sentence in problems:
        reading.told(sentence)
    reading.lost("frequencies", sum(line.startswith("\\") for line in text_of(data).split("\n")))
    for line, start_ms, end_ms, said in found:
        speaker, text = voice_and_text(said)
        reading.add(text, speaker=speaker, start_ms=start_ms, end_ms=end_ms, line=line)
    return reading.done()


def is_label(line: str) -> bool:
    """Whether a line can be nothing else, whatever its text says.

    >>> [is_label(line) for line in ("1.5\\t2\\t-->", "start_ms\\ttag", "00:01 --> 00:02\\t")]
    [True, False, False]
    """
    start, end, *_ = [*line.split("\t", 2), "", ""]
    return milliseconds(start) is not None and milliseconds(end) is not None


def labels(data: bytes) -> tuple[list[tuple[int, int, int, str]], list[str]]:
    """(line, start, end, text) of each label, and a sentence for each line that is none. Raises UsageError."""
    found: list[tuple[int, int, int, str]] = []
    problems: list[str] = []
    for number, line in enumerate(text_of(data).split("\n"), 1):
        if not line.strip() or line.startswith("\\"):
            continue
        start, end, said = [*line.split("\t", 2), "", ""][:3]
        start_ms, end_ms = milliseconds(start), milliseconds(end)
        if start_ms is None or end_ms is None:
            if number == 1:
                unreadable("this is no label", line=1)
            problems.append(f"Line {number}: this is no label.")
            continue
        found.append((number, start_ms, end_ms, said))
    return found, problems
