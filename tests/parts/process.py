"""Programs that a test run starts for real; none outlives the run, whatever happens to it."""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

_running: list[subprocess.Popen[bytes]] = []


def missing(*programs: str) -> str | None:
    """Why tests that need ``programs`` cannot run here, as a sentence for the skip; None when all are there."""
    absent = [program for program in programs if shutil.which(program) is None]
    if not absent:
        return None
    return f"needs {', '.join(absent)}; `python3 run.py test` installs it or says how"


def start(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
    pass_fds: Sequence[int] = (),
    **pipes: Any,
) -> subprocess.Popen[bytes]:
    """Start a program that ends with this process, even when this process is killed; its words go to ``log``."""
    # setpriv rather than preexec_fn: forking with threads about is a warning from Python 3.12 on
    leash = ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []
    output: IO[bytes] | int = subprocess.DEVNULL
    with contextlib.ExitStack() as files:
        if log is not None:
            output = files.enter_context(log.open("ab"))
        process = subprocess.Popen(
            [*leash, *arguments],
            env=None if environment is None else dict(environment),
            pass_fds=pass_fds,
            **{"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output, **pipes},
        )
    _running.append(process)
    return process


def stop(process: subprocess.Popen[bytes]) -> None:
    """End ``process`` and wait for it; one that has ended already is no error."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGCONT)
        process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
    if process in _running:
        _running.remove(process)


def first_line(descriptor: int, *, seconds: float, of: str) -> str:
    """The first line that arrives at ``descriptor``; AssertionError when none does in time."""
    line = b""
    while not line.endswith(b"\n"):
        readable, _, _ = select.select([descriptor], [], [], seconds)
        piece = os.read(descriptor, 4096) if readable else b""
        assert piece, f"{of} did not start within {seconds} s"
        line += piece
    return line.decode().strip()


@atexit.register
def _stop_all() -> None:
    # runs after Qt's own: this module is imported before it, and a display that dies first ends the process with 1
    for process in reversed(_running.copy()):
        stop(process)
