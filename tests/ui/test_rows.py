"""The lists: nothing is laid out that is not seen, what is seen has its true height, and the place is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from qa_player.model.annotation import Severity
from qa_player.model.connection import Sides
from qa_player.model.listing import SessionRow
from qa_player.model.recording import RecordingState
from qa_player.model.session import Session, SessionState
from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.model.transcript import Role, Turn, place
from qa_player.ui.theme import tokens_for
from qa_player.ui.widgets.session_list import SessionList
from qa_player.ui.widgets.session_model import PAGE, PAGES_KEPT, SessionModel
from qa_player.ui.widgets.shown_texts import FOLDED_LENGTH
from qa_player.ui.widgets.transcript_model import LONGEST_SHOWN, Mark
from qa_player.ui.widgets.transcript_view import TranscriptView

EXACT = Timing(quality=TimingQuality.EXACT, origin=TimingOrigin.PROVIDER)
NOW = datetime(2026, 5, 28, 14, 20, tzinfo=UTC)


def turns(*texts: str) -> tuple[Turn, ...]:
    made = [
        Turn(
            index=at,
            role=Role.AGENT if at % 2 else Role.USER,
            raw_role="r",
            speaker=None,
            text=text,
            raw_start_ms=at * 1_000,
        )
        for at, text in enumerate(texts)
    ]
    return place(made, EXACT, None)


Widget = TypeVar("Widget", bound=QWidget)


class Stage:
    """Shows widgets, and takes them away at the end of the test."""

    def __init__(self, qapp: QApplication) -> None:
        self._qapp = qapp
        self._shown: list[QWidget] = []

    def show(self, widget: Widget, width: int, height: int) -> Widget:
        self._shown.append(widget)
        widget.resize(width, height)
        widget.show()
        self._qapp.processEvents()
        return widget

    def clear(self) -> None:
        for widget in self._shown:
            shiboken6.delete(widget)


@pytest.fixture
def stage(qapp: QApplication) -> Iterator[Stage]:
    stage = Stage(qapp)
    yield stage
    stage.clear()


def transcript(stage: Stage, *texts: str) -> TranscriptView:
    view = TranscriptView()
    view.show_turns(turns(*texts), Sides())
    return stage.show(view, 600, 400)


def test_only_what_is_seen_is_measured(stage: Stage) -> None:
    view = transcript(stage, *("some words " * (1 + at % 40) for at in range(10_000)))
    assert 5 <= view._rows.measured < 100


def test_rows_lie_under_one_another_without_gap_or_overlap(stage: Stage) -> None:
    view = transcript(stage, *("some words " * (1 + at % 40) for at in range(200)))
    view.scrollTo(view.turns.index(150, 0))
    view.viewport().repaint()
    rects = [view.visualRect(view.turns.index(row, 0)) for row in range(200)]
    assert all(above.bottom() + 1 == below.top() for above, below in pairwise(rects))
    assert all(view.indexAt(rect.center()).row() == row for row, rect in enumerate(rects))


def test_the_last_row_can_be_brought_into_sight_whole(stage: Stage) -> None:
    view = transcript(stage, *("some words " * (1 + at % 40) for at in range(1_000)))
    last = view.turns.index(999, 0)
    view.scrollTo(last)
    view.viewport().repaint()
    view.scrollTo(last)
    assert view.viewport().rect().contains(view.visualRect(last).adjusted(0, 0, 0, -1))


def test_another_width_keeps_the_row_at_the_top(stage: Stage) -> None:
    view = transcript(stage, *("some words " * (1 + at % 40) for at in range(500)))
    view.scrollTo(view.turns.index(250, 0), view.ScrollHint.PositionAtTop)
    view.viewport().repaint()
    top = view.first_row_in_sight()
    view.resize(420, 400)
    view.viewport().repaint()
    assert abs(view.first_row_in_sight() - top) <= 1


def test_a_word_without_an_end_wraps_and_a_long_turn_is_folded(stage: Stage) -> None:
    view = transcript(stage, "x" * 4_000, "y" * 6_000, "z" * 100_000)
    assert view.visualRect(view.turns.index(0, 0)).height() > 400
    assert view.turns.texts[1].startswith("y" * FOLDED_LENGTH + "\n… 5,400 more characters")
    view.turns.toggle_fold(1)
    assert view.turns.texts[1] == "y" * 6_000
    view.turns.toggle_fold(2)
    assert view.turns.texts[2].startswith("z" * LONGEST_SHOWN + "\n…")
    view.viewport().repaint()


def test_copying_gives_the_turn_exactly_as_received(stage: Stage) -> None:
    text = "<b>\u202eabc</b>\n" + "q" * 6_000
    view = transcript(stage, text)
    view.setCurrentIndex(view.turns.index(0, 0))
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == text


def test_a_row_reads_as_it_looks(stage: Stage) -> None:
    view = transcript(stage, "Hello\x00", "<b>5 &lt; 6</b>")
    assert view.turns.row_text(0) == "0:00.00 Customer Hello␀"
    view.show_marks({1: Mark("critical", Severity.CRITICAL)})
    assert view.turns.row_text(1) == "0:01.00 Agent <b>5 &lt; 6</b> critical"


def test_turns_without_a_time_stand_in_their_place_and_say_so(stage: Stage) -> None:
    view = transcript(stage)
    late = Turn(index=0, role=Role.UNKNOWN, raw_role="bot-7", speaker=None, text="")
    view.show_turns(place([late], EXACT, None), Sides())
    assert view.turns.row_text(0) == "–:––.–– bot-7 no time"


def test_find_ignores_case_counts_what_is_shown_and_goes_round(stage: Stage) -> None:
    view = transcript(stage, "A fee. Another FEE", "none", "😀 fee")
    view.turns.find("Fee")
    assert [(hit.row, hit.start) for hit in view.turns.hits] == [(0, 2), (0, 15), (2, 2)]
    assert [view.turns.step_hit(1).row for _ in range(4)] == [0, 0, 2, 0]  # type: ignore[union-attr]
    view.turns.find("(")
    assert view.turns.hits == []
    view.viewport().repaint()


def test_the_highlight_follows_and_the_primary_one_comes_first(stage: Stage) -> None:
    view = transcript(stage, *("words" for _ in range(300)))
    view.show_active((250, 249))
    assert view.turns.active == (250, 249)
    assert view.viewport().rect().contains(view.visualRect(view.turns.index(250, 0)).center())
    view.set_follow(False)
    before = view.verticalScrollBar().value()
    view.show_active((3,))
    assert view.verticalScrollBar().value() == before


def row(number: int, **fields: object) -> SessionRow:
    facts = {
        "connection": "acme",
        "provider": "oshara",
        "session_id": f"s{number}",
        "title": f"Call {number}",
        "agent": None,
        "state": SessionState.READY,
        "recording_state": RecordingState.AVAILABLE,
        "started_at": NOW - timedelta(hours=number),
        "ended_at": None,
        "duration_ms": 65_000,
        "retention_deadline": None,
    }
    return SessionRow(number=number, session=Session(**(facts | fields)), annotations=0)  # type: ignore[arg-type]


def test_pages_are_asked_for_once_and_only_so_many_are_kept(qapp: QApplication) -> None:
    model = SessionModel()
    asked: list[int] = []
    model.page_wanted.connect(asked.append)
    numbers = list(range(1, PAGE * (PAGES_KEPT + 3) + 1))
    model.show_numbers(numbers, by_day=True)
    assert model.row(0) is None
    assert model.row(1) is None
    assert asked == [0]
    for page in range(PAGES_KEPT + 3):
        model.row(page * PAGE)
        model.show_page(page, [row(number) for number in numbers[page * PAGE : (page + 1) * PAGE]])
    assert len(model._pages) == PAGES_KEPT
    assert model.row(len(numbers) - 1) is not None
    assert model.row(0) is None
    assert asked.count(0) == 2


def test_a_hundred_thousand_sessions_are_scrolled_through_without_being_loaded(stage: Stage) -> None:
    view = stage.show(SessionList(), 290, 700)
    asked: list[int] = []
    view.sessions.page_wanted.connect(asked.append)
    view.sessions.show_numbers(range(1, 100_001), by_day=True)
    view.viewport().repaint()
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    view.viewport().repaint()
    assert set(asked) <= {0, 499}


def test_a_row_warns_of_a_loss_two_days_ahead_by_the_providers_clock(stage: Stage) -> None:
    """Promised are 24 hours. Without the provider's time nothing is near, whatever this computer's clock says."""
    view = stage.show(SessionList(), 290, 200)
    warning = QColor(tokens_for(view.palette()).major).rgb()

    def warned(left: timedelta, now: datetime | None = NOW) -> bool:
        view.sessions.time_at = lambda _connection: now
        view.sessions.show_numbers([1], by_day=False)
        view.sessions.show_page(0, [row(1, retention_deadline=NOW + left)])
        picture = view.viewport().grab().toImage()
        return any(picture.pixel(x, y) == warning for x in range(picture.width()) for y in range(picture.height()))

    assert warned(timedelta(hours=47))
    assert "lost in 47 h" in view.sessions.row_text(0)
    assert warned(timedelta(hours=-1))
    assert "may be lost" in view.sessions.row_text(0)
    assert not warned(timedelta(days=5))
    assert "lost in 5 d" in view.sessions.row_text(0)
    assert not warned(timedelta(hours=1), now=None)
    assert "kept until" in view.sessions.row_text(0)


def test_days_have_headings_and_rows_read_as_they_look(stage: Stage) -> None:
    view = stage.show(SessionList(), 290, 700)
    view.sessions.show_numbers([1, 2, 40], by_day=True)
    view.sessions.show_page(0, [row(1), row(2, title="", state=SessionState.IN_PROGRESS), row(40)])
    view.viewport().repaint()
    assert [bool(view.sessions.heading(at)) for at in range(3)] == [True, False, True]
    assert view.sessions.row_text(0).startswith("Call 1, ")
    assert view.sessions.row_text(0).endswith("acme · Oshara · 1:05, To review")
    assert view.sessions.row_text(1).startswith("s2, ")
    assert view.sessions.row_text(1).endswith("In progress")
    plain, headed = (view.visualRect(view.sessions.index(at, 0)).height() for at in (1, 2))
    assert headed > plain
