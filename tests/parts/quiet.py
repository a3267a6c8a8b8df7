"""Test processes side by side, and the tests among theirs that need the machine for themselves: those that listen.

What a sound card plays is heard in real time; beside another test's work on the same two cores it would stutter.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def room_for(*, alone: bool) -> Iterator[None]:
    """Beside any others, or ``alone``: then the other processes wait between two tests of theirs.

    Who wants to be alone holds the door while the others come out, so that nobody slips in ahead for ever.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is None:
        yield
        return
    place = Path(tempfile.gettempdir())
    with (place / f"qa-player-{run}.door").open("w") as door, (place / f"qa-player-{run}.room").open("w") as room:
        fcntl.flock(door, fcntl.LOCK_EX)
        fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(door, fcntl.LOCK_UN)
        yield


def clear() -> None:
    """Leave no files behind; who still goes on makes them anew."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    for kind in ("door", "room") if run is not None else ():
        (Path(tempfile.gettempdir()) / f"qa-player-{run}.{kind}").unlink(missing_ok=True)
