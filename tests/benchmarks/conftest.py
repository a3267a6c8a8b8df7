"""Figures are there to be read: one table at the end, each beside its goal; ``--write FILE`` keeps it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from parts import figures
from parts.figures import Figure, Measured

_FOUND = pytest.StashKey[list[Figure]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write", type=Path, metavar="FILE", help="write the table to FILE, as BENCHMARKS.md has it")
    parser.addoption("--quick", action="store_true", help="short inputs, one round: only to see that it works")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_FOUND] = []


@pytest.fixture(scope="session")
def measured(pytestconfig: pytest.Config) -> Measured:
    """Where every benchmark puts its figures."""
    return Measured(pytestconfig.stash[_FOUND], quick=bool(pytestconfig.getoption("--quick")))


@pytest.fixture(scope="session")
def quick(pytestconfig: pytest.Config) -> bool:
    """Whether it is only to be seen that it can be measured."""
    return bool(pytestconfig.getoption("--quick"))


@pytest.fixture(scope="session")
def rounds(quick: bool) -> int:
    """How often both sides are run."""
    return 1 if quick else 5


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    found = config.stash.get(_FOUND, [])
    if not found:
        return
    terminalreporter.write_line("")
    terminalreporter.write_line(figures.as_text(found))
    file = config.getoption("--write")
    if file is not None:
        quick = bool(config.getoption("--quick"))
        figures.write(file, figures.as_markdown(found, seed=config.getoption("--seed"), quick=quick))
        terminalreporter.write_line(f"written to {file.name}")


@pytest.fixture
def tell(capfd: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Write a line that is seen whatever pytest captures."""

    def written(line: str) -> None:
        with capfd.disabled():
            sys.stderr.write(f"\n{line}\n")

    return written
