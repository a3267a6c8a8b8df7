"""``python -m parts.export_process FOLDER FORMAT COUNT``: prints the most memory in MiB that handing on so many
annotations took, how many seconds, how many of CPU, and those of a file of the same bytes written afterwards. The store
is filled by another process: what that needs does not count."""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import Connection as Transaction
from sqlalchemy import insert

from parts.desk import Desk
from parts.stored import KEY, NOON, annotation, session
from qa_player.credentials import MemoryKeychain
from qa_player.files import Home
from qa_player.model.connection import Connection
from qa_player.model.handed_on import What
from qa_player.services.handing_on import Wanted
from qa_player.store import connections, sessions
from qa_player.store.database import Database
from qa_player.store.tables import ANNOTATIONS

IN_A_SESSION = 1_000
PIECE = 1 << 20
TEXT = "The agent did not say that a fee, which applies from May, is due; the caller asked why. "


async def fill(home: Home, count: int) -> None:
    database = await Database.open(home.database, KEY)

    def connect(db: Transaction) -> None:
        acme = Connection(name="acme", provider="local", base_url="/", options={}, created_at=NOON)
        connections.save(db, acme)
        sessions.save_page(db, [session(number) for number in range(count // IN_A_SESSION)])

    await database.write(connect)
    for number in range(count // IN_A_SESSION):
        rows = [row(number, index) for index in range(IN_A_SESSION)]
        await database.write(lambda db, rows=rows: db.execute(insert(ANNOTATIONS), rows))
    await database.aclose()


def row(number: int, index: int) -> dict[str, object]:
    told = annotation(
        index,
        session_id=f"sess_{number}",
        annotation_id=f"{number}-{index}",
        text=TEXT * (index % 3),
        quote=TEXT[index % 40 :],
    ).model_dump(mode="json")
    return told | {"extra": json.dumps(told["extra"]), "private": 0}


async def hand_on(home: Home, form: str, count: int, path: Path) -> tuple[float, float]:
    desk = Desk(home, await Database.open(home.database, KEY), MemoryKeychain())
    begun, cpu = time.monotonic(), time.process_time()
    told = await desk.handing_on.hand_on(Wanted("acme", What.ANNOTATIONS), format=form, path=path)
    took = time.monotonic() - begun, time.process_time() - cpu
    await desk.aclose()
    assert told.lines == count, told
    return took


def copied(source: Path, target: Path) -> float:
    """Seconds of CPU that a file of these bytes takes, with nothing to be thought about them."""
    data = source.read_bytes()
    begun = time.process_time()
    with target.open("wb") as file:
        for start in range(0, len(data), PIECE):
            file.write(data[start : start + PIECE])
    return time.process_time() - begun


def main() -> None:
    folder, form, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    home = Home(folder / f"home-{count}").make()
    if sys.argv[4:] == ["fill"]:
        asyncio.run(fill(home, count))
        return
    subprocess.run([sys.executable, "-m", "parts.export_process", *sys.argv[1:4], "fill"], check=True)
    path = folder / f"many-{count}.{form}"
    took, cpu = asyncio.run(hand_on(home, form, count, path))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    raw = statistics.median(copied(path, folder / "raw") for _ in range(5))
    print(f"{most:.1f} {took:.2f} {cpu:.2f} {raw:.3f}")  # noqa: T201


if __name__ == "__main__":
    main()
