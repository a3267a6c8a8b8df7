"""The shape of the house, checked with every run: imports point down, outside things have one door each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_imports_point_down_and_doors_are_kept() -> None:
    # in a process of its own: it switches off every logger that is there, and so what other tests watch
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    arguments = ["--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    lint = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert lint.returncode == 0, lint.stdout + lint.stderr


@pytest.mark.parametrize("module", ["qa_player.app", "qa_player.cli"])
def test_without_a_window_no_qt_is_loaded(module: str) -> None:
    program = f"import sys, {module}; sys.exit('PySide6' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_rooms_stay_small() -> None:
    crowded = {
        str(path.relative_to(ROOT)): lines
        for path in sorted((ROOT / "qa_player").rglob("*.py"))
        if (lines := len(path.read_text("utf-8").splitlines())) > 300
    }
    assert crowded == {}


def test_no_room_is_named_for_nothing() -> None:
    nameless = {"utils", "util", "helpers", "common", "misc", "manager"}
    assert [path for path in (ROOT / "qa_player").rglob("*.py") if path.stem in nameless] == []
