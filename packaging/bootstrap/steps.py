"""One line for each step, and the programs that carry it out in silence."""

import contextlib
import os
import re
import subprocess
import sys
from typing import Iterator, List, Sequence

said = []  # type: List[str]
"""All that the programs of this start have said, for the log."""


def say(line: str) -> None:
    """For a person; standard output belongs to the program that is started."""
    print(line, file=sys.stderr, flush=True)


def run(command: Sequence[str]) -> int:
    """The exit status of ``command``; its words are kept for the log, since they name hosts nobody needs to see."""
    ours = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH", "PIP_USER")}
    try:
        done = subprocess.run(
            command,
            env=ours,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        said.append("{}: {}".format(command[0], error.strerror))
        return 127
    said.append(done.stdout)
    return done.returncode


def reason(words: str) -> str:
    """The last line that names an error, without hosts and addresses."""
    errors = [line for line in words.splitlines() if re.match(r"\W*(error|e:|caused by|.*Error:)", line, re.IGNORECASE)]
    return re.sub(r"\S*://\S+|\S*\b[\w-]+(\.[\w-]+)*\.[a-z]{2,}\b\S*", "…", errors[-1].strip()) if errors else ""


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Two starts at once do not set up into each other; the second waits."""
    with open(__file__, "rb") as ourselves:
        with contextlib.suppress(ImportError):
            import fcntl

            fcntl.flock(ourselves, fcntl.LOCK_EX)
        yield


def become(command: List[str]) -> int:
    """Go on as ``command``, so that its exit status and its last line are ours."""
    if os.name != "nt":
        os.execv(command[0], command)
    return subprocess.call(command)
