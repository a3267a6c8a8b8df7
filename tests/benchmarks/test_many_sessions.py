"""A hundred thousand sessions: sorted and filtered in the store, arriving in the window, and held by pages only."""

from __future__ import annotations

import gc
import sys
import time
import tracemalloc
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytest_benchmark.fixture import BenchmarkFixture

from parts.loop import Loop
from parts.many_sessions import Lister, list_with, row
from parts.window import StallWatch, furnish
from qa_player.files import Home
from qa_player.model.listing import SessionChip, SessionFilter, SessionOrder, SessionRow
from qa_player.store import sessions
from qa_player.store.database import Database
from qa_player.ui.main import SWITCH_SECONDS
from qa_player.ui.widgets.session_model import PAGE, PAGES_KEPT, SessionModel

MANY = 100_000
SORT_MS, FILTER_MS = 100, 50
KEY = bytes(32)

SORTS = [SessionFilter(order=order) for order in SessionOrder]
FILTERS = [
    SessionFilter(text="password"),
    SessionFilter(text="call 99"),
    SessionFilter(text="nobody ever said this"),
    SessionFilter(chips=frozenset({SessionChip.TO_REVIEW})),
    SessionFilter(chips=frozenset({SessionChip.WITH_RECORDING})),
    SessionFilter(chips=frozenset({SessionChip.IN_PROGRESS})),
]


@pytest.mark.timeout(300)
def test_sorting_and_filtering(
    benchmark: BenchmarkFixture, loop: Loop, home: Home, tell: Callable[[str], None]
) -> None:
    home.make()
    database = loop.run(Database.open(home.database, KEY))

    async def fill() -> None:
        for start in range(0, MANY, 2_000):
            page = [row(number) for number in range(start, start + 2_000)]
            await database.write(lambda db, page=page: sessions.save_page(db, page))

    async def measured(wanted: SessionFilter) -> float:
        took = []
        for _ in range(5):
            before = time.process_time()
            await database.read(lambda db: sessions.numbers(db, wanted))
            took.append(1_000 * (time.process_time() - before))
        return min(took)

    benchmark.pedantic(lambda: loop.run(fill()), rounds=1)
    for words, promised, some in (("sort", SORT_MS, SORTS), ("filter", FILTER_MS, FILTERS)):
        for wanted in some:
            took = loop.run(measured(wanted))
            what = wanted.order.value if words == "sort" else (wanted.text or min(wanted.chips))
            tell(f"{words} {what!r} of {MANY:,}: {took:.0f} ms of processor time, {promised} promised")
    loop.run(database.aclose())


def test_memory_is_that_of_the_pages(
    benchmark: BenchmarkFixture, qapp: QApplication, tell: Callable[[str], None]
) -> None:
    model = SessionModel()
    model.show_numbers(range(1, MANY + 1), by_day=True)

    def visit(pages: range) -> int:
        for page in pages:
            numbers = model.numbers[page * PAGE : (page + 1) * PAGE]
            model.show_page(page, [SessionRow(number=at, session=row(at), annotations=0) for at in numbers])
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    empty = tracemalloc.get_traced_memory()[0]
    few = visit(range(PAGES_KEPT)) - empty
    all_of_them = benchmark.pedantic(lambda: visit(range(MANY // PAGE)), rounds=1) - empty
    tracemalloc.stop()
    tell(f"{PAGES_KEPT} pages of {PAGE} rows: {few / 1e6:.1f} MB, {few / PAGES_KEPT / 1e3:.0f} kB a page")
    tell(f"after all {MANY // PAGE} pages: {all_of_them / 1e6:.1f} MB")


@pytest.mark.timeout(600)
def test_the_window_while_they_arrive(
    benchmark: BenchmarkFixture,
    loop: Loop,
    home: Home,
    qapp: QApplication,
    monkeypatch: pytest.MonkeyPatch,
    tell: Callable[[str], None],
) -> None:
    monkeypatch.setenv("QA_PLAYER_KEYCHAIN", "memory")
    room = loop.run(furnish(home, None, qapp))
    rows = room.panels.sessions.list.sessions
    before_us = sys.getswitchinterval()
    # as the program does: see ui/program.py and ui/main.py
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(SWITCH_SECONDS)

    async def arrive() -> float:
        await list_with(room, Lister(MANY))
        async with StallWatch() as stall:
            await room.until(lambda: rows.rowCount() == MANY, 500)
        return 1_000 * stall.longest

    before = time.perf_counter()
    stall_ms = benchmark.pedantic(lambda: loop.run(arrive()), rounds=1)
    benchmark.extra_info |= {"stall_ms": round(stall_ms)}
    tell(f"{MANY:,} sessions arrived in {time.perf_counter() - before:.1f} s, longest stall {stall_ms:.0f} ms")
    sys.setswitchinterval(before_us)
    gc.unfreeze()
    loop.run(room.close())
    room.shell.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
