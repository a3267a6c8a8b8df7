"""Filters of the list that a person kept: by the star, under a name, chosen by a press, there at the next start."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from parts.window import Room
from qa_player.model.listing import SessionChip, SessionFilter, SessionOrder
from qa_player.settings import read_settings
from qa_player.ui.dialogs.filter_name import FilterNameDialog
from qa_player.ui.filtering import Filtering

LEFT = Qt.MouseButton.LeftButton


def kept(room: Room) -> list[tuple[str, bool]]:
    """The kept filters that are seen, each with whether it is in force."""
    row = room.panels.sessions.asked.kept
    return [(name, chip.isChecked()) for name, chip in row._chips.items()] if row.isVisible() else []


def chip(room: Room, name: str) -> QPushButton:
    found: QPushButton = room.panels.sessions.asked.kept._chips[name]
    return found


async def narrow(room: Room) -> SessionFilter:
    """Words, a chip and an order, as a person sets them."""
    sessions = room.panels.sessions
    await room.type("refund", sessions.search)
    QTest.mouseClick(sessions.chips._chips["with_recording"], LEFT)
    sessions.order.setCurrentIndex(sessions.order.findData(SessionOrder.LONGEST))
    sessions.order.activated.emit(sessions.order.currentIndex())
    await room.until(lambda: sessions.list.sessions.rowCount() == 1)
    return sessions.filter()


async def keep(room: Room, name: str) -> None:
    QTest.mouseClick(room.panels.sessions.asked.star, LEFT)
    await room.until(lambda: isinstance(QApplication.activeModalWidget(), FilterNameDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, FilterNameDialog)
    dialog.name.setText(name)
    dialog.go()
    await room.until(lambda: not room.tasks.running("save-settings"))


async def test_a_filter_is_kept_left_taken_up_again_and_forgotten(room: Room) -> None:
    sessions = room.panels.sessions
    everything = sessions.list.sessions.rowCount()
    assert kept(room) == []
    assert not sessions.asked.star.isEnabled(), "nothing is asked for that could be kept"
    wanted = await narrow(room)
    assert sessions.asked.star.accessibleName() == "Keep this filter"
    await keep(room, "my <b>refunds</b>")
    assert kept(room) == [("my <b>refunds</b>", True)]
    assert sessions.asked.star.accessibleName() == "Forget this filter"

    QTest.mouseClick(chip(room, "my <b>refunds</b>"), LEFT)
    await room.until(lambda: sessions.list.sessions.rowCount() == everything)
    assert (sessions.filter(), kept(room)) == (SessionFilter(), [("my <b>refunds</b>", False)])
    QTest.mouseClick(chip(room, "my <b>refunds</b>"), LEFT)
    await room.until(lambda: sessions.list.sessions.rowCount() == 1)
    assert (sessions.filter(), kept(room)) == (wanted, [("my <b>refunds</b>", True)])

    QTest.mouseClick(sessions.asked.star, LEFT)
    assert kept(room) == []
    assert sessions.filter() == wanted, "what is listed stays as it is"
    await room.until(lambda: not room.tasks.running("save-settings"))
    assert read_settings(room.app.home).filters == {}


async def test_another_word_leaves_the_kept_filter(room: Room) -> None:
    await narrow(room)
    await keep(room, "mine")
    await room.type("x", room.panels.sessions.search)
    await room.until(lambda: kept(room) == [("mine", False)])


async def test_a_name_is_asked_for_and_none_is_taken_twice(room: Room) -> None:
    await narrow(room)
    await keep(room, "mine")
    room.panels.sessions.search.setText("other")
    await room.until(lambda: room.panels.sessions.asked.star.accessibleName() == "Keep this filter")
    QTest.mouseClick(room.panels.sessions.asked.star, LEFT)
    await room.until(lambda: isinstance(QApplication.activeModalWidget(), FilterNameDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, FilterNameDialog)
    dialog.go()
    assert "needs a name" in dialog.trouble.text()
    dialog.name.setText("mine")
    dialog.go()
    assert "There is a filter of that name" in dialog.trouble.text()
    dialog.reject()


async def test_kept_filters_are_read_at_the_next_start(room: Room) -> None:
    wanted = SessionFilter(text="refund", chips=frozenset({SessionChip.QUEUED}), order=SessionOrder.QUEUE)
    room.panels.sessions.asked.show_filter(wanted)
    await keep(room, "mine")
    settings = read_settings(room.app.home)
    assert SessionFilter.model_validate_json(settings.filters["mine"]) == wanted
    odd = settings.model_copy(update={"filters": settings.filters | {"odd": "{", "older": '{"nothing": 1}'}})
    room.panels.sessions.asked.show_filter(SessionFilter())
    again = Filtering(room.shell, room.panels.sessions, preferences=room.desk.preferences, settings=odd)
    assert kept(room) == [("mine", False)], "what cannot be read is left out"
    again.choose("mine")
    assert room.panels.sessions.filter() == wanted


async def test_a_filter_of_a_connection_that_is_gone_shows_all_connections(room: Room) -> None:
    sessions = room.panels.sessions
    sessions.asked.show_filter(SessionFilter(connection="gone", text="refund"))
    assert sessions.filter() == SessionFilter(text="refund")
