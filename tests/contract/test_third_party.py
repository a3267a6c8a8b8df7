"""Somebody else's provider: the package that `provider new --code` writes is installed and held to the whole suite."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from qa_player.cli.main import main

SUITE = Path(__file__).with_name("test_providers.py")


def installed(folder: Path, name: str = "acme") -> Path:
    """What `pip install` leaves of the package in ``folder``: its module and the metadata with the entry point."""
    site = folder / "site"
    metadata = site / f"qa_player_{name}-0.1.0.dist-info"
    metadata.mkdir(parents=True)
    metadata.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: qa-player-{name}\nVersion: 0.1.0\n")
    metadata.joinpath("entry_points.txt").write_text(f"[qa_player.providers]\n{name} = qa_player_{name}:PROVIDER\n")
    module = folder / name / f"qa_player_{name}.py"
    (site / module.name).write_bytes(module.read_bytes())
    return site


def run_suite(site: Path | None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site)} if site else dict(os.environ)
    command = [sys.executable, "-m", "pytest", "-q", str(SUITE), "-k", "acme or registered", "-p", "no:randomly"]
    return subprocess.run(
        command, env=environment, cwd=SUITE.parents[2], capture_output=True, text=True, check=False, timeout=110
    )


def test_a_package_of_somebody_else_passes_the_suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["provider", "new", "acme", "--code"]) == 0
    written = (tmp_path / "acme" / "pyproject.toml").read_text()
    assert 'acme = "qa_player_acme:PROVIDER"' in written
    ran = run_suite(installed(tmp_path))
    assert ran.returncode == 0, ran.stdout[-4_000:]
    assert int(ran.stdout.rsplit(" passed", 1)[0].rsplit(maxsplit=1)[-1]) > 35, "the suite ran, not a part of it"


def test_the_suite_sees_what_such_a_package_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["provider", "new", "acme", "--code"]) == 0
    module = tmp_path / "acme" / "qa_player_acme.py"
    module.write_text(module.read_text().replace("len(items) - len(found)", "0"))
    ran = run_suite(installed(tmp_path))
    assert ran.returncode == 1
    assert "test_the_list_is_read_to_its_end_without_doubles[acme" in ran.stdout
