"""Whether a folder lies on another machine's disk: there SQLite's locks cannot be relied on, and commits may be lost.

SQLite's own advice is never to keep a database there (sqlite.org/howtocorrupt.html, section 2.1; sqlite.org/wal.html).
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from qa_player.errors import DatabaseError

_NETWORK = ("afs", "afpfs", "cifs", "coda", "davfs", "glusterfs", "ncpfs", "nfs", "nfs4", "smb3", "smbfs", "webdav")
_NETWORK_FUSE = ("sshfs", "rclone", "s3fs", "davfs", "glusterfs", "smbnetfs", "curlftpfs", "gvfsd-fuse", "goofys")
_MOUNTS = Path("/proc/self/mountinfo")


def refuse_network_disk(folder: Path) -> None:
    """Raise DatabaseError when ``folder`` lies on a disk of the network; where nothing says so it passes."""
    if _is_network(folder):
        raise DatabaseError(
            "The database cannot be kept on a network disk: another computer's locks do not protect it.",
            "Choose a home on a disk of this computer, or a team's database.",
        )


def kind_of_disk(folder: str, mounts: str) -> str:
    """The kind of file system that holds the absolute path ``folder``, by the lines of Linux's ``mountinfo``."""
    deepest, kind = -1, ""
    for line in mounts.splitlines():
        before, separator, after = line.partition(" - ")
        fields = before.split(" ")
        if not separator or len(fields) < 5:
            continue
        place = _plain(fields[4])
        within = place in ("/", folder) or folder.startswith(place + "/")
        if within and len(place) >= deepest:  # of two at one place the later one covers the earlier
            deepest, kind = len(place), after.split(" ")[0]
    return kind


def is_network_kind(kind: str) -> bool:
    """Whether a file system of that name keeps its files on another machine."""
    name, _, helper = kind.partition(".")
    return name in _NETWORK or (name == "fuse" and helper in _NETWORK_FUSE)


def _plain(place: str) -> str:
    """A place as it is spelled in mountinfo: blanks and backslashes stand there as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), place)


if sys.platform == "win32":
    import ctypes

    _REMOTE = 4

    def _is_network(folder: Path) -> bool:
        anchor = folder.absolute().anchor
        return anchor.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(anchor) == _REMOTE
else:

    def _is_network(folder: Path) -> bool:
        try:
            return is_network_kind(
                kind_of_disk(os.path.realpath(folder), _MOUNTS.read_text("utf-8", "surrogateescape"))
            )
        except OSError:
            return False  # another system than Linux: that it shares no memory must be reason enough
