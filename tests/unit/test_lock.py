"""requirements.lock: what the project asks for, pinned, hashed, and naming no address."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
ASKED = [
    *PROJECT["project"]["dependencies"],
    *PROJECT["dependency-groups"]["dev"],
    *PROJECT["build-system"]["requires"],
]


def locked() -> list[tuple[Requirement, int]]:
    """Every requirement of the lock with the number of its hashes."""
    joined = re.sub(r"\\\n\s*", " ", LOCK)
    lines = [line for line in joined.splitlines() if line and not line.lstrip().startswith("#")]
    return [(Requirement(line.partition(" --hash")[0]), line.count("--hash=sha256:")) for line in lines]


def test_it_names_no_address() -> None:
    assert "://" not in LOCK
    assert "index" not in LOCK.partition("==")[0]


def test_every_package_is_pinned_and_hashed() -> None:
    for requirement, hashes in locked():
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert hashes > 0, requirement


@pytest.mark.parametrize("asked", ASKED)
def test_what_the_project_asks_for_is_locked_within_its_bounds(asked: str) -> None:
    wanted = Requirement(asked)
    pins = [pin for pin, _ in locked() if canonicalize_name(pin.name) == canonicalize_name(wanted.name)]
    assert pins
    for pin in pins:
        version = str(pin.specifier).removeprefix("==")
        assert wanted.specifier.contains(version, prereleases=False), version


def test_these_tests_run_on_the_locked_versions() -> None:
    here = [pin for pin, _ in locked() if pin.marker is None or pin.marker.evaluate()]
    assert len(here) > 30
    others = {str(pin) for pin in here if not pin.specifier.contains(importlib.metadata.version(pin.name))}
    assert others == set()
