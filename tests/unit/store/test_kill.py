"""A process that is killed at any moment loses nothing that it called saved."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from parts.store_process import StoreProcess
from parts.stored import KEY, annotation
from qa_player.model.annotation import Annotation
from qa_player.model.audit import AuditEvent, AuditVerdict
from qa_player.store import annotations, audit
from qa_player.store.database import Database

KILLS = 20


async def kept(path: Path) -> tuple[tuple[Annotation, ...], list[AuditEvent], AuditVerdict]:
    """What a fresh process finds: the annotations, the trail, and what the trail says of both."""
    database = await Database.open(path, KEY)
    try:
        found = await database.read(lambda db: annotations.of_session(db, "acme", "sess_1"))
        return found, await database.read(audit.events), await database.read(audit.verify)
    finally:
        await database.aclose()


def killed_while_annotating(another: StoreProcess, path: Path, *, first: int, chance: random.Random) -> list[int]:
    """The numbers of the annotations that were called saved before the kill."""
    process = another.start("annotate", path, KEY, first=first)
    saved: list[int] = []
    wanted = chance.choice([0, 0, chance.randrange(60)])
    if wanted:
        for line in another.lines():
            saved += [int(line.removeprefix("saved note-"))] if line.startswith("saved") else []
            if len(saved) == wanted:
                break
    # any moment will do: within the opening, a commit, or between two
    time.sleep(chance.uniform(0, 0.02))
    os.kill(process, signal.SIGKILL)
    rest = list(another.lines())
    assert rest[-1] == f"ended {-signal.SIGKILL}"
    return saved + [int(line.removeprefix("saved note-")) for line in rest if line.startswith("saved")]


async def survives(another: StoreProcess, path: Path, *, seed: int) -> None:
    chance = random.Random(seed)
    saved: set[int] = set()
    first = 0
    for kill in range(1, KILLS + 1):
        saved.update(killed_while_annotating(another, path, first=first, chance=chance))
        found, events, verdict = await kept(path)
        numbers = [int(entry.annotation_id.removeprefix("note-")) for entry in found]
        assert saved <= set(numbers), f"seed {seed}, kill {kill}: lost"
        assert list(found) == [annotation(number) for number in numbers]
        assert len(set(numbers) - saved) <= kill, "more than the one that was being written"
        assert [event.subject for event in events] == [f"note-{number}" for number in numbers]
        assert verdict.consistent, f"seed {seed}, kill {kill}: {verdict.damage}"
        first = max(numbers, default=-1) + 1
    assert saved, "the test killed too early to show anything"


async def test_what_was_called_saved_survives_a_kill(another: StoreProcess, path: Path) -> None:
    await survives(another, path, seed=1)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(2, 26))
async def test_what_was_called_saved_survives_500_kills(another: StoreProcess, path: Path, seed: int) -> None:
    await survives(another, path, seed=seed)
