"""Files of ours: where they lie, written whole or not at all, for us alone, under names nobody outside can choose."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import stat
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from qa_player.errors import ConflictError, DiskFullError, StorageError, UsageError

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


@dataclass(frozen=True)
class Home:
    """The one folder of everything the program keeps."""

    folder: Path

    @property
    def database(self) -> Path:
        """The only database."""
        return self.folder / "qa-player.db"

    @property
    def id_file(self) -> Path:
        """The name under which the keychain holds this home's key."""
        return self.folder / "home-id"

    @property
    def settings_file(self) -> Path:
        return self.folder / "settings.toml"

    @property
    def recordings(self) -> Path:
        """Sealed recordings and their peaks."""
        return self.folder / "recordings"

    @property
    def live(self) -> Path:
        """Sealed journals of calls that were received while they were going on."""
        return self.folder / "live"

    @property
    def sealed_secrets(self) -> Path:
        """Secrets that are too long for a keychain, sealed with a key that lies there."""
        return self.folder / "secrets"

    @property
    def providers(self) -> Path:
        """Descriptions of providers that a person put there."""
        return self.folder / "providers"

    @property
    def log_file(self) -> Path:
        return self.folder / "qa-player.log"

    def make(self) -> Home:
        """Make the folders for us alone; raises StorageError, UsageError for a folder that is shared with others."""
        self.claim()
        for folder in (self.folder, self.recordings, self.sealed_secrets):
            private_folder(folder)
        return self

    def claim(self) -> None:
        """Make the folder itself, or close it to others. Raises StorageError, and UsageError for one like /tmp: others
        may write into it and would be locked out of what they have there."""
        with storage_errors():
            shared = os.name == "posix" and self.folder.is_dir() and _is_shared(self.folder)
            foreign = shared and any(not _OURS.match(name) for name in os.listdir(self.folder))
        if foreign:
            raise UsageError("This folder is shared with others.", "Name a folder of its own with --home.")
        private_folder(self.folder)


_OURS = re.compile(r"(qa-player\.|home-id|settings\.toml$|(recordings|live|secrets|providers)$|window\.|\.qa-player-)")
"""How the names begin that the program itself gives directly in its home."""


def _is_shared(folder: Path) -> bool:
    return bool(folder.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH | stat.S_ISVTX))


def folder_named(text: str) -> Path:
    """A folder as a person names it; an empty name is none, where ``Path`` would take the current folder for it.

    Raises UsageError.
    """
    if not text:
        raise UsageError("The name of the folder is empty.", "Name a folder, or leave --home out.")
    return Path(text)


def home_at(argument: Path | None) -> Home:
    """``--home``, else ``QA_PLAYER_HOME``, else the platform's own folder for data."""
    if argument is not None:
        return Home(argument.expanduser().absolute())
    named = os.environ.get("QA_PLAYER_HOME")
    if named:
        return Home(Path(named).expanduser().absolute())
    from platformdirs import user_data_path

    return Home(user_data_path("qa-player", appauthor=False))


def private_folder(path: Path) -> Path:
    """Make ``path`` with all its parents for us alone; returns it. Raises StorageError."""
    with storage_errors():
        path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        if os.name == "posix" and path.stat().st_mode & 0o077 and path.stat().st_uid == os.getuid():
            path.chmod(PRIVATE_FOLDER)
    return path


def place_to_write(path: Path) -> Path:
    """Where what is written to ``path`` lands. Raises UsageError as `_behind_links`, and where there is no folder."""
    with storage_errors():
        place = _behind_links(path)
        if place.parent.is_dir():
            return place
    raise UsageError("There is no folder to write this file into.", "Name a file in a folder that exists.")


def _behind_links(path: Path) -> Path:
    """The file itself behind symbolic links, which stay.

    Raises UsageError for a folder, a device or a pipe, which must not be replaced, and for links in a circle.
    """
    place = Path(os.path.realpath(path)) if path.is_symlink() else path
    if place.is_symlink() or (path.exists() and not path.is_file()):
        raise UsageError("This is not a file but a folder, a device or a pipe.", "Name a file in a folder that exists.")
    return place


def write_whole(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data`` or leave it as it was. Raises StorageError, DiskFullError, or UsageError for what is
    no file."""
    with writing_whole(path) as file:
        file.write(data)


@contextlib.contextmanager
def writing_whole(path: Path) -> Iterator[BinaryIO]:
    """A temporary file beside ``path``, 0600, synced and renamed to it on success, removed on failure.

    Behind a symbolic link it is the link's target. Raises UsageError for what is no file.
    """
    with storage_errors():
        path = _behind_links(path)
        handle, temporary = tempfile.mkstemp(prefix=".qa-player-", dir=path.parent)
    try:
        with storage_errors(), os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with storage_errors():
            os.replace(temporary, path)
            sync_folder(path.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


@contextlib.contextmanager
def writing_alone(path: Path) -> Iterator[BinaryIO]:
    """As `writing_whole`, for what takes long: its temporary file always has the same name, so that one which a killed
    process left is used again and does not stay.

    Raises ConflictError while another process writes the same file, UsageError for what is no file.
    """
    with storage_errors():
        path = _behind_links(path)
    temporary = path.with_name(f".qa-player-{safe_name(path.name)}.part")
    with storage_errors():
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), PRIVATE_FILE)
    with os.fdopen(handle, "r+b") as file:
        if not take_lock(handle) or not _is_still(handle, temporary):
            raise ConflictError("Another export is writing this file.", "Wait for it, or name another file.")
        try:
            with storage_errors():
                file.truncate(0)
                yield file
                file.flush()
                os.fsync(handle)
                if os.name != "posix":
                    file.close()  # where an open file cannot be renamed
                os.replace(temporary, path)
                sync_folder(path.parent)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise


def _is_still(handle: int, path: Path) -> bool:
    """Whether an open file is the one at ``path``, and was not renamed before its lock was ours."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` last through a power cut, where the system has a way to."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def storage_errors() -> Iterator[None]:
    """Turn the operating system's errors into ours; their texts hold paths, ours do not."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFullError("The disk is full; nothing was written.", "Free some space and try again.") from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise StorageError(
                "A file could not be written: no permission.", "Choose another folder or mend its permissions."
            ) from error
        raise StorageError(
            f"A file could not be read or written ({os.strerror(error.errno or 0)}).",
            "Check the disk and the folder, then try again.",
        ) from error


def take_lock(handle: int) -> bool:
    """Whether the lock on an open file is ours now; closing the file, or the process's end, gives it back."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def safe_name(*parts: str) -> str:
    """A file name for things named by others: a readable prefix and the digest that keeps names apart."""
    joined = "\x00".join(parts)
    digest = hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    readable = "-".join(filter(None, (re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in parts)))
    return f"{readable[:40].strip('-')}-{digest}".lstrip("-")


def resource(*parts: str) -> Path:
    """The path of a shipped file: in a checkout, an installed wheel, or a built program."""
    for root in _resource_roots():
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise StorageError(f"A file of the program is missing: {'/'.join(parts)}.", "Install the program again.")


def _resource_roots() -> Iterator[Path]:
    package = Path(__file__).resolve().parent
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle is not None:
        yield Path(bundle) / "resources"
    yield package / "_resources"
    yield package.parent / "resources"
