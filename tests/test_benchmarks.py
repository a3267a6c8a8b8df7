"""The table of `python3 run.py bench` can be made, from short inputs; what its figures are is nothing to a gate."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from parts import process
from parts.figures import Figure, as_markdown

ROOT = Path(__file__).parents[1]
BENCHMARKS = ("test_peaks.py", "test_waveform.py", "test_transcript.py")
CHOSEN = "not mp3 and not aac and not speaks and not placing"


@pytest.mark.skipif(process.missing("ffmpeg") is not None, reason=process.missing("ffmpeg") or "")
def test_the_table_can_be_made(tmp_path: Path) -> None:
    table = tmp_path / "BENCHMARKS.md"
    words = ["--benchmark-only", "--benchmark-quiet", "--quick", "-k", CHOSEN]
    words += ["--seed", "9", "--write", str(table), "-q"]
    files = [str(ROOT / "tests" / "benchmarks" / name) for name in BENCHMARKS]
    command = [sys.executable, "-m", "pytest", *files, *words]
    # where tests run side by side, it is not to believe itself one of them
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
    done = subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout[-3_000:]
    written = table.read_text("utf-8")
    for said in ("of opus, CPU ÷ ffmpeg", "of wav, CPU ÷ ffmpeg", "÷ its own blit", "QPlainTextEdit", "first picture"):
        assert said in written
        assert said in done.stdout
    assert "inputs from seed 9" in written
    assert "no figure in it counts" in written


def test_a_figure_is_met_missed_noisy_or_not_there() -> None:
    figures = [
        Figure("a", "met", 1.0, 1.0, "×"),
        Figure("b", "missed", 3.0, 2.0, "×", 0.1),
        Figure("a", "noisy", 3.0, 2.0, "×", 0.5),
        Figure("a", "absent", None, None, "", why="not installed here"),
    ]
    assert [figure.verdict for figure in figures] == [
        "met",
        "missed by 50 %",
        "missed by 50 %, noisy",
        "not installed here",
    ]
    page = as_markdown(figures, seed=1, quick=False)
    assert "| b | missed | 3.00 × | ≤ 2.00 × | 10 % | missed by 50 % |" in page
    assert "3 figures, 2 goals missed, 1 not measured." in page
    assert page.index("| a | absent") < page.index("| b | missed")
