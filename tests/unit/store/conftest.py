"""A database of the test's own, and processes that use it beside the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from parts.loop import Loop
from parts.store_process import StoreProcess
from parts.stored import KEY
from qa_player.settings import Home
from qa_player.store.database import Database


@pytest.fixture
def path(home: Home) -> Path:
    """Where the database of the test's home lies."""
    return home.database


@pytest.fixture
def database(path: Path, loop: Loop) -> Iterator[Database]:
    """An open, empty database."""
    database = loop.run(Database.open(path, KEY))
    yield database
    loop.run(database.aclose())


@pytest.fixture(scope="session")
def another() -> Iterator[StoreProcess]:
    """Forks processes that use a database; one at a time."""
    process = StoreProcess()
    yield process
    process.close()
