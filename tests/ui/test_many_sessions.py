"""Many sessions are read and held by pages, and the bar of a listing says what is true. Figures: tests/benchmarks."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from parts.loop import Loop
from parts.many_sessions import Lister, list_with, row
from parts.window import Room, furnish
from qa_player.files import Home
from qa_player.model.listing import SessionRow
from qa_player.ui.widgets.session_model import PAGE, PAGES_KEPT, SessionModel

MANY = 100_000


@pytest.fixture
def empty(loop: Loop, qapp: QApplication, home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    """A window without a connection."""
    monkeypatch.setenv("QA_PLAYER_KEYCHAIN", "memory")
    room = loop.run(furnish(home, None, qapp))
    try:
        yield room
    finally:
        loop.run(room.close())
        room.shell.deleteLater()
        qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert room.bugs == []


def held() -> int:
    gc.collect()
    return sum(isinstance(one, SessionRow) for one in gc.get_objects())


def listed(room: Room) -> bool:
    """Whether the panel asks for nothing more: no listing, no list made anew, no page on its way."""
    at_work = [f"sessions-page-{page}" for page in range(3_000 // PAGE)] + ["sessions-refresh", "sessions-list"]
    return not room.panels.sessions._timer.isActive() and not any(map(room.tasks.running, at_work))


def test_only_so_many_pages_are_held_and_only_seen_ones_asked_for(qapp: QApplication) -> None:
    model, asked = SessionModel(), []
    model.page_wanted.connect(asked.append)
    model.show_numbers(range(1, MANY + 1), by_day=True)
    assert (model.rowCount(), asked) == (MANY, [])
    model.row_text(70_000)
    assert asked == [70_000 // PAGE]
    before = held()
    for page in range(0, MANY // PAGE, 5):
        numbers = model.numbers[page * PAGE : (page + 1) * PAGE]
        model.show_page(page, [SessionRow(number=at, session=row(at), annotations=0) for at in numbers])
    assert held() - before == PAGES_KEPT * PAGE


async def test_the_window_asks_for_the_pages_in_sight_only(empty: Room) -> None:
    rows, asked = empty.panels.sessions.list.sessions, []
    await list_with(empty, Lister(3_000))
    await empty.until(lambda: rows.rowCount() == 3_000 and listed(empty))
    rows.page_wanted.connect(asked.append)
    before = held()
    bar = empty.panels.sessions.list.verticalScrollBar()
    bar.setValue(bar.maximum())
    # what was loaded for another look is let go once all is still again
    await empty.until(lambda: "Call 0 " in rows.row_text(2_999) and listed(empty))
    # the first page was in sight when the listing ended, and may be asked for anew
    assert set(asked) <= {0, 3_000 // PAGE - 1, 3_000 // PAGE - 2}
    assert held() - before <= 3 * PAGE


@pytest.mark.parametrize("total", [True, False])
async def test_the_bar_promises_an_end_only_where_the_provider_did(empty: Room, total: bool) -> None:
    bar, seen = empty.panels.sessions.progress, []
    lister = Lister(1_000, total=total)
    empty.app.library.progressed.connect(lambda *_: seen.append((bar.isHidden(), bar.value(), bar.maximum())))
    await list_with(empty, lister)
    await empty.until(lambda: lister.asked == 5 and not empty.tasks.running("sessions-refresh"))
    told = [(False, 200 * page, 1_000) for page in range(1, 6)]
    assert seen == told if total else all(each[0] is False and each[2] == 0 for each in seen)
    assert len(seen) == 5
    assert bar.isHidden(), "what has ended shows no bar"
