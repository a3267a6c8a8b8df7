"""Processes that fetch a recording into a real cache and that the test may kill: ``python -m parts.fetch_process``.

One JSON command a line: ``database``, ``folder``, ``key`` (hex), ``port`` and ``path`` of the server, ``part_id``. Each
is carried out by a process forked for it, which says ``pid N``, ``verified SHA256`` and ``ended STATUS``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parts.recordings import KEY, PART, QUICK
from parts.wire_source import WireSource

HASTE = 40
"""How much faster the fetch's clock runs, so that it notes what it has every 50 ms."""


@dataclass
class Elsewhere:
    """A `LyingServer` in another process, as far as a source needs it."""

    port: int
    path: str
    address_lives: float | None = None

    def sign(self) -> str:
        return self.path


def main() -> None:
    # imported before the first fork, so that a child is at work within milliseconds
    import sqlalchemy  # noqa: F401
    import sqlcipher3.dbapi2  # noqa: F401

    from qa_player.media.cache import RecordingCache  # noqa: F401
    from qa_player.store import cache_index, database, schema  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                asyncio.run(_fetch(json.loads(line)))
                status = 0
            finally:
                os._exit(status)
        _, ended = os.waitpid(child, 0)
        _say(f"ended {os.waitstatus_to_exitcode(ended)}")


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


async def _fetch(command: dict[str, Any]) -> None:
    from qa_player.media.cache import RecordingCache
    from qa_player.media.cache.patience import Clock
    from qa_player.store.cache_index import StoredCacheIndex
    from qa_player.store.database import Database

    _say(f"pid {os.getpid()}")
    database = await Database.open(Path(command["database"]), bytes.fromhex(command["key"]))
    clock = Clock(monotonic=lambda: time.monotonic() * HASTE)
    folder, index = Path(command["folder"]), StoredCacheIndex(database)
    cache = RecordingCache(folder, index, KEY, 2**30, clock=clock, patience=QUICK)
    source = WireSource(Elsewhere(command["port"], command["path"]))  # type: ignore[arg-type]
    cached = await cache.open(**PART | {"part_id": command["part_id"]}, source=source)
    _say(f"verified {(await cached.fetch_all()).sha256}")
    await cached.aclose()
    await cache.aclose()
    await database.aclose()


if __name__ == "__main__":
    main()
