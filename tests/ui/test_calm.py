"""What a message, a tag and the first look leave in its place, and whose figures and hopes are told."""

from __future__ import annotations

from PySide6.QtCore import QPoint

from parts.window import Room
from qa_player.ui.main_window import RIGHT
from qa_player.ui.widgets.message_bar import MessageBar

SAMPLE = "Cancel the add-on"


def places(room: Room) -> list[tuple[QPoint, int]]:
    """Where the parts that one looks at stand in the window, and how high they are."""
    seen = (room.panels.sessions, room.panels.player, room.panels.transcript.view, room.panels.annotations)
    return [(part.mapTo(room.shell, QPoint(0, 0)), part.height()) for part in seen]


async def test_a_message_moves_nothing_and_covers_no_button_of_the_other_columns(room: Room) -> None:
    await room.open(SAMPLE)
    bar: MessageBar = room.panels.messages
    await room.until(bar.isHidden)
    before = places(room)
    bar.trouble("The provider does not answer.", "Look at the network and try again. " * 4)
    await room.until(bar.isVisible)
    room.shell.layout().activate()  # type: ignore[union-attr]
    assert places(room) == before
    ground = bar.parentWidget()
    assert ground is not None
    assert ground.rect().contains(bar.geometry())
    assert bar.height() >= bar.heightForWidth(bar.width())
    room.shell.resize(1_100, 700)
    await room.until(lambda: ground.rect().contains(bar.geometry()))


async def test_the_right_column_has_its_width_before_a_layout_was_chosen(room: Room) -> None:
    assert room.window.columns.sizes()[2] == RIGHT


async def test_a_tag_leaves_what_is_said_of_the_turn_beside_it(room: Room) -> None:
    await room.open(SAMPLE)
    turns = room.panels.transcript.view.turns
    delayed = lambda: [row for row in range(turns.rowCount()) if " after ≈" in turns.row_text(row)]  # noqa: E731
    await room.until(delayed)
    row = delayed()[0]
    turn = turns.turns[row]
    await room.app.review.annotate(start_ms=None, tag="compliance", turn_index=turn.index)
    await room.until(lambda: "compliance" in turns.row_text(row))
    assert "after " in turns.row_text(row)
    delegate = room.panels.transcript.view.itemDelegate()
    height = delegate.measure(row, 5_000)  # type: ignore[attr-defined]
    plain = next(one for one in range(turns.rowCount()) if turns.mark_of(one) is None)
    assert height > delegate.measure(plain, 5_000)  # type: ignore[attr-defined]


async def test_interruptions_are_told_as_the_providers_count(room: Room) -> None:
    await room.open(SAMPLE)
    assert "2 interruptions by the provider's count" in room.panels.player.subtitle.text()


async def test_the_menu_ticks_the_layout_and_the_look_that_hold(room: Room) -> None:
    def ticked() -> list[str]:
        menu = next(one.menu() for one in room.shell.menuBar().actions() if one.text() == "&View")
        menu.popup(room.shell.mapToGlobal(QPoint(40, 40)))
        found = [one.text() for one in menu.actions() if one.isChecked()]
        menu.close()
        return found

    assert ticked() == ["Looks like the desktop", "Layout: Review"]
    room.window.lay_out("audit")
    room.desk.preferences.set_theme("dark")
    assert ticked() == ["Dark", "Layout: Audit, details and trail"]
    room.desk.preferences.set_theme("system")
