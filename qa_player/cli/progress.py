"""How far long work has come, for people: on standard error, a bar on a terminal and plain lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

Progress = Callable[[int, int | None], None]
"""Told (done, all) in bytes or in pieces; all is null while nobody knows it."""


@contextlib.contextmanager
def shown_progress(what: str, *, pieces: bool = False, lines: bool = True) -> Iterator[Progress]:
    """A bar on a terminal, elsewhere a plain line for each quarter; all on standard error.

    Without ``lines`` for what may end with an error after all of it is done: who reads standard error then finds that
    one error.
    """
    if not sys.stderr.isatty():
        yield _plain_lines(what) if lines else lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    amount = MofNCompleteColumn() if pieces else DownloadColumn()
    with Bar(
        TextColumn("{task.description}"), BarColumn(), amount, TimeRemainingColumn(), console=Console(stderr=True)
    ) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextlib.contextmanager
def shown_share(what: str) -> Iterator[Callable[[float], None]]:
    """The same for work that tells its share done, 0 to 1."""
    if not sys.stderr.isatty():
        lines = _plain_lines(what)
        yield lambda share: lines(int(100 * share), 100)
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share: bar.update(task, completed=share)


def _plain_lines(what: str) -> Progress:
    said = 0

    def progress(done: int, total: int | None) -> None:
        nonlocal said
        quarter = 4 * done // total if total else 0
        if quarter > said:
            said = quarter
            print(f"{what}: {25 * quarter} %", file=sys.stderr)

    return progress
