"""Figures are there to be read: they are written past pytest's capture."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest


@pytest.fixture
def tell(capfd: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Write a line that is seen whatever pytest captures."""

    def written(line: str) -> None:
        with capfd.disabled():
            sys.stderr.write(f"\n{line}\n")

    return written
