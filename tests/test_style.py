"""Lint, form and types are part of the gate."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHECKS = {
    "lint": ["ruff", "check", "--quiet", "--no-cache"],
    "form": ["ruff", "format", "--check", "--quiet", "--no-cache"],
    "types": ["mypy", "--no-error-summary"],
    "types of run.py": ["mypy", "--no-error-summary", "run.py", "packaging/bootstrap"],
}


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.timeout(300)
def test_the_code_is_in_order(name: str) -> None:
    check = subprocess.run([sys.executable, "-m", *CHECKS[name]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout + check.stderr
