"""The queue as a reviewer works it: where one stands, how long it still takes, and on to the next by one key."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from parts.window import Room
from qa_player.model.queue import QueueProgress
from qa_player.ui.queueing import queue_words

FIRST, SECOND = "Cancel the add-on", "Refund status"


async def put(room: Room, subject: str, due_at: datetime | None = None) -> str:
    """The session of that subject, in the queue; the first listing may still be on its way."""
    listed = room.panels.sessions.list.sessions
    await room.until(lambda: any(subject in listed.row_text(at) for at in range(listed.rowCount())))
    rows = await room.app.library.rows(await room.app.library.numbers(room.panels.sessions.filter()))
    session = next(row.session for row in rows if row.session.title == subject)
    await room.app.queue.add(session.connection, session.session_id, due_at=due_at)
    return session.session_id


def shown(room: Room) -> str:
    label = room.panels.status.queue
    return label.text() if label.isVisible() else ""


async def test_the_status_says_where_one_stands_and_how_long_the_rest_takes(room: Room) -> None:
    await room.open(FIRST)
    assert shown(room) == ""
    await put(room, FIRST)
    await put(room, SECOND)
    # 2:55 and 4:23
    await room.until(lambda: shown(room) == "1 of 2 in the queue, 8 min left at 1×")
    assert room.panels.status.queue.accessibleName() == "Queue"
    room.app.playback.set_speed(2.0)
    assert shown(room) == "1 of 2 in the queue, 4 min left at 2×"
    await room.until(lambda: room.app.playback.state.duration_ms)
    room.app.playback.seek(170_000)
    await room.until(lambda: shown(room) == "1 of 2 in the queue, 3 min left at 2×")
    await room.open("Opening hours")
    await room.until(lambda: shown(room) == "")


async def test_the_next_of_the_queue_opens_with_its_data_already_here(room: Room) -> None:
    first, second = await put(room, FIRST), await put(room, SECOND)
    await room.open(FIRST)
    name = room.desk.playback.session
    assert name is not None
    await room.until(lambda: room.app.ahead.is_ready(name.connection.name, second))
    room.desk.queueing.go_on()
    await room.until(lambda: room.panels.player.title.text() == SECOND)
    await room.until(lambda: not room.tasks.running("open-session"))
    actions = [event.action for event in await room.app.audit.show() if event.session_id == second]
    assert actions[:3] == ["queue.added", "session.prefetched", "session.opened"]
    assert "recording.prefetched" not in actions
    assert first != second


async def test_the_next_recording_comes_once_this_one_is_whole_where_its_connection_allows_it(room: Room) -> None:
    await put(room, FIRST)
    second = await put(room, SECOND)
    await room.app.allowing.allow_prefetch("Oshara demo", True)
    await room.open(FIRST)

    async def fetched() -> list[str | None]:
        return [one.session_id for one in await room.app.audit.show() if one.action == "recording.prefetched"]

    await room.until(lambda: room.app.playback.state.verified and not room.tasks.running("queue-bring"))
    await room.until(lambda: not room.tasks.running("queue-recording"))
    assert await fetched() == [second]


async def test_a_row_says_until_when_it_is_due(room: Room) -> None:
    await put(room, FIRST, due_at=datetime(2031, 3, 5, 12, tzinfo=UTC))
    shown_rows = room.panels.sessions.list.sessions
    await room.until(
        lambda: any(
            FIRST in (text := shown_rows.row_text(at)) and "due 5 Mar" in text for at in range(shown_rows.rowCount())
        )
    )


async def test_at_the_end_of_the_queue_that_is_said(room: Room) -> None:
    await put(room, FIRST)
    await room.open(FIRST)
    await room.until(lambda: shown(room).startswith("1 of 1 in the queue"))
    room.desk.queueing.go_on()
    await room.until(lambda: "Nothing is left in the queue." in room.panels.messages.text())
    assert room.panels.player.title.text() == FIRST


async def test_outside_of_the_queue_the_next_in_the_list_opens(room: Room) -> None:
    await put(room, SECOND)
    await room.open(FIRST)
    await room.until(lambda: not room.tasks.running("queue-look"))
    rows = room.panels.sessions.list.sessions
    at = next(at for at in range(rows.rowCount()) if FIRST in rows.row_text(at))
    expected = rows.row(at + 1)
    assert expected is not None
    room.desk.queueing.go_on()
    await room.until(lambda: room.panels.player.title.text() == expected.session.title)


@pytest.mark.parametrize(
    ("left_ms", "untold", "speed", "words"),
    [
        (6_720_000, 0, 1.0, "12 of 40 in the queue, 1 h 52 min left at 1×"),
        (6_720_000, 3, 1.5, "12 of 40 in the queue, at least 1 h 15 min left at 1.5×"),
        (1, 0, 3.0, "12 of 40 in the queue, 1 min left at 3×"),
        (0, 0, 1.0, "12 of 40 in the queue, 0 min left at 1×"),
    ],
)
def test_time_left_in_words(left_ms: float, untold: int, speed: float, words: str) -> None:
    progress = QueueProgress(at=12, total=40, left=28, left_ms=0, untold=untold)
    assert queue_words(progress, left_ms, speed) == words


def test_of_a_session_that_is_done_the_line_says_so() -> None:
    done = QueueProgress(at=12, total=40, done=True, left=28, left_ms=0, untold=0)
    assert queue_words(done, 60_000, 1.0) == "12 of 40 in the queue done, 1 min left at 1×"
    last = QueueProgress(at=40, total=40, done=True, left=0, left_ms=0, untold=0)
    assert queue_words(last, 0, 1.0) == "40 of 40 in the queue done"
