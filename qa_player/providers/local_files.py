"""Files of a folder as sessions: recordings, and the transcripts that lie beside them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from qa_player.errors import NotFoundError, QaPlayerError, StorageError

RECORDINGS: Mapping[str, str] = {
    ".wav": "audio/wav",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".webm": "audio/webm",
    ".flac": "audio/flac",
}
TRANSCRIPTS = (".json", ".vtt", ".srt", ".eaf", ".textgrid", ".txt", ".ctm", ".rttm")
"""In the order in which they are preferred: the more they can tell, the earlier."""

MOST_FILES = 200_000
DEEPEST = 8
LONGEST_ID = 500


@dataclass(frozen=True)
class Found:
    """One session's files: ``name`` is the id; at least one of the two paths is there."""

    name: str
    recording: Path | None
    transcript: Path | None
    size: int
    changed: datetime


def find(folder: Path) -> list[Found]:
    """Every session below ``folder``, newest first. Hidden files and links to folders are left out."""
    readable(folder)
    found: list[Found] = []
    files = 0
    for place, folders, names in os.walk(folder):
        depth = len(Path(place).relative_to(folder).parts)
        folders[:] = sorted(name for name in folders if not name.startswith(".")) if depth < DEEPEST else []
        files += len(names)
        found += sessions_of(Path(place), names, folder)
        if files > MOST_FILES:
            break
    return sorted(found, key=lambda one: (-one.changed.timestamp(), one.name))


def sessions_of(place: Path, names: Iterable[str], folder: Path) -> list[Found]:
    """The sessions among the files ``names`` of one folder."""
    root = folder.resolve()
    known = [name for name in sorted(names) if _printable(name) and not _leads_out(place / name, root)]
    transcripts: dict[str, str] = {}
    for ending in reversed(TRANSCRIPTS):
        transcripts |= {name[: -len(ending)].lower(): name for name in known if name.lower().endswith(ending)}
    recordings = [name for name in known if Path(name).suffix.lower() in RECORDINGS]
    taken: set[str] = set()
    pairs: list[tuple[str, str | None]] = []
    for name in recordings:
        beside = transcripts.get(Path(name).stem.lower()) or transcripts.get(name.lower())
        taken |= {Path(name).stem.lower(), name.lower()}
        pairs.append((name, beside))
    alone = [
        name for stem, name in sorted(transcripts.items()) if stem not in taken and not name.lower().endswith(".txt")
    ]
    found = [_one(place, folder, name, recording=name, transcript=beside) for name, beside in pairs]
    found += [_one(place, folder, name, recording=None, transcript=name) for name in alone]
    return [one for one in found if one is not None]


def _one(place: Path, folder: Path, name: str, *, recording: str | None, transcript: str | None) -> Found | None:
    try:
        told = place.joinpath(name).stat()
        session_id = place.joinpath(name).relative_to(folder).as_posix()
        changed = datetime.fromtimestamp(told.st_mtime, UTC)
    except (OSError, ValueError, OverflowError):
        return None
    if len(session_id) > LONGEST_ID:
        return None
    return Found(
        session_id,
        None if recording is None else place / recording,
        None if transcript is None else place / transcript,
        told.st_size,
        changed,
    )


def names_in(folder: Path) -> list[str]:
    """The names of a folder's files; none when it cannot be listed."""
    try:
        return os.listdir(folder)
    except OSError:
        return []


def readable(folder: Path) -> None:
    """Raises NotFoundError or StorageError unless the folder can be listed."""
    error: QaPlayerError | None = None
    try:
        with os.scandir(folder):
            return
    except (FileNotFoundError, NotADirectoryError, ValueError):
        error = NotFoundError("The folder is not there.", "Name a folder that holds recordings as the address.")
    except OSError:
        error = StorageError("The folder cannot be read.", "Check who may read it.")
    raise error


def _printable(name: str) -> bool:
    return not name.startswith(".") and name.isprintable() and "\ufffd" not in name


def _leads_out(path: Path, root: Path) -> bool:
    return path.is_symlink() and not is_inside(path, root)


def is_inside(path: Path, root: Path) -> bool:
    """Whether ``path`` lies below ``root``, wherever links on the way lead; those that go in circles lead nowhere."""
    try:
        return path.resolve().is_relative_to(root)
    except (OSError, RuntimeError, ValueError):
        return False
