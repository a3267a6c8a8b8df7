"""What the window loads before a person sees it, and what it does when nothing of a home is there yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from parts.first_paint import BARE, first_paint, ours

pytestmark = pytest.mark.usefixtures("display")

SLOW = ("sqlalchemy", "alembic", "sqlcipher3", "av", "numpy", "httpx", "pydantic", "keyring", "cryptography", "typer")


def test_nothing_slow_is_loaded_before_the_first_paint(tmp_path: Path) -> None:
    loaded = first_paint(ours(tmp_path / "home")).modules
    assert "qa_player.ui.main" in loaded
    assert [name for name in SLOW if name in loaded] == []


def test_the_bare_window_is_no_more_than_one(tmp_path: Path) -> None:
    """Control of what the cost of the window is compared with."""
    loaded = first_paint(BARE).modules
    assert [name for name in loaded if name.startswith("qa_player")] == []
