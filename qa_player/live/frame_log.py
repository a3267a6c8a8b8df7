"""A log of frames, one JSON object a line, as Vobiz, Plivo or Twilio sent them: read as if they came now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from qa_player.errors import QaPlayerError, StorageError, UsageError
from qa_player.live.frames import Key, Media, Start, read_frame

LONGEST_LINE = 1024 * 1024
LARGEST = 4 * 1024 * 1024 * 1024


def first_start(path: Path) -> Start:
    """The frame that announces the stream, among the first hundred lines; blocks. Raises UsageError, StorageError."""
    media = None
    for number, line in enumerate(_lines(path)):
        frame = read_frame(line)
        if isinstance(frame, Start):
            return frame
        media = media or (frame if isinstance(frame, Media) else None)
        if number > 100:
            break
    if media is None:
        raise UsageError("The file is no log of a stream's frames.", "Give one JSON frame a line, as it was received.")
    return Start("", media.stream_id, "", None)


def messages(path: Path) -> Iterator[tuple[str, int]]:
    """Each line, and how far the stream's own clock is at it, in milliseconds; blocks. Raises StorageError."""
    zero_ms: int | None = None
    at_ms = 0
    for line in _lines(path):
        frame = read_frame(line)
        told = frame.timestamp_ms if isinstance(frame, Media | Key) else None
        if told is not None:
            zero_ms = told if zero_ms is None else zero_ms
            at_ms = max(at_ms, min(told - zero_ms, 2**40))
        yield line, at_ms


def _lines(path: Path) -> Iterator[str]:
    error: QaPlayerError | None = None
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError("The file is larger than 4 GiB.", "Split it.")
        with path.open("rb") as file:
            while line := file.readline(LONGEST_LINE):
                text = line.decode("utf-8-sig", "replace").strip()
                if text:
                    yield text
    except FileNotFoundError:
        error = UsageError("The file is not there.", "Check its name.")
    except OSError:
        error = StorageError("The file cannot be read.", "Check who may read it.")
    if error is not None:
        raise error
