"""What the database's own errors mean to a person: every code that can be met becomes one of our sentences."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from qa_player.errors import DatabaseError, DiskFullError, IntegrityError, QaPlayerError

BUSY, LOCKED, READ_ONLY, IO_ERROR, CORRUPT, FULL, CANNOT_OPEN, NOT_A_DATABASE = 5, 6, 8, 10, 11, 13, 14, 26
"""Primary result codes (sqlite.org/rescode.html); extended codes carry them in their lowest byte."""

NO_ROOM_BYTES = 256 * 1024
"""Below this much free space an input/output error is a full disk: the shared-memory file has no code of its own."""


@contextlib.contextmanager
def database_errors(folder: Path) -> Iterator[None]:
    """Turn what the database raises under ``folder`` into our errors; a bug of ours stays what it is."""
    try:
        yield
    except QaPlayerError:
        raise
    except Exception as error:
        told = known_trouble(error, folder)
        if told is None:
            raise
        raise told from error


def known_trouble(error: Exception, folder: Path | None = None) -> QaPlayerError | None:
    """Our error for one of the driver's or of SQLAlchemy's around it; null when it names no known trouble."""
    cause = getattr(error, "orig", None) or error
    if "Could not decode to UTF-8" in str(cause):
        return damaged()
    code = getattr(cause, "sqlite_errorcode", None)
    if not isinstance(code, int):
        return None
    primary = code & 0xFF
    if primary == FULL or (primary in (IO_ERROR, CANNOT_OPEN) and folder is not None and _is_full(folder)):
        return DiskFullError("The disk is full; this was not saved.", "Free some space and try again.")
    if primary == CANNOT_OPEN and folder is not None and folder.exists() and not os.access(folder, os.W_OK):
        return _read_only()
    sentence = _SENTENCES.get(primary)
    return None if sentence is None else sentence()


def damaged() -> IntegrityError:
    """The file holds something else than was written to it."""
    return IntegrityError(
        "The database is damaged: a part of it is not what was written.",
        "Keep a copy of it as it is, and restore a backup.",
    )


def wrong_key() -> DatabaseError:
    """No page of the file opens with the key."""
    return DatabaseError(
        "The database does not open with the key in this keychain, or it is not a database of this program.",
        "Use the keychain it was made with, or restore a backup.",
    )


def _locked() -> DatabaseError:
    return DatabaseError(
        "Another program kept the database locked for more than 5 seconds.", "Close the other program and try again."
    )


def _read_only() -> DatabaseError:
    return DatabaseError(
        "The database cannot be written: it is read-only.", "Mend the permissions of its folder or disk."
    )


def _io_error() -> DatabaseError:
    return DatabaseError("The disk failed while the database was read or written.", "Check the disk and try again.")


def _cannot_open() -> DatabaseError:
    return DatabaseError("The database could not be opened.", "Check that its folder exists and may be written.")


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < NO_ROOM_BYTES
    except OSError:
        return False


_SENTENCES: dict[int, Callable[[], QaPlayerError]] = {
    BUSY: _locked,
    LOCKED: _locked,
    READ_ONLY: _read_only,
    IO_ERROR: _io_error,
    CORRUPT: damaged,
    CANNOT_OPEN: _cannot_open,
    NOT_A_DATABASE: damaged,
}
