"""Searching 1.5 million turns: the first 200 hits of words that are common, rare, together and nowhere."""

from __future__ import annotations

import random
import time
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from sqlalchemy import Connection as Transaction

from parts.figures import Measured
from parts.loop import Loop
from parts.stored import KEY, detail, session
from qa_player.model.search import Sought
from qa_player.model.session import Session, SessionDetail
from qa_player.model.transcript import Role, Turn
from qa_player.store import search, sessions
from qa_player.store.database import Database

TURNS, QUICK_TURNS, IN_A_SESSION = 1_500_000, 20_000, 300
WORDS = 20_000
ROLES = (Role.AGENT, Role.USER)
SOUGHT = (
    Sought(text="w0"),
    Sought(text="w3 w5"),
    Sought(text='"w1 w2"'),
    Sought(text="w19990"),
    Sought(text="w0 nowhere"),
    Sought(text="w1*"),
    Sought(text="w2", role=Role.USER),
    Sought(text="w4", connection="acme"),
)


def test_the_first_hits_among_all_turns(
    benchmark: BenchmarkFixture,
    measured: Measured,
    loop: Loop,
    tmp_path: Path,
    quick: bool,
    pytestconfig: pytest.Config,
) -> None:
    turns = QUICK_TURNS if quick else TURNS
    database = loop.run(Database.open(tmp_path / "many.db", KEY))
    loop.run(fill(database, turns, seed=int(pytestconfig.getoption("--seed"))))

    def ask() -> list[float]:
        took = []
        for _ in range(3 if quick else 25):
            for sought in SOUGHT:
                before = time.perf_counter()
                found = loop.run(database.read(lambda db, sought=sought: search.find(db, sought)))
                took.append((time.perf_counter() - before) * 1_000)
                assert bool(found) == ("nowhere" not in sought.text)
        return took

    took = benchmark.pedantic(ask, rounds=1)
    loop.run(database.aclose())
    p95 = float(np.percentile(took, 95))
    measured("search", f"first 200 hits in {turns:,} turns, p95 of {len(took)}", p95, goal=20.0, unit="ms")


async def fill(database: Database, turns: int, *, seed: int) -> None:
    """Sessions of 300 turns each; how often a word is said falls with its number, as in speech."""
    chance = random.Random(seed)
    weights = [1 / (number + 1) for number in range(WORDS)]
    said = chance.choices([f"w{number}" for number in range(WORDS)], weights, k=2_000_000)
    for first in range(0, turns, IN_A_SESSION * 50):
        page = [session(number) for number in range(first // IN_A_SESSION, (first // IN_A_SESSION) + 50)]

        details = [
            detail(
                one,
                turns=tuple(
                    Turn(
                        index=index,
                        role=ROLES[index % 2],
                        raw_role="",
                        speaker=None,
                        text=" ".join(said[(at := chance.randrange(len(said) - 12)) : at + 12]),
                        raw_start_ms=index * 4_000,
                    )
                    for index in range(IN_A_SESSION)
                ),
            )
            for one in page
        ]

        def keep(db: Transaction, page: list[Session] = page, details: list[SessionDetail] = details) -> None:
            sessions.save_page(db, page)
            for one in details:
                search.index_turns(db, one)

        await database.write(keep)
