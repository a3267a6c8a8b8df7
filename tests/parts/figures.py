"""The table of `python3 run.py bench`: each figure beside its goal, met or not, as text and as BENCHMARKS.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from parts.rounds import Ratio

NOISY = 0.2
"""Rounds that lie further apart than this say that the machine was busy, not that a goal was missed."""

_HEADS = ("area", "what", "measured", "goal", "spread", "")


@dataclass(frozen=True)
class Figure:
    """``value`` is at most ``goal`` where it is as it should be; null is not measured, and ``why`` says so.

    ``unit`` is written behind both: "×" for a ratio, "ms", "s".
    """

    area: str
    what: str
    value: float | None
    goal: float | None
    unit: str
    spread: float | None = None
    why: str = ""
    counts: bool = True
    """False for what was measured on short inputs, only to see that it can be."""

    @property
    def verdict(self) -> str:
        """One word or a few: met, missed by how much, noisy, or why there is no figure."""
        if self.value is None:
            return self.why
        if self.goal is None or not self.counts:
            return "" if self.counts else "quick run"
        if self.value <= self.goal:
            return "met"
        missed = f"missed by {(self.value / self.goal - 1) * 100:.0f} %" if self.goal else "missed"
        return f"{missed}, noisy" if self.spread is not None and self.spread > NOISY else missed

    def cells(self) -> tuple[str, ...]:
        """The row as words."""
        shown = "–" if self.value is None else _number(self.value, self.unit)
        goal = "" if self.goal is None else f"≤ {_number(self.goal, self.unit)}"
        spread = "" if self.spread is None else f"{self.spread * 100:.0f} %"
        return self.area, self.what, shown, goal, spread, self.verdict


def _number(value: float, unit: str) -> str:
    digits = {"×": 2, "s": 2, "ms": 1}.get(unit, 0)
    return f"{value:.{digits}f} {unit}".strip()


def ordered(figures: Sequence[Figure]) -> list[Figure]:
    """By area, in the order in which areas were first measured."""
    areas = list(dict.fromkeys(figure.area for figure in figures))
    return sorted(figures, key=lambda figure: areas.index(figure.area))


def as_text(figures: Sequence[Figure]) -> str:
    """Columns for a terminal."""
    rows = [_HEADS, *(figure.cells() for figure in ordered(figures))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "─" * max(map(len, lines)), *lines[1:]])


def as_markdown(figures: Sequence[Figure], *, seed: int, quick: bool) -> str:
    """The whole of BENCHMARKS.md. The machine is named by cores and memory only."""
    rows = [f"| {' | '.join(figure.cells())} |" for figure in ordered(figures)]
    missed = [figure for figure in figures if figure.verdict.startswith("missed")]
    absent = [figure for figure in figures if figure.value is None]
    counts = f"{len(figures) - len(absent)} figures, {len(missed)} goals missed, {len(absent)} not measured."
    note = "\nThis was a quick run on short inputs: it shows the form of the table, and no figure in it counts.\n"
    return "\n".join(
        [
            "# Benchmarks",
            "",
            f"`python3 run.py bench` on {machine()}, Python {platform.python_version()}; inputs from seed {seed}",
            "(`--seed N` makes others). Ratios are medians of rounds in which both sides ran in turn; *spread* is",
            "(highest − lowest) / median of the rounds. CPU is user and system time.",
            note if quick else "",
            f"| {' | '.join(_HEADS)} |",
            "|---|---|---:|---:|---:|---|",
            *rows,
            "",
            counts,
            "",
        ]
    )


def machine() -> str:
    """Cores and memory, and nothing else of it."""
    cores = os.cpu_count() or 1
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (AttributeError, OSError, ValueError):
        return f"{cores} cores"
    return f"{cores} cores and {memory:.0f} GiB of memory"


def write(path: Path, text: str) -> None:
    """Replace the file."""
    path.write_text(text, "utf-8")


class Measured:
    """Takes figures for the table."""

    def __init__(self, found: list[Figure], *, quick: bool) -> None:
        self._found = found
        self._counts = not quick

    def __call__(
        self,
        area: str,
        what: str,
        value: float | Ratio,
        *,
        goal: float | None = None,
        unit: str = "×",
    ) -> None:
        """One figure: a ratio of rounds, or a number with its unit."""
        if isinstance(value, Ratio):
            self._found.append(Figure(area, what, value.median, goal, unit, value.spread, counts=self._counts))
        else:
            self._found.append(Figure(area, what, value, goal, unit, counts=self._counts))

    def nothing(self, area: str, what: str, why: str) -> None:
        """A figure that cannot be had here."""
        self._found.append(Figure(area, what, None, None, "", why=why))
