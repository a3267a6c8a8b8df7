"""A disk that is really full: a small tmpfs in a mount namespace of its own, seen by one process only."""

from __future__ import annotations

import subprocess
from pathlib import Path

_MOUNT_AND_RUN = 'mount -t tmpfs -o "size=$0k" tmpfs "$1" && shift && exec "$@"'


def command(folder: Path, *, kib: int, run: list[str]) -> list[str]:
    """A command that does ``run`` with an empty disk of ``kib`` KiB in the place of ``folder``; it vanishes after."""
    return ["unshare", "-rm", "sh", "-c", _MOUNT_AND_RUN, str(kib), str(folder), *run]


def missing(folder: Path) -> str | None:
    """Why this machine gives no small disk; null when it does."""
    try:
        tried = subprocess.run(
            command(folder, kib=64, run=["true"]), capture_output=True, text=True, timeout=20, check=False
        )
    except FileNotFoundError:
        return "needs unshare (util-linux)"
    return None if tried.returncode == 0 else f"needs mount namespaces: {tried.stderr.strip()}"
