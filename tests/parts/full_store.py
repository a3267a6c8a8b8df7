"""Annotating on a disk that fills up: ``python -m parts.full_store FOLDER LEVEL…`` prints one JSON list of reports.

Each level is how many KiB are left before the annotating begins. Runs inside `parts.small_disk`.
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import sys
from pathlib import Path
from typing import Any

from parts.stored import KEY, annotate, annotation
from qa_player.errors import QaPlayerError
from qa_player.store import annotations, audit
from qa_player.store.database import Database


def free_kib(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize // 1024


def fill(folder: Path, *, leave_kib: int) -> Path:
    filler = folder / "filler"
    with filler.open("wb") as file:
        file.write(bytes(max(0, free_kib(folder) - leave_kib) * 1024))
    return filler


def refuses_a_plain_file(folder: Path) -> bool:
    """The control: whether the disk has no room for anybody."""
    try:
        (folder / "plain").write_bytes(bytes(1024 * 1024))
    except OSError as error:
        return error.errno == errno.ENOSPC
    finally:
        (folder / "plain").unlink(missing_ok=True)
    return False


async def until_refused(database: Database, first: int) -> tuple[list[str], str | None]:
    """The ids that were called saved, and the kind of the refusal."""
    saved = []
    for number in range(first, first + 2_000):
        added = annotation(number, text="x" * 500)
        try:
            await annotate(database, added)
        except QaPlayerError as error:
            return saved, error.kind
        saved.append(added.annotation_id)
    return saved, None


async def opened_while_full(path: Path) -> str | None:
    try:
        await (await Database.open(path, KEY)).aclose()
    except QaPlayerError as error:
        return error.kind
    return None


async def at_level(folder: Path, level: int) -> dict[str, Any]:
    path = folder / "qa-player.db"
    database = await Database.open(path, KEY)
    await annotate(database, annotation(0))
    filler = fill(folder, leave_kib=level)
    saved, kind = await until_refused(database, 1)
    report: dict[str, Any] = {
        "level": level,
        "kind": kind,
        "free_kib": free_kib(folder),
        "really_full": refuses_a_plain_file(folder),
    }
    if level % 2:
        # the window is closed and opened again before anybody makes room
        await database.aclose()
        report["opened_while_full"] = await opened_while_full(path)
        filler.unlink()
        database = await Database.open(path, KEY)
    else:
        filler.unlink()
    await annotate(database, annotation(5_000))
    await database.aclose()
    database = await Database.open(path, KEY)
    found = await database.read(lambda db: annotations.of_session(db, "acme", "sess_1"))
    verdict = await database.read(audit.verify)
    await database.aclose()
    report["saved"] = ["note-0", *saved, "note-5000"]
    report["found"] = [entry.annotation_id for entry in found]
    report["damage"] = verdict.damage
    report["entries"] = verdict.entries
    for file in folder.iterdir():
        file.unlink()
    return report


async def fresh_on_a_full_disk(folder: Path) -> dict[str, Any]:
    path = folder / "qa-player.db"
    filler = fill(folder, leave_kib=8)
    kind = await opened_while_full(path)
    filler.unlink()
    again = await opened_while_full(path)
    for file in folder.iterdir():
        file.unlink()
    return {"kind": kind, "again": again}


async def main() -> None:
    folder = Path(sys.argv[1])
    reports = [await fresh_on_a_full_disk(folder)]
    reports += [await at_level(folder, int(level)) for level in sys.argv[2:]]
    print(json.dumps(reports))  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
