"""A full disk is an answer, not a loss: nothing saved is lost, nothing is called saved that was not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from parts import small_disk

TESTS = Path(__file__).parents[2]
DISK_KIB = 6 * 1024


def filled_up(folder: Path, levels: list[int]) -> list[dict[str, Any]]:
    folder.mkdir()
    reason = small_disk.missing(folder)
    if reason:
        pytest.skip(reason)
    program = [sys.executable, "-W", "error", "-m", "parts.full_store", str(folder), *map(str, levels)]
    command = small_disk.command(folder, kib=DISK_KIB, run=program)
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    reports: list[dict[str, Any]] = json.loads(done.stdout)
    return reports


def is_an_answer(reports: list[dict[str, Any]]) -> None:
    fresh, *levels = reports
    assert fresh == {"kind": "disk_full", "again": None}
    for report in levels:
        assert report["kind"] == "disk_full", report
        assert report["really_full"], report
        assert report["free_kib"] < 256, report
        assert report["found"] == report["saved"], f"at {report['level']} KiB"
        assert report["damage"] is None, report
        assert report["entries"] == len(report["saved"]), report
        assert report.get("opened_while_full") in (None, "disk_full"), report
    assert any(len(report["saved"]) > 10 for report in levels), "the control: some was saved before the disk was full"
    assert any(len(report["saved"]) == 2 for report in levels), "and at some level nothing was"


def test_a_full_disk_loses_nothing_and_says_so(tmp_path: Path) -> None:
    is_an_answer(filled_up(tmp_path / "disk", [0, 1, 5, 16, 33, 64, 129, 400, 1_001, 2_000]))


@pytest.mark.nightly
def test_a_full_disk_at_50_levels(tmp_path: Path) -> None:
    is_an_answer(filled_up(tmp_path / "disk", [level * level for level in range(50)]))


READ_ONLY = """
import asyncio, pathlib, subprocess, sys
from parts.stored import KEY
from qa_player.errors import QaPlayerError
from qa_player.store.database import Database

async def main():
    path = pathlib.Path(sys.argv[1]) / "qa-player.db"
    await (await Database.open(path, KEY)).aclose()
    subprocess.run(["mount", "-o", "remount,ro", path.parent], check=True)
    for tried in (path, path.with_name("new.db")):
        try:
            await Database.open(tried, KEY)
        except QaPlayerError as error:
            print(error.exit_status, error)

asyncio.run(main())
"""


def test_a_disk_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    reason = small_disk.missing(tmp_path)
    if reason:
        pytest.skip(reason)
    program = [sys.executable, "-W", "error", "-c", READ_ONLY, str(tmp_path)]
    command = small_disk.command(tmp_path, kib=DISK_KIB, run=program)
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    existing, new = done.stdout.splitlines()
    assert existing == "9 The database cannot be written: it is read-only. Mend the permissions of its folder or disk."
    assert new.startswith("9 A file could not be written: no permission.")
