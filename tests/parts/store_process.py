"""Processes that use a database beside the test's own, and that the test may kill: ``python -m parts.store_process``.

One command per line of standard input, as JSON. Each is carried out by a process forked for it, whose lines come out
on standard output between ``pid N`` and ``ended STATUS``.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from parts import process

TESTS = Path(__file__).parents[1]


class StoreProcess:
    """``start`` forks a process for one command; ``lines`` are what it says until it has ended."""

    def __init__(self) -> None:
        self._process = process.start(
            [sys.executable, "-m", "parts.store_process"],
            cwd=TESTS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None,
        )

    def start(self, do: str, path: Path, key: bytes, **options: Any) -> int:
        """The id of a process that does ``do``; keys go in here, where no other process sees them."""
        assert self._process.stdin is not None
        command = {"do": do, "path": str(path), "key": key.hex(), **options}
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        self._process.stdin.flush()
        return int(self.line().removeprefix("pid "))

    def line(self) -> str:
        """The next line; AssertionError when nothing more can come."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process that forks has died"
        return line.decode().rstrip("\n")

    def lines(self) -> Iterator[str]:
        """What is said up to the end of the process; the last line is ``ended STATUS``."""
        while True:
            line = self.line()
            yield line
            if line.startswith("ended "):
                return

    def close(self) -> None:
        process.stop(self._process)


def main() -> None:
    # imported before the first fork, so that a child is at work within milliseconds
    import alembic.runtime.environment
    import alembic.script  # noqa: F401
    import sqlcipher3.dbapi2  # noqa: F401

    from parts import stored  # noqa: F401
    from qa_player.store import schema  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                asyncio.run(_carry_out(json.loads(line)))
                status = 0
            finally:
                os._exit(status)
        _, ended = os.waitpid(child, 0)
        _say(f"ended {os.waitstatus_to_exitcode(ended)}")


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


async def _carry_out(command: dict[str, Any]) -> None:
    from qa_player.store.database import Database

    _say(f"pid {os.getpid()}")
    if "dies_at_statement" in command:
        _die_at(command["dies_at_statement"])
    database = await Database.open(Path(command["path"]), bytes.fromhex(command["key"]))
    await _DOES[command["do"]](database, command)
    await database.aclose()


async def _annotate(database: Any, command: dict[str, Any]) -> None:
    """Add annotations from number ``first`` on, ``count`` of them or without end; each id is said after its commit."""
    from parts import stored

    first = command["first"]
    _say("open")
    for number in range(first, first + command["count"]) if "count" in command else itertools.count(first):
        added = stored.annotation(number)
        await stored.annotate(database, added)
        _say(f"saved {added.annotation_id}")


async def _listen(database: Any, command: dict[str, Any]) -> None:
    """Hear session ``sess_000001`` of ``acme`` from its start without end; each step is said before it is handed in."""
    from types import SimpleNamespace

    from qa_player.model.actor import Actor
    from qa_player.model.playback import Heard
    from qa_player.services.coverage import Coverage
    from qa_player.services.trail import Trail

    coverage = Coverage(database=database, trail=Trail(Actor(login="rita")))
    place: Any = SimpleNamespace(connection=SimpleNamespace(name="acme"), session_id="sess_000001")
    coverage.begin(place)
    step = command["step_ms"]
    for start in itertools.count(0, step):
        await asyncio.sleep(step / 1_000)
        _say(f"heard {start + step}")
        coverage.hear(Heard(start, start + step, 1.0, audible=True))


async def _nothing(database: Any, command: dict[str, Any]) -> None:
    _say("open")


def _die_at(statement: int) -> None:
    """Let the operating system kill this process in front of its ``statement``-th SQL statement."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    left = iter(range(statement, -1, -1))

    def before(*_: object) -> None:
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", before)


_DOES = {"annotate": _annotate, "listen": _listen, "open": _nothing}

if __name__ == "__main__":
    main()
