"""One million annotations of a thousand sessions from the store to one file, beside a file of the same bytes, and
spelled as a table beside `csv.writerows`."""

from __future__ import annotations

import csv
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from parts.figures import Measured
from parts.rounds import cpu_ratio, inside, interleaved
from parts.stored import NOON, annotation, session
from qa_player.formats.annotation_row import annotation_row
from qa_player.formats.many_sessions import ManyFormat, Piece, many_format
from qa_player.model.annotation import Annotation
from qa_player.model.handed_on import What

ANNOTATIONS, QUICK, IN_A_SESSION = 1_000_000, 20_000, 1_000
DIFFERENT = 20
"""So many sessions are made; they come again and again, since a million values of ours are what fills the memory."""
WORDS = ("the", "agent", "did", "not", "say", "that", "a", "fee,", "which", "is", "due;", "asked", "“why?”", '"no"')
TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def pieces(pytestconfig: pytest.Config) -> list[Piece]:
    """Sessions of a thousand annotations each; what was said and written differs in length and has commas."""
    chance = random.Random(int(pytestconfig.getoption("--seed")))
    return [
        Piece(f"sess_{number}", session(number), annotations=tuple(marks(chance, number)))
        for number in range(DIFFERENT)
    ]


def marks(chance: random.Random, number: int) -> Iterator[Annotation]:
    for index in range(IN_A_SESSION):
        made = NOON + timedelta(milliseconds=chance.randrange(10**10))
        yield annotation(
            index,
            session_id=f"sess_{number}",
            annotation_id=f"{chance.getrandbits(128):032x}",
            quote=" ".join(chance.choices(WORDS, k=chance.randrange(4, 30))),
            text=" ".join(chance.choices(WORDS, k=chance.randrange(25))),
            tag=chance.choice(("fee", "tone", "compliance")),
            created_at=made,
            updated_at=made + timedelta(seconds=chance.choice((0, 0, 40))),
        )


def write(form: ManyFormat, pieces: list[Piece], count: int, path: Path) -> None:
    with path.open("wb") as file:
        file.write(form.head)
        for number in range(count // IN_A_SESSION):
            file.write(form.write(pieces[number % DIFFERENT]))


def test_a_table_beside_writerows(
    benchmark: BenchmarkFixture, measured: Measured, tmp_path: Path, quick: bool, rounds: int, pieces: list[Piece]
) -> None:
    count = QUICK if quick else ANNOTATIONS
    form = many_format(What.ANNOTATIONS, "csv")
    rows = [[tuple(annotation_row(one).values()) for one in piece.annotations] for piece in pieces]

    def plainly() -> None:
        """Rows that are ready, without a guard against formulas."""
        with (tmp_path / "plain.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            for number in range(count // IN_A_SESSION):
                table.writerows(rows[number % DIFFERENT])

    runs = {"ours": inside(lambda: write(form, pieces, count, tmp_path / "many.csv")), "plain": inside(plainly)}
    costs = benchmark.pedantic(lambda: interleaved(runs, rounds=rounds), rounds=1)
    ratio = cpu_ratio(costs["ours"], costs["plain"])
    measured("export", f"{count:,} annotations as csv ÷ csv.writerows of ready rows, CPU", ratio, goal=1.2)


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_memory_does_not_grow_with_the_number_of_sessions(
    benchmark: BenchmarkFixture, measured: Measured, tmp_path: Path, quick: bool, form: str
) -> None:
    """The whole way from the store to the file, in a process of its own: a tenth of the annotations, and all. What may
    grow is the database's own cache of pages, which is 64 MiB at most."""
    count = QUICK if quick else ANNOTATIONS

    def run() -> list[list[str]]:
        command = [sys.executable, "-m", "parts.export_process", str(tmp_path), form]
        ended = [
            subprocess.run(
                [*command, str(some)], check=True, stdout=subprocess.PIPE, text=True, cwd=TESTS, timeout=1_800
            )
            for some in (count // 10, count)
        ]
        return [one.stdout.split() for one in ended]

    (few_mib, *_), (all_mib, took_s, cpu_s, raw_s) = benchmark.pedantic(run, rounds=1)
    grown = float(all_mib) - float(few_mib)
    what = f"memory for {count:,} annotations − for {count // 10:,}, {form}"
    measured("export", what, grown, goal=64.0, unit="MiB")
    measured("export", f"{count:,} annotations from the store to {form}", float(took_s), unit="s")
    if form == "jsonl":
        what = f"{count:,} annotations from the store to jsonl ÷ a raw write of the same bytes, CPU"
        measured("export", what, float(cpu_s) / float(raw_s), goal=2.0, unit="×")
